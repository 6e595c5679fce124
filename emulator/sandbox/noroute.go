package sandbox

import (
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// NearestPath is the path of an operation that a path was probably meant to be, with the request's own ids in it; "" if none is near.
func (p *Provider) NearestPath(path string) string {
	if !p.Scenario.Infer || len(path) > 500 {
		return ""
	}
	given := strings.Split(strings.Trim(path, "/"), "/")
	var known []string
	for _, op := range p.Contract.Operations() {
		if len(op.Segments) == len(given) {
			known = append(known, asked(op, given))
		} else if strings.HasSuffix(op.Path, "/"+strings.Trim(path, "/")) {
			return op.Path
		}
	}
	return scenarios.Nearest("/"+strings.Join(given, "/"), known)
}

// asked is an operation's path with the request's segments for its parameters.
func asked(op *openapi.Operation, given []string) string {
	var b strings.Builder
	for i, segment := range op.Segments {
		b.WriteByte('/')
		if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
			segment = given[i]
		}
		b.WriteString(segment)
	}
	return b.String()
}

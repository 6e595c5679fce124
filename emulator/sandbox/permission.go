package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// access is how much a permission allows. Who may write may read.
type access int8

const (
	toRead access = iota + 1
	toWrite
)

func (a access) String() string {
	if a == toRead {
		return "read"
	}
	return "write"
}

// permission is what an operation needs, or a key has.
type permission struct {
	resource string // "*" = all
	access   access
}

func (p permission) String() string { return p.resource + ":" + p.access.String() }

// parsePermission reads RESOURCE:read, RESOURCE:write, or * for everything.
func parsePermission(s string) (permission, bool) {
	if s == "*" {
		return permission{"*", toWrite}, true
	}
	resource, word, _ := strings.Cut(s, ":")
	switch word {
	case "read":
		return permission{resource, toRead}, resource != ""
	case "write":
		return permission{resource, toWrite}, resource != ""
	}
	return permission{}, false
}

var versionSegment = regexp.MustCompile(`^v[0-9]+$`)

// permissionOf is what an operation needs: the resource that its path shows
// first after the version, to read for GET and to write for all else, unless
// the scenario says otherwise.
func permissionOf(op *openapi.Operation, spec *scenarios.Operation) permission {
	need := permission{"root", toWrite}
	if op.Method == "GET" || op.Method == "HEAD" {
		need.access = toRead
	}
	segments := op.Segments
	if i := slices.IndexFunc(segments, versionSegment.MatchString); i >= 0 {
		segments = segments[i+1:]
	}
	for _, segment := range segments {
		if segment != "" && !strings.Contains(segment, "{") {
			need.resource = segment
			break
		}
	}
	resource, word, said := strings.Cut(spec.Permission, ":")
	if resource != "" {
		need.resource = resource
	}
	if said {
		need.access = map[string]access{"read": toRead, "write": toWrite}[word]
	}
	return need
}

// permissionNames lists the resources that keys may be limited to.
func (p *Provider) permissionNames() ([]string, error) {
	var names []string
	for _, op := range p.Contract.Operations() {
		spec, err := p.specs[op.Key()], error(nil)
		if spec == nil {
			spec = &scenarios.Operation{}
		} else if spec, err = spec.Whole(); err != nil {
			return nil, err
		}
		if spec.Auth != "none" && (spec.Verb != "" || string(op.Field("security")) != "[]") {
			names = append(names, permissionOf(op, spec).resource)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// wrongPermissions says which entries of a list no operation asks for.
func (p *Provider) wrongPermissions(list []string) ([]openapi.Violation, error) {
	names, err := p.permissions()
	if err != nil {
		return nil, err
	}
	var out []openapi.Violation
	if len(list) == 0 {
		out = append(out, openapi.Violation{Pointer: "/body/permissions", Rule: "permission", Expected: "at least one permission"})
	}
	for i, s := range list {
		if one, ok := parsePermission(s); ok && (one.resource == "*" || slices.Contains(names, one.resource)) {
			continue
		}
		pointer := fmt.Sprintf("/body/permissions/%d", i)
		out = append(out, openapi.Violation{
			Pointer: pointer, Rule: "permission", Got: openapi.Show(pointer, s),
			Expected: "*, or :read or :write after * or one of " + strings.Join(names, ", "),
		})
	}
	return out, nil
}

// grants is what a key may do.
type grants struct {
	list []string
	all  access
	to   map[string]access
}

func newGrants(list []string) *grants {
	g := &grants{list: list, to: map[string]access{}}
	for _, s := range list {
		switch one, ok := parsePermission(s); {
		case !ok:
		case one.resource == "*":
			g.all = max(g.all, one.access)
		default:
			g.to[one.resource] = max(g.to[one.resource], one.access)
		}
	}
	return g
}

// allow reports whether the key may do that. Nil grants may do everything.
func (g *grants) allow(need permission) bool {
	if g == nil || g.all >= need.access {
		return true
	}
	return need.resource != "*" && g.to[need.resource] >= need.access
}

// beyond is the first of a list that goes beyond the grants.
func (g *grants) beyond(list []string) (permission, bool) {
	for _, s := range list {
		if one, ok := parsePermission(s); ok && !g.allow(one) {
			return one, true
		}
	}
	return permission{}, false
}

// Permit refuses what the caller's key was not given. Keys for development
// and sessions may do everything.
func (b *Binding) Permit(who *Identity) error {
	if who == nil || who.grants.allow(b.needs) {
		return nil
	}
	return b.provider.forbid(who, b.needs, "this key")
}

// forbid names what was needed and what was granted.
func (p *Provider) forbid(who *Identity, need permission, what string) *Refusal {
	granted := slices.Clone(who.grants.list)
	r := p.Refuse(ReasonForbidden, fmt.Sprintf("%s needs %s and has %s", what, need, strings.Join(granted, ", ")))
	list := make([]any, len(granted))
	for i, s := range granted {
		list[i] = s
	}
	r.Details = map[string]any{"required": need.String(), "granted": list}
	return r
}

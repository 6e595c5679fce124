package sandbox

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// maxUndeclared bounds what is said about one request.
const maxUndeclared = 10

// Undeclared finds what a request says that the contract knows nothing of:
// usually a typing mistake. Contracts leave objects open, so it is no
// violation; it is ignored, and that is worth a word.
func (b *Binding) Undeclared(query string, body any) []openapi.Violation {
	var found []openapi.Violation
	if query != "" {
		found = b.undeclaredQuery(query)
	}
	if b.Plan.Body != nil {
		for _, schema := range b.Plan.Body.Media {
			found = undeclaredIn(found, schema, body, "/body", maxForms)
		}
	}
	return found[:min(len(found), maxUndeclared)]
}

func (b *Binding) undeclaredQuery(query string) (found []openapi.Violation) {
	sent, err := url.ParseQuery(query)
	if err != nil {
		return nil // decoding has said so
	}
	known := map[string]bool{"include": b.Includes()}
	for _, p := range b.Plan.Params {
		if p.In == "query" {
			for _, name := range p.Names() {
				known[name] = true
			}
		}
	}
	for _, name := range sortedKeys(sent) {
		stem, _, _ := strings.Cut(name, "[")
		if !known[name] && !known[stem] {
			found = append(found, unknownName("/query/"+name, name, known))
		}
	}
	return found
}

// undeclaredIn goes through the objects of a body that name their properties.
func undeclaredIn(found []openapi.Violation, schema *openapi.Schema, v any, pointer string, depth int) []openapi.Violation {
	if schema == nil || depth == 0 || len(found) >= maxUndeclared {
		return found
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v[:min(len(v), maxUndeclared)] {
			found = undeclaredIn(found, schema.Items(), item, pointer+"/"+strconv.Itoa(i), depth-1)
		}
	case map[string]any:
		known := map[string]bool{}
		declare(known, schema, depth)
		if len(known) == 0 {
			return found // any name is right
		}
		for _, name := range sortedKeys(v) {
			if !known[name] {
				found = append(found, unknownName(pointer+"/"+name, name, known))
			} else if schema.Has(name) {
				found = undeclaredIn(found, schema.Property(name), v[name], pointer+"/"+name, depth-1)
			}
		}
	}
	return found
}

func unknownName(pointer, name string, known map[string]bool) openapi.Violation {
	expected := "a name that the contract declares"
	if near := scenarios.Nearest(name, sortedKeys(known)); near != "" {
		expected = near
	}
	return openapi.Violation{Pointer: pointer, Rule: "unknown", Expected: expected}
}

// Mistaken says of what is missing that it may be there under a name with a typing mistake, where no dialect has words of its own.
func (b *Binding) Mistaken(violations []openapi.Violation, body any) {
	if !b.provider.ownWords() || body == nil {
		return
	}
	for i := range violations {
		v := &violations[i]
		if v.Rule != "required" || !strings.HasPrefix(v.Pointer, "/body/") {
			continue
		}
		for _, stray := range b.Undeclared("", body) {
			at := strings.LastIndexByte(v.Pointer, '/')
			if strings.HasPrefix(stray.Pointer, v.Pointer[:at+1]) && v.Pointer[at+1:] == stray.Expected {
				v.Got = "nothing, but " + strconv.Quote(openapi.Mask(clipName(stray.Pointer[strings.LastIndexByte(stray.Pointer, '/')+1:]))) + " is there"
			}
		}
	}
}

package openapi

import (
	"slices"
	"strconv"
	"strings"
)

// The media types that say how a change is written.
const (
	MediaJSONPatch  = "application/json-patch+json"
	MediaMergePatch = "application/merge-patch+json"
)

// maxGrown bounds what copies inside one patch may make of a document.
const maxGrown = 10 * MaxMembers

// ApplyMerge applies a JSON Merge Patch (RFC 7396): null takes a property away, an object goes into an object, everything else replaces. Neither
// argument is changed, and what is returned may share with both.
func ApplyMerge(doc, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	old, _ := doc.(map[string]any)
	merged := make(map[string]any, len(old)+len(changes))
	for name, v := range old {
		merged[name] = v
	}
	for name, v := range changes {
		if v == nil {
			delete(merged, name)
		} else {
			merged[name] = ApplyMerge(merged[name], v)
		}
	}
	return merged
}

// ApplyPatch applies the operations of a JSON Patch (RFC 6902), all of them or none: doc is not changed. The violation's pointer is relative to the
// list of operations and names the one that fails: "/2/path". On the way through a list, @name=='value' means the item whose property has the value.
func ApplyPatch(doc any, ops []any) (any, *Violation) {
	p := patcher{root: copyValue(doc), left: maxGrown}
	for i, op := range ops {
		if !p.apply(op) {
			p.bad.Pointer = "/" + strconv.Itoa(i) + p.bad.Pointer
			return nil, p.bad
		}
	}
	if depthBeyond(p.root, MaxDepth) {
		return nil, &Violation{Rule: "limit", Expected: "a result of at most " + strconv.Itoa(MaxDepth) + " levels", Got: "more"}
	}
	return p.root, nil
}

func depthBeyond(v any, most int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if most == 0 || depthBeyond(item, most-1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return most == 0 || depthBeyond(item, most-1) })
	}
	return false
}

// patcher changes a copy. A method that returns false has set bad.
type patcher struct {
	root any
	left int
	bad  *Violation
}

func (p *patcher) refuse(pointer, rule, expected, got string) bool {
	p.bad = &Violation{Pointer: pointer, Rule: rule, Expected: expected, Got: got}
	return false
}

func (p *patcher) apply(raw any) bool {
	op, ok := raw.(map[string]any)
	if !ok {
		return p.refuse("", "type", "object", kindOfValue(raw))
	}
	word, ok := p.word(op, "op")
	if !ok {
		return false
	}
	run, ok := map[string]func(op map[string]any, path []string) bool{
		"add": p.add, "remove": p.remove, "replace": p.replace, "move": p.move, "copy": p.copy, "test": p.test,
	}[word]
	if !ok {
		return p.refuse("/op", "enum", "add, remove, replace, move, copy or test", describe(word, false))
	}
	path, ok := p.pointer(op, "path")
	return ok && run(op, path)
}

func (p *patcher) word(op map[string]any, name string) (string, bool) {
	v, there := op[name]
	if !there {
		return "", p.refuse("/"+name, "required", "string", "nothing")
	}
	text, ok := v.(string)
	if !ok {
		return "", p.refuse("/"+name, "type", "string", kindOfValue(v))
	}
	return text, true
}

// pointer reads a JSON pointer (RFC 6901).
func (p *patcher) pointer(op map[string]any, name string) ([]string, bool) {
	text, ok := p.word(op, name)
	if !ok || text == "" {
		return nil, ok
	}
	bare := strings.ReplaceAll(strings.ReplaceAll(text, "~0", ""), "~1", "")
	if text[0] != '/' || strings.Contains(bare, "~") {
		return nil, p.refuse("/"+name, "pointer", "a JSON pointer such as /items/0, ~ written ~0 and / written ~1", show(text))
	}
	tokens := strings.Split(text[1:], "/")
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, true
}

// given is the value of an operation that needs one; null is one too.
func (p *patcher) given(op map[string]any) (any, bool) {
	v, there := op["value"]
	if !there {
		return nil, p.refuse("/value", "required", "a value", "nothing")
	}
	return copyValue(v), true
}

func (p *patcher) add(op map[string]any, path []string) bool {
	v, ok := p.given(op)
	return ok && p.put(path, v, false)
}

func (p *patcher) replace(op map[string]any, path []string) bool {
	v, ok := p.given(op)
	if !ok {
		return false
	}
	if _, ok := p.find("/path", path); !ok {
		return false
	}
	return p.put(path, v, true)
}

func (p *patcher) remove(_ map[string]any, path []string) bool {
	if _, ok := p.find("/path", path); !ok {
		return false
	}
	return p.take("/path", path)
}

func (p *patcher) move(op map[string]any, path []string) bool {
	from, ok := p.pointer(op, "from")
	if !ok {
		return false
	}
	v, ok := p.find("/from", from)
	switch {
	case !ok:
		return false
	case slices.Equal(from, path):
		return true
	case len(from) < len(path) && slices.Equal(from, path[:len(from)]):
		return p.refuse("/path", "move", "a place outside what is moved", show("/"+strings.Join(path, "/")))
	}
	return p.take("/from", from) && p.put(path, v, false)
}

func (p *patcher) copy(op map[string]any, path []string) bool {
	from, ok := p.pointer(op, "from")
	if !ok {
		return false
	}
	v, ok := p.find("/from", from)
	if !ok {
		return false
	}
	if p.left -= members(v); p.left < 0 {
		return p.refuse("", "limit", "copies of at most "+strconv.Itoa(maxGrown)+" members", "more")
	}
	return p.put(path, copyValue(v), false)
}

func (p *patcher) test(op map[string]any, path []string) bool {
	want, ok := p.given(op)
	if !ok {
		return false
	}
	have, ok := p.find("/path", path)
	if !ok {
		return false
	}
	if !sameValue(have, want) {
		secret := secretPath(path)
		return p.refuse("/value", "test", describe(have, secret), describe(want, secret))
	}
	return true
}

// members counts a value and everything in it.
func members(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			n += members(item)
		}
	case []any:
		for _, item := range v {
			n += members(item)
		}
	}
	return n
}

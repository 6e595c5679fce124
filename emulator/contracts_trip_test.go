package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// contractUnderTest is a document being served, and what is inferred about it.
type contractUnderTest struct {
	t        *testing.T
	handler  http.Handler
	provider *sandbox.Provider
	doc      *openapi.Document

	inference *scenarios.Inference
	byKind    map[string]map[string][]*scenarios.Operation // kind -> verb -> operations
	kinds     []string                                     // in the order of the document
	requests  int64
}

func (c *contractUnderTest) say(format string, args ...any) {
	if *contractsOut {
		c.t.Logf(format, args...)
	}
}

func (c *contractUnderTest) learn() {
	c.inference = scenarios.NewInference(c.doc)
	c.byKind = map[string]map[string][]*scenarios.Operation{}
	for _, op := range c.doc.Operations() {
		guess, _, ok := c.inference.Operation(op.Key())
		if !ok || guess.Kind == "" {
			continue
		}
		if c.byKind[guess.Kind] == nil {
			c.byKind[guess.Kind] = map[string][]*scenarios.Operation{}
			c.kinds = append(c.kinds, guess.Kind)
		}
		c.byKind[guess.Kind][guess.Verb] = append(c.byKind[guess.Kind][guess.Verb], guess)
	}
}

// creatable are the kinds that can be made and read back, by replies that the contract describes.
func (c *contractUnderTest) creatable() (out []string) {
	for _, kind := range c.kinds {
		verbs := c.byKind[kind]
		makers := append(slices.Clone(verbs["create"]), verbs["put"]...)
		if len(makers) > 0 && len(verbs["read"]) > 0 && (c.shows(makers[0]) || len(verbs["put"]) > 0) && c.shows(verbs["read"][0]) {
			out = append(out, kind)
		}
	}
	return out
}

// shows reports an operation whose success reply has a body.
func (c *contractUnderTest) shows(op *scenarios.Operation) bool {
	contractOp, _ := c.doc.Operation(op.Key)
	plan, err := c.doc.Plan(contractOp)
	if err != nil {
		return false
	}
	reply := plan.Reply(plan.Success)
	return reply != nil && reply.Schema != nil
}

// trip is one object on its way from creation to removal.
type trip struct {
	*contractUnderTest
	kind string
	ids  map[string]string // kind -> id, its own and its parents'
	id   string
}

func (c *contractUnderTest) roundTrip(kind string) string {
	made, bad := c.make(kind, map[string]string{}, 0)
	if bad != "" {
		return bad
	}
	tr := &trip{c, kind, made.ids, made.id}
	steps := []func() string{func() string { return tr.reads(made.sent) }, tr.lists, tr.updates, tr.removes}
	for _, step := range steps {
		if bad := step(); bad != "" {
			return bad
		}
	}
	return ""
}

// made is an object that was created.
type made struct {
	id   string
	ids  map[string]string
	sent any
}

// make creates an object of a kind, and before it what it belongs to or refers to.
func (c *contractUnderTest) make(kind string, ids map[string]string, depth int) (made, string) {
	verbs := c.byKind[kind]
	if len(verbs["create"])+len(verbs["put"]) == 0 || depth > 4 {
		return made{}, "nothing makes a " + kind
	}
	op := append(slices.Clone(verbs["create"]), verbs["put"]...)[0]
	for _, w := range op.Within {
		if ids[w.Kind] != "" {
			continue
		}
		parent, bad := c.make(w.Kind, ids, depth+1)
		if bad != "" {
			return made{}, "its parent: " + bad
		}
		ids[w.Kind] = parent.id
	}
	contractOp, _ := c.doc.Operation(op.Key)
	own := ""
	if op.Verb == "put" {
		own = c.ownID(kind, contractOp)
	}
	r := c.request(contractOp, c.along(op, ids, own))
	if bad := c.refer(kind, r, ids, depth); bad != "" {
		return made{}, bad
	}
	reply := c.send(r)
	if reply.status/100 != 2 {
		return made{}, fmt.Sprintf("%s: %d\n    sent %s\n    got %s", op.Key, reply.status, clipped(r.text), clipped(string(reply.raw)))
	}
	object := c.object(op.Key, reply)
	id := c.idOf(kind, object)
	if op.Verb == "put" {
		id = r.params[lastName(contractOp.Path)]
	}
	if id == "" && !c.single(kind) {
		return made{}, fmt.Sprintf("%s: no id in %s", op.Key, clipped(string(reply.raw)))
	}
	ids[kind] = id
	return made{id, ids, r.body}, ""
}

// ownID is an id that a caller may give: one that the kind's objects can show, "" = any.
func (c *contractUnderTest) ownID(kind string, op *openapi.Operation) string {
	for _, read := range c.byKind[kind]["read"] {
		of, _ := c.doc.Operation(read.Key)
		if id := c.shownAs(of, lastName(op.Path)); id != "" {
			return id
		}
	}
	return ""
}

// shownAs invents a value that an operation's reply could show under a name, "" if it shows none.
func (c *contractUnderTest) shownAs(op *openapi.Operation, name string) string {
	plan, err := c.doc.Plan(op)
	if err != nil || plan.Reply(plan.Success) == nil {
		return ""
	}
	shown := scenarios.ShapeOf(plan.Reply(plan.Success).Schema, false).Object
	if shown == nil || shown.Property(name) == nil {
		return ""
	}
	c.requests++
	return wireText(shown.Property(name).Sample(openapi.NewFaker(uint64(c.requests), instant), nil))
}

// single reports a kind of which its parent has one.
func (c *contractUnderTest) single(kind string) bool {
	spec, err := c.inference.Resource(kind)
	return err == nil && spec != nil && spec.Singleton
}

// refer gives the body's references the ids of objects that are there.
func (c *contractUnderTest) refer(kind string, r *contractRequest, ids map[string]string, depth int) string {
	body, _ := r.body.(map[string]any)
	spec, err := c.inference.Resource(kind)
	if err != nil || spec == nil || body == nil {
		return ""
	}
	for _, ref := range spec.References {
		if _, sent := body[ref.Name].(string); !sent {
			continue
		}
		if ids[ref.Value] == "" && ref.Value != kind {
			if other, bad := c.make(ref.Value, map[string]string{}, depth+1); bad == "" {
				ids[ref.Value] = other.id
			}
		}
		if body[ref.Name] = ids[ref.Value]; ids[ref.Value] == "" {
			delete(body, ref.Name)
		}
	}
	r.encode()
	return ""
}

// along are an operation's path parameters: the parents' ids and the object's own.
func (c *contractUnderTest) along(op *scenarios.Operation, ids map[string]string, own string) map[string]string {
	out := map[string]string{}
	for _, w := range op.Within {
		out[paramOf(w.ID)] = ids[w.Kind]
	}
	_, path, _ := strings.Cut(op.Key, " ")
	if name := ownName(op, path); own != "" && out[name] == "" {
		out[name] = own
	}
	return out
}

// paramOf is the path parameter that an expression is, "" = it is none.
func paramOf(expr string) string {
	name, ok := strings.CutPrefix(expr, "request.path")
	if !ok {
		return ""
	}
	if quoted, ok := strings.CutPrefix(name, `["`); ok {
		return strings.TrimSuffix(quoted, `"]`)
	}
	return strings.TrimPrefix(name, ".")
}

// ownName is the path parameter that names the object itself.
func ownName(op *scenarios.Operation, path string) string {
	if name := paramOf(op.ID); name != "" {
		return name
	}
	return lastName(path)
}

// nearest is the operation of a verb whose path needs no more than what the trip knows.
func (t *trip) nearest(verb string) *scenarios.Operation {
	ops := t.byKind[t.kind][verb]
	if len(ops) == 0 {
		return nil
	}
	for _, op := range ops {
		// of several paths of one shape, the one that this object's id means
		method, path, _ := strings.Cut(op.Key, " ")
		for name, v := range t.along(op, t.ids, t.id) {
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(v))
		}
		if found, _, _ := t.provider.Router.Find(method, path); found != nil && found.Key() != op.Key {
			continue
		}
		if strings.Count(op.Key, "{") <= len(t.along(op, t.ids, t.id)) && !slices.ContainsFunc(op.Within, func(w scenarios.Within) bool { return t.ids[w.Kind] == "" }) {
			return op
		}
	}
	return ops[0]
}

func lastName(path string) string {
	i, j := strings.LastIndexByte(path, '{'), strings.LastIndexByte(path, '}')
	if i < 0 || j < i {
		return ""
	}
	return path[i+1 : j]
}

// object is what a success reply is about.
func (c *contractUnderTest) object(key string, reply *contractReply) map[string]any {
	v := reply.value
	if reply.schema == nil {
		return nil
	}
	for _, name := range scenarios.ShapeOf(reply.schema, false).Path {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	object, _ := v.(map[string]any)
	if data, ok := object["data"].(map[string]any); ok && reply.schema.Property("data").Type() == "" {
		return data // the contract says nothing about what is in it
	}
	return object
}

func (c *contractUnderTest) idOf(kind string, object map[string]any) string {
	fields := []string{"id", "uid", "uuid", kind + "_id"} // a reply may show the id under another name than its kind does
	if spec, err := c.inference.Resource(kind); err == nil && spec != nil && spec.IDField != "" {
		fields = append([]string{spec.IDField}, fields...)
	}
	for _, field := range fields {
		switch v := object[field].(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// reads looks at the object again: it is the same one, and shows what was sent.
func (t *trip) reads(sent any) string {
	op := t.nearest("read")
	contractOp, _ := t.doc.Operation(op.Key)
	reply := t.send(t.request(contractOp, t.along(op, t.ids, t.id)))
	if reply.status/100 != 2 || reply.broken() != "" {
		return fmt.Sprintf("%s: %d %s %s", op.Key, reply.status, reply.broken(), clipped(string(reply.raw)))
	}
	object := t.object(op.Key, reply)
	if got := t.idOf(t.kind, object); got != "" && got != t.id {
		return fmt.Sprintf("%s: id %s, want %s", op.Key, got, t.id)
	}
	schema := reply.schema
	for _, name := range scenarios.ShapeOf(schema, false).Path {
		schema = schema.Property(name)
	}
	if schema == nil {
		return op.Key + ": shows nothing"
	}
	body, _ := sent.(map[string]any)
	for name, v := range body {
		if property := schema.Property(name); plainScalar(v) && property != nil && property.Validate(v, "") == nil && !t.engines(name) {
			if fmt.Sprint(object[name]) != fmt.Sprint(v) {
				return fmt.Sprintf("%s: %s is %v, sent %v", op.Key, name, object[name], v)
			}
		}
	}
	return ""
}

// engines tells properties that no caller may set: identity, state and times.
func (t *trip) engines(name string) bool {
	spec, err := t.inference.Resource(t.kind)
	if err != nil || spec == nil {
		return name == "id"
	}
	field := spec.IDField
	if field == "" {
		field = "id"
	}
	stamped := spec.Stamps != nil && (name == spec.Stamps.Created || name == spec.Stamps.Updated)
	return name == field || name == spec.Status.Field || stamped || openapi.SecretName(name)
}

func plainScalar(v any) bool {
	switch v.(type) {
	case string, json.Number, bool:
		return true
	}
	return false
}

func (t *trip) lists() string {
	for _, op := range t.byKind[t.kind]["list"] {
		contractOp, _ := t.doc.Operation(op.Key)
		r := t.request(contractOp, t.along(op, t.ids, ""))
		reply := t.send(r)
		if reply.status/100 != 2 || reply.broken() != "" {
			return fmt.Sprintf("%s: %d %s %s", op.Key, reply.status, reply.broken(), clipped(string(reply.raw)))
		}
		if len(r.query) == 0 && !strings.Contains(string(reply.raw), t.id) && len(op.Where) == 0 {
			return fmt.Sprintf("%s: %s is not in %s", op.Key, t.id, clipped(string(reply.raw)))
		}
		if total := told(reply.value, op, "total"); total == "0" && len(r.query) == 0 && len(op.Where) == 0 {
			return fmt.Sprintf("%s: the total is 0 in %s", op.Key, clipped(string(reply.raw)))
		}
	}
	return ""
}

// told is a part of a page, such as its total, "" if the list has none.
func told(v any, op *scenarios.Operation, part string) string {
	if op.Pages == nil {
		return ""
	}
	for name, means := range op.Pages.Fields {
		if means != part {
			name, means = means, name
		}
		if means != part {
			continue
		}
		for _, step := range strings.Split(name, ".") {
			inner, _ := v.(map[string]any)
			v = inner[step]
		}
		if n, ok := v.(json.Number); ok {
			return n.String()
		}
	}
	return ""
}

// leaves looks for what was removed in the lists that had it.
func (t *trip) leaves() string {
	for _, op := range t.byKind[t.kind]["list"] {
		contractOp, _ := t.doc.Operation(op.Key)
		if reply := t.send(t.request(contractOp, t.along(op, t.ids, ""))); slices.Contains(idsIn(reply.value), t.id) {
			return fmt.Sprintf("%s: %s is removed, and still in %s", op.Key, t.id, clipped(string(reply.raw)))
		}
	}
	return ""
}

// idsIn are the ids of the objects of a list, wherever it stands.
func idsIn(v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if _, list := member.([]any); list {
				out = append(out, idsIn(member)...)
			} else if inner, object := member.(map[string]any); object {
				out = append(out, idsIn(inner)...)
			}
		}
	case []any:
		for _, item := range v {
			object, _ := item.(map[string]any)
			for _, name := range []string{"id", "uid", "uuid"} {
				if object[name] != nil {
					out = append(out, wireText(object[name]))
				}
			}
		}
	}
	return out
}

func (t *trip) updates() string {
	for _, op := range t.byKind[t.kind]["update"] {
		if op.Copy != nil || !strings.Contains(op.Key, "{") && !t.single(t.kind) {
			continue // an action, or a change whose body names the object
		}
		contractOp, _ := t.doc.Operation(op.Key)
		r := t.request(contractOp, t.along(op, t.ids, t.id))
		if bad := t.refer(t.kind, r, t.ids, 0); bad != "" {
			return bad
		}
		reply := t.send(r)
		if reply.status/100 != 2 || reply.broken() != "" {
			return fmt.Sprintf("%s: %d %s\n    sent %s\n    got %s", op.Key, reply.status, reply.broken(), clipped(r.text), clipped(string(reply.raw)))
		}
		if op.Patch == "" {
			if bad := t.reads(r.body); bad != "" {
				return "after " + op.Key + ": " + bad
			}
		}
	}
	return ""
}

func (t *trip) removes() string {
	op := t.nearest("remove")
	if op == nil {
		return ""
	}
	contractOp, _ := t.doc.Operation(op.Key)
	reply := t.send(t.request(contractOp, t.along(op, t.ids, t.id)))
	if reply.status/100 != 2 || reply.broken() != "" {
		return fmt.Sprintf("%s: %d %s %s", op.Key, reply.status, reply.broken(), clipped(string(reply.raw)))
	}
	read := t.nearest("read")
	contractOp, _ = t.doc.Operation(read.Key)
	if reply = t.send(t.request(contractOp, t.along(read, t.ids, t.id))); reply.status/100 != 4 {
		return fmt.Sprintf("%s: %d after it was removed", read.Key, reply.status)
	}
	return t.leaves()
}

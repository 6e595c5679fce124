package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// nature is what a kind is like beyond its shape, compiled.
type nature struct {
	whole    bool            // the contract says what the scenario does not: bodies are made to fit it …
	lean     bool            // … and no property is invented that need not be there: the scenario knows the kind
	idField  string          // property that shows the id, "" = none does
	idSchema *openapi.Schema // of it
	idForm   string
	stamps   scenarios.Stamps
	merge    map[string]bool   // properties whose members are changed one by one
	expand   map[string]string // property -> the kind that may be shown in its place
}

// resourceOf is what a kind is: as the scenario says, and where that says
// nothing as the contract shows it, if the scenario wants that.
func (p *Provider) resourceOf(short string) (*scenarios.Resource, error) {
	own := p.resource(short)
	if own != nil && (!p.Scenario.Infer || own == p.keys || own.Table != "") {
		return own, nil
	}
	inferred, err := p.inference.Resource(short)
	if err != nil && own != nil {
		return own, nil // what it lacks, it lacks
	}
	return own.Over(inferred), err
}

// objectOf finds the schema of a name under components, or the object that an
// operation's success reply is about.
func (p *Provider) objectOf(name string) (*openapi.Schema, error) {
	if spec := p.specs[name]; spec != nil {
		return objectFor(p.Contract, spec, name)
	}
	return ObjectOf(p.Contract, func() *scenarios.Inference { return p.inference }, name)
}

// has reports a kind of the scenario, or of a contract that fills it in.
func (p *Provider) has(short string) bool {
	if p.Scenario.Resource(short) != nil {
		return true
	}
	if !p.Scenario.Infer {
		return false
	}
	spec, err := p.inference.Resource(short)
	return err == nil && spec != nil
}

// kindNames are the kinds of the scenario, and those of a contract that fills
// it in.
func (p *Provider) kindNames() []string {
	var out []string
	for _, r := range p.Scenario.Resources {
		out = append(out, r.Kind)
	}
	if p.Scenario.Infer {
		for _, kind := range p.inference.Kinds() {
			if !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// ObjectOf finds the schema of a name under components, or the object that an
// operation's success reply is about; nil if it is about none.
func ObjectOf(doc *openapi.Document, from func() *scenarios.Inference, name string) (*openapi.Schema, error) {
	if _, ok := doc.Operation(name); !ok {
		return doc.Schema(name)
	}
	spec, _, _ := from().Operation(name)
	return objectFor(doc, spec, name)
}

func objectFor(doc *openapi.Document, spec *scenarios.Operation, name string) (*openapi.Schema, error) {
	op, ok := doc.Operation(name)
	if !ok {
		return doc.Schema(name)
	}
	plan, err := doc.Plan(op)
	if err != nil {
		return nil, err
	}
	reply := plan.Reply(successOf(plan, ""))
	if reply == nil || reply.Schema == nil {
		return nil, nil
	}
	list, envelope := false, ""
	if spec != nil {
		list, envelope = spec.Verb == "list", spec.Envelope
	}
	_, object := shapeIn(reply.Schema, list, envelope)
	return object, nil
}

// shapeIn finds where in a reply its object or list stands, and the schema of
// one object.
func shapeIn(reply *openapi.Schema, list bool, envelope string) (path []string, object *openapi.Schema) {
	if envelope == "" {
		shape := scenarios.ShapeOf(reply, list)
		switch {
		case shape.Object == nil:
			return nil, reply
		case len(shape.Path) == 0 && !list && isOpen(reply.Property("data")):
			return []string{"data"}, reply.Property("data")
		}
		return shape.Path, mainForm(shape.Object)
	}
	path, object = strings.Split(envelope, "."), reply
	for _, name := range path {
		if object = object.Property(name); object == nil {
			return nil, reply
		}
	}
	if list && object.Items() != nil {
		object = object.Items()
	}
	return path, mainForm(object)
}

// isOpen reports a schema that says nothing about its values.
func isOpen(s *openapi.Schema) bool {
	return s != nil && s.Type() == "" && len(s.Variants()) == 0 && s.Enum() == nil
}

// mainForm is the form of an object that is there, where a reply may also be
// that of one that was removed.
func mainForm(s *openapi.Schema) *openapi.Schema {
	var forms []*openapi.Schema
	for _, form := range s.Variants() {
		if !slices.Contains(form.Required(), "deleted") && len(form.Properties()) > 0 {
			forms = append(forms, form)
		}
	}
	if len(forms) == 1 && len(s.Required()) == 0 {
		return forms[0]
	}
	return s
}

// successOf is the status that a success of a verb has: of those declared, the
// one that says most about it.
func successOf(plan *openapi.Plan, verb string) int {
	if verb == "create" && plan.Replies[201] != nil {
		if plan.Replies[201].Schema != nil || plan.Success == 0 || plan.Replies[plan.Success].Schema == nil {
			return 201
		}
	}
	if plan.Success != 0 || plan.Reply(200) != nil {
		return cmp.Or(plan.Success, 200)
	}
	declared := make([]int, 0, len(plan.Replies))
	for status := range plan.Replies {
		if status < 400 {
			declared = append(declared, status)
		}
	}
	if len(declared) == 0 {
		return 200
	}
	return slices.Max(declared) // a redirection
}

// compileNature resolves what a kind is like.
func (p *Provider) compileNature(k *Kind) {
	spec := k.spec
	n := &k.nature
	n.whole = spec != p.keys && spec.Table == "" && (p.Scenario.Infer || p.resource(spec.Kind) == nil)
	n.lean = p.resource(spec.Kind) != nil
	n.idField = cmp.Or(spec.IDField, "id")
	if n.whole && spec.IDField != "" && k.shape != nil && !n.lean {
		k.shape[n.idField] = true // inference found no better place for it
	}
	if k.shape != nil && !k.shape[n.idField] {
		n.idField = ""
	}
	n.idForm = cmp.Or(spec.ID, p.Scenario.Dialect.ID)
	if k.schema != nil && n.idField != "" {
		n.idSchema = k.schema.Property(n.idField)
	}
	if n.whole && n.idSchema != nil && isNumeric(n.idSchema) {
		n.idForm = "integer"
	}
	d := p.Scenario.Dialect
	n.stamps = scenarios.Stamps{Created: d.Created, Updated: d.Updated, Time: d.Time}
	if spec.Stamps != nil {
		n.stamps = *spec.Stamps
		n.stamps.Time = cmp.Or(n.stamps.Time, d.Time)
	}
	n.merge, n.expand = map[string]bool{}, map[string]string{}
	for _, name := range spec.Merge {
		n.merge[name] = true
	}
	for _, pair := range slices.Concat(spec.References, spec.Expand) {
		n.expand[pair.Name] = pair.Value
	}
}

func isNumeric(s *openapi.Schema) bool { return s.Type() == "integer" || s.Type() == "number" }

// stampOf is an instant in the form that a property shows it in.
func (k *Kind) stampOf(p *Provider, property string, at time.Time) any {
	var s *openapi.Schema
	if k.schema != nil {
		s = k.schema.Property(property)
	}
	switch {
	case k.spec.Stamps == nil && !k.nature.whole || s == nil:
		return p.FormatTime(at)
	case isNumeric(s) && k.nature.stamps.Time == "unix-ms":
		return json.Number(strconv.FormatInt(at.UnixMilli(), 10))
	case isNumeric(s):
		return json.Number(strconv.FormatInt(at.Unix(), 10))
	case s.Format() == "date":
		return at.UTC().Format(time.DateOnly)
	case s.Type() == "string" && strings.HasPrefix(k.nature.stamps.Time, "unix"):
		return at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return formatTime(k.nature.stamps.Time, at)
}

// idText is an id as rows and paths have it, "" = it is none.
func idText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return string(v)
	case int, int64:
		return fmt.Sprint(v)
	case map[string]any:
		return idText(v["id"])
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

// idValue is an id as the kind's objects show it.
func (k *Kind) idValue(id string) any {
	if s := k.nature.idSchema; s != nil && isNumeric(s) {
		if _, err := strconv.ParseInt(id, 10, 64); err == nil {
			return json.Number(id)
		}
	}
	return id
}

// kindFor finds the kind whose objects a named schema shows, nil = none is
// known.
func (p *Provider) kindFor(s *openapi.Schema) *Kind {
	if s == nil || s.Name() == "" {
		return nil
	}
	for _, name := range []string{s.Name(), scenarios.SnakeCase(s.Name())} {
		if spec, err := p.resourceOf(name); err != nil || spec == nil {
			continue
		}
		if kind, err := p.Kind(name); err == nil && kind.schema != nil && kind.schema.Name() == s.Name() {
			return kind
		}
	}
	return nil
}

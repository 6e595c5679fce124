package scenarios

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// YAML writes what is inferred as a first scenario, to edit. As it is written
// it changes nothing: kinds say what was inferred of them, and operations are
// comments.
func (i *Inference) YAML(name string) ([]byte, error) {
	w := &writer{Inference: i, scenario: i.Scenario(name), made: map[string][]string{}}
	for _, o := range i.doc.Operations() {
		op, why, ok := i.Operation(o.Key())
		if !ok {
			op, why = &Operation{Key: o.Key(), Verb: "sample"}, "generated from the schema"
		}
		w.operations, w.whys = append(w.operations, op), append(w.whys, why)
		if op.Verb == "create" || op.Verb == "put" {
			w.made[op.Kind] = append(w.made[op.Kind], o.Key())
		}
	}
	w.head()
	if err := w.resources(); err != nil {
		return nil, err
	}
	w.all()
	w.out.WriteString(firstHints)
	return w.out.Bytes(), nil
}

type writer struct {
	*Inference
	scenario   *Scenario
	operations []*Operation
	whys       []string
	made       map[string][]string // kind -> the operations that make one
	out        bytes.Buffer
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

func (w *writer) head() {
	s := w.scenario
	w.line("# What the contract of %s says by itself. As it stands, this file changes nothing:", oneLine(s.Title))
	w.line("# what it leaves out is inferred from the contract (infer: true). `sandgate routes` shows")
	w.line("# what each operation does and why; `sandgate check` finds mistakes with file and line.")
	w.line("provider: %s", yamlText(s.Provider))
	w.line("title: %s", yamlText(oneLine(s.Title)))
	w.line("contract: %s", yamlText(s.Contract))
	w.line("infer: true")
	var known []string
	for _, c := range []struct{ name, value string }{{"email", s.Credentials.Email}, {"password", s.Credentials.Password}, {"key", s.Credentials.Key}, {"secret", s.Credentials.Secret}} {
		if c.value != "" {
			known = append(known, c.name+": "+yamlText(c.value))
		}
	}
	w.line("\n# What `sandgate` shows as credentials to try with; any that is not live-shaped works.")
	w.line("credentials: {%s}", strings.Join(known, ", "))
	if len(s.Auth.Credentials) > 0 {
		w.line("auth:\n  credentials:")
		for _, c := range s.Auth.Credentials {
			w.line("    - %s", credentialPlace(c))
		}
	}
	w.line("dialect: {id: %s, time: %s}", s.Dialect.ID, s.Dialect.Time)
	if s.Idempotency != nil {
		w.line("idempotency: %s", yamlList(s.Idempotency.Headers))
	}
}

// credentialPlace is where a credential stands.
func credentialPlace(c CredentialPlace) string {
	var parts []string
	for _, f := range []struct{ name, value string }{{"header", c.Header}, {"prefix", c.Prefix}, {"query", c.Query}, {"cookie", c.Cookie}} {
		if f.value != "" {
			parts = append(parts, f.name+": "+yamlText(f.value))
		}
	}
	if c.Basic {
		parts = append(parts, "basic: true")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// used are the kinds that operations are about, as the contract mentions them.
func (w *writer) used() []string {
	in := map[string]bool{}
	for _, op := range w.operations {
		in[op.Kind] = true
	}
	return slices.DeleteFunc(w.Kinds(), func(kind string) bool { return !in[kind] })
}

func (w *writer) resources() error {
	w.line("\nresources:")
	for _, kind := range w.used() {
		r, err := w.Resource(kind)
		if err != nil {
			return err
		}
		w.out.WriteByte('\n')
		switch made := w.made[kind]; {
		case r.Assumed:
			w.line("  # there before anybody made it")
		case len(made) == 0:
			w.line("  # nothing in the contract makes one: a seed may")
		default:
			w.line("  # made by %s", strings.Join(made, ", "))
		}
		w.line("  %s:", yamlText(kind))
		w.resource(r)
	}
	return nil
}

func (w *writer) resource(r *Resource) {
	before := w.out.Len()
	if len(r.Schema) > 0 {
		w.line("    schema: %s", yamlText(r.Schema[0]))
	}
	if r.ID != "" {
		w.line("    id: %s", yamlText(r.ID))
	}
	if r.IDField != "" {
		w.line("    id-field: %s", yamlText(r.IDField))
	}
	if r.Singleton {
		w.line("    singleton: true")
	}
	if r.Assumed {
		w.line("    assumed: true")
	}
	if p := r.Parent; p != nil && p.Field != "" {
		w.line("    parent: {kind: %s, field: %s}", yamlText(p.Kind), yamlText(p.Field))
	} else if p != nil {
		w.line("    parent: {kind: %s}", yamlText(p.Kind))
	}
	if s := r.Stamps; s != nil {
		w.line("    stamps: {%s}", strings.Join(nonEmpty("created", s.Created, "updated", s.Updated, "time", s.Time), ", "))
	}
	if len(r.Merge) > 0 {
		w.line("    merge: %s", yamlList(r.Merge))
	}
	if len(r.References) > 0 {
		w.line("    references: %s", yamlPairs(r.References))
	}
	if len(r.Expand) > 0 {
		w.line("    expand: %s", yamlPairs(r.Expand))
	}
	if r.Status.Field != "" {
		start, _ := (*r.Status.Start.Const).(string)
		w.line("    status: {field: %s, start: %s}", yamlText(r.Status.Field), yamlText(start))
	}
	if len(r.Moves) > 0 {
		w.line("    moves:")
		for _, m := range r.Moves {
			w.line("      %s: {from: %s, to: %s}", yamlText(m.Name), yamlList(m.From), yamlText(m.To))
		}
	}
	if w.out.Len() == before {
		w.line("    merge: []")
	}
}

// all writes the operations as comments.
func (w *writer) all() {
	w.line("\n# What each operation does. Take the # of one away to say it yourself.")
	w.line("operations:")
	for n, op := range w.operations {
		if op.Verb == "sample" {
			w.line("  #: %s: %s", op.Key, w.whys[n])
			continue
		}
		w.line("  # %s: {%s} # %s", yamlKey(op.Key), strings.Join(operationParts(op), ", "), w.whys[n])
	}
}

func operationParts(op *Operation) []string {
	parts := []string{op.Verb + ": " + yamlText(op.Kind)}
	parts = append(parts, nonEmpty("id", op.ID)...)
	if len(op.By) > 0 {
		parts = append(parts, "by: "+yamlList(op.By))
	}
	if len(op.Within) > 0 {
		var within []string
		for _, in := range op.Within {
			within = append(within, "{"+strings.Join(nonEmpty("kind", in.Kind, "id", in.ID), ", ")+"}")
		}
		parts = append(parts, "within: ["+strings.Join(within, ", ")+"]")
	}
	parts = append(parts, nonEmpty("envelope", op.Envelope, "patch", op.Patch, "idempotency", op.Idempotency)...)
	if op.Copy != nil {
		parts = append(parts, "copy: none")
	}
	if len(op.Set.Fields) > 0 {
		var set []string
		for _, f := range op.Set.Fields {
			set = append(set, yamlText(f.Name)+": "+yamlText(f.Value.Expr))
		}
		parts = append(parts, "set: {"+strings.Join(set, ", ")+"}")
	}
	if len(op.Where) > 0 {
		var where []string
		for _, f := range op.Where {
			where = append(where, yamlText(f.Param)+": {"+filterParts(f)+"}")
		}
		parts = append(parts, "where: {"+strings.Join(where, ", ")+"}")
	}
	if op.Pages != nil {
		parts = append(parts, "pages: "+pagesParts(op.Pages))
	}
	return parts
}

func filterParts(f Filter) string {
	parts := nonEmpty("field", f.Field)
	if len(f.Fields) > 0 {
		parts = append(parts, "fields: "+yamlList(f.Fields))
	}
	return strings.Join(append(parts, nonEmpty("op", f.Op, "value", f.Value, "when", f.When)...), ", ")
}

func pagesParts(p *Pages) string {
	parts := nonEmpty("page", p.Page, "limit", p.Limit, "offset", p.Offset, "cursor", p.Cursor, "after", p.After, "before", p.Before, "sort", p.Sort, "order", p.Order)
	if p.Size > 0 {
		parts = append(parts, "size: "+strconv.Itoa(p.Size))
	}
	if p.Max > 0 {
		parts = append(parts, "max: "+strconv.Itoa(p.Max))
	}
	if len(p.Fields) > 0 {
		var fields []Pair
		for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
			fields = append(fields, Pair{name, p.Fields[name]})
		}
		parts = append(parts, "fields: "+yamlPairs(fields))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// nonEmpty writes those of some names that have a value.
func nonEmpty(names ...string) (out []string) {
	for n := 0; n+1 < len(names); n += 2 {
		if names[n+1] != "" {
			out = append(out, names[n]+": "+yamlText(names[n+1]))
		}
	}
	return out
}

func yamlPairs(pairs []Pair) string {
	var out []string
	for _, p := range pairs {
		out = append(out, yamlText(p.Name)+": "+yamlText(p.Value))
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func yamlList(words []string) string {
	var out []string
	for _, word := range words {
		out = append(out, yamlText(word))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// plainYAML needs no quotes, wherever it stands.
var plainYAML = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

// otherYAML would be read as something else than text.
var otherYAML = wordSet("true false null yes no on off y n nan inf none")

func yamlText(s string) string {
	if plainYAML.MatchString(s) && !otherYAML[strings.ToLower(s)] {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return strconv.Quote(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// yamlKey is the key of an operation, whose braces need no quotes.
func yamlKey(key string) string {
	if strings.ContainsAny(key, "#'\"") || strings.Contains(key, ": ") || strings.HasSuffix(key, ":") {
		return yamlText(key)
	}
	return key
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstHints are what a user adds next.
const firstHints = `
# What comes next, as examples:
#
# Events, and how they are delivered (of a resource: emit: {create: PAYMENT.CREATED, update: PAYMENT.UPDATED}):
# webhooks:
#   signature: {header: X-Signature, scheme: "'hmac-sha256-hex'"}
#   timeout: 10s
#   retry: [0s, 1m, 5m, 1h]
#   body: {id: event.id, type: event.type, data: event.data}
#
# Time (of a move): expire: {from: [pending], to: expired, after: 24h}
#
# Refusals (of an operation), with their codes under errors:
#   require:
#     - {when: request.body.amount > 0, else: AMOUNT}
# errors:
#   AMOUNT: {status: 422, message: the amount must be more than nothing}
#
# What is there from the start:
# seed:
#   - {kind: customer, set: {name: "'Ana'"}}
`

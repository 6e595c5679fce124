package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// compileFilters resolves the conditions of a list: those that the scenario
// declares, then every query parameter whose name says what it is about.
func (b *Binding) compileFilters(c *compiler) {
	sought := b.fitted && b.Spec.Verb != "create" && b.Spec.Verb != "put" && b.id == nil && b.param() == ""
	if b.kind == nil || b.Spec.Verb != "list" && !sought || *c.err != nil {
		return
	}
	declared := map[string]bool{}
	for _, f := range b.Spec.Where {
		declared[f.Param] = true
		f.Op = cmp.Or(f.Op, "=")
		b.filters = append(b.filters, filter{
			Filter: f, value: c.program(f.Value, f.Line), when: c.program(f.When, f.Line), truth: b.kind.isBoolean(f.Field),
		})
	}
	pages := b.pages
	for _, param := range b.Plan.Params {
		switch {
		case declared[param.Name], param.In != "query" && param.In != "path":
		case param.In == "path" && (param.Name == "id" || b.fitted): // the parent's, never one's own
		case param.Name == pages.Sort, param.Name == pages.Order, slices.Contains(pages.Params(), param.Name):
		default:
			if b.fitted {
				b.fitFilter(param.Name)
				continue
			}
			if f, ok := b.kind.inferFilter(param.Name); ok {
				b.filters = append(b.filters, filter{Filter: f, truth: b.kind.isBoolean(f.Field)})
			}
		}
	}
	b.sort, b.descending = strings.CutPrefix(b.Spec.Sort, "-")
}

// suffixes of parameters that bound a property instead of equalling it.
var suffixes = []struct{ suffix, op string }{
	{"_after", "from"}, {"_from", "from"}, {"_before", "to"}, {"_to", "to"}, {"_min", ">="}, {"_max", "<="},
}

// inferFilter finds what a parameter is about by its name.
func (k *Kind) inferFilter(name string) (scenarios.Filter, bool) {
	if k.table != nil {
		return k.table.inferFilter(name)
	}
	if k.shape[name] {
		return scenarios.Filter{Param: name, Field: name, Op: "="}, true
	}
	for _, s := range suffixes {
		stem, ok := strings.CutSuffix(name, s.suffix)
		if !ok {
			continue
		}
		if stem == "created" || stem == "updated" {
			return scenarios.Filter{Param: name, Field: stem, Op: s.op}, true
		}
		endings := []string{"", "_at", "_date"}
		if s.suffix == "_min" || s.suffix == "_max" {
			endings = []string{"", "_cents", "_subcents"}
		}
		for _, ending := range endings {
			if k.shape[stem+ending] {
				return scenarios.Filter{Param: name, Field: stem + ending, Op: s.op}, true
			}
		}
	}
	return scenarios.Filter{}, false
}

func (k *Kind) isBoolean(field string) bool {
	return k.schema != nil && k.schema.Has(field) && k.schema.Property(field).Type() == "boolean"
}

// conditions are what a request asks of a list's objects.
func (a *act) conditions(b *Binding, c *Call) ([]store.Cond, error) {
	var out []store.Cond
	for i := range b.filters {
		f := &b.filters[i]
		sent, there := c.Values.Query[f.Param]
		if !there || sent == nil {
			sent, there = c.Values.Path[f.Param]
		}
		there = there && sent != nil
		if f.when != nil {
			var err error
			if there, err = f.when.True(&a.env); err != nil {
				return nil, err
			}
		}
		if !there {
			continue
		}
		v := sent
		if f.value != nil {
			var err error
			if v, err = f.value.Run(&a.env); err != nil {
				return nil, err
			}
		}
		meant := a.meant
		if b.fitted && f.plain() {
			meant = a.asked
		}
		conds, err := meant(b.kind, f, v)
		if err != nil {
			return nil, err
		}
		out = append(out, conds...)
	}
	return out, nil
}

// plain reports a condition that only compares what was sent.
func (f *filter) plain() bool {
	switch f.Op {
	case "has", "contains", "missing", "present":
		return false
	}
	return f.value == nil && len(f.Fields) == 0
}

// meant turns one filter and its value into conditions.
func (a *act) meant(kind *Kind, f *filter, v any) ([]store.Cond, error) {
	if kind.table != nil && f.Field == "type" && (f.Op == "" || f.Op == "=" || f.Op == "in") {
		return ofTypes(v), nil
	}
	if members, ok := v.(map[string]any); ok && kind.table.isTime(f.Field) {
		return a.between(kind, f, members)
	}
	if len(f.Fields) > 0 {
		var any []store.Cond
		for _, field := range f.Fields {
			cond, err := a.condition(kind, f, field, v)
			if err != nil {
				return nil, err
			}
			any = append(any, cond)
		}
		return []store.Cond{{Op: "any", Value: any}}, nil
	}
	if f.Op == "has" {
		return members(f.Field, v), nil
	}
	cond, err := a.condition(kind, f, f.Field, v)
	return []store.Cond{cond}, err
}

// condition reads one filter on one field; a status may be said in any
// vocabulary, times may be dates or instants, lists may be comma separated.
func (a *act) condition(kind *Kind, f *filter, field string, v any) (store.Cond, error) {
	op := f.Op
	if op == "" {
		op = "="
	}
	list, many := v.([]any)
	if op == "in" {
		list, many = listOf(v), true
	} else if many && op == "=" {
		list, op = listOf(list), "in" // a parameter that may be repeated
	}
	if len(list) > maxLookup {
		return store.Cond{}, a.unfit(f, fmt.Sprintf("at most %d values", maxLookup), fmt.Sprintf("%d values", len(list)))
	}
	if field == kind.spec.Status.Field && field != "" && (op == "=" || op == "in") {
		if !many {
			list = []any{v}
		}
		return store.Cond{Path: "status", Op: "in", Value: kind.statesOf(list)}, nil
	}
	switch path := kind.path(field); {
	case op == "from" || op == "to" || field == "created" || field == "updated" || kind.table.isTime(field):
		return a.moment(kind, f, field, op, v)
	case op == "in":
		return store.Cond{Path: path, Op: op, Value: asKept(list)}, nil
	case op != "missing" && op != "present" && !single(v):
		return store.Cond{}, a.unfit(f, "one value", v)
	case f.truth && v == "true":
		return store.Cond{Path: path, Op: op, Value: true}, nil
	case f.truth && v == "false":
		return store.Cond{Path: path, Op: op, Value: false}, nil
	default:
		return store.Cond{Path: path, Op: op, Value: asKept(plain(v))}, nil
	}
}

// single tells a value from a list or an object.
func single(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// statesOf are the states that words of any vocabulary mean.
func (k *Kind) statesOf(words []any) []any {
	var out []any
	for _, word := range words {
		if states, ok := k.states[fmt.Sprint(word)]; ok {
			out = append(out, anys(states)...)
		} else {
			out = append(out, plain(word))
		}
	}
	return out
}

// path is where the store finds a property: one that is only called like a
// column of the store stands in the body.
func (k *Kind) path(property string) string {
	switch {
	case property == "", k.table != nil:
		return property
	case property == k.spec.Status.Field:
		return "status"
	case k.nature.whole && k.shape[property]:
		return "$." + property
	case property == "status" && k.start == nil, (property == "owner" || property == "parent") && k.shape[property]:
		return "$." + property
	}
	return property
}

// unfit refuses a parameter that cannot be compared.
func (a *act) unfit(f *filter, expected string, got any) error {
	pointer := "/query/" + f.Param
	return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: pointer, Rule: "format", Expected: expected, Got: openapi.Show(pointer, got)})
}

// moment bounds a time: a day counts from its begin to its end.
func (a *act) moment(kind *Kind, f *filter, field, op string, v any) (store.Cond, error) {
	switch op {
	case "from":
		op = ">="
	case "to":
		op = "<="
	}
	t, ok := v.(time.Time)
	if !ok {
		t, ok = a.p.shownInstant(v)
	}
	if !ok {
		t, ok = parseInstant(fmt.Sprint(v), op)
	}
	if !ok {
		return store.Cond{}, a.unfit(f, "a date or an instant", v)
	}
	if field == "created" || field == "updated" || kind.table.isTime(field) {
		return store.Cond{Path: field, Op: op, Value: t.UnixMilli()}, nil
	}
	if kind.schema != nil && kind.schema.Has(field) && kind.schema.Property(field).Format() == "date" {
		return store.Cond{Path: field, Op: op, Value: t.UTC().Format(time.DateOnly)}, nil
	}
	return store.Cond{Path: field, Op: op, Value: plain(a.p.FormatTime(t))}, nil
}

// listOf reads the values of an `in`: a list, or texts with commas between.
func listOf(v any) []any {
	list, ok := v.([]any)
	if !ok {
		return anys(strings.Split(fmt.Sprint(plain(v)), ","))
	}
	out := make([]any, len(list))
	for i, one := range list {
		out[i] = plain(one)
	}
	return out
}

// members asks for a stored list of texts that has every text asked for. The
// store sees the list as its JSON, where a member stands between quotes.
func members(field string, v any) []store.Cond {
	asked, ok := v.([]any)
	if !ok {
		asked = []any{v}
	}
	var conds []store.Cond
	for _, one := range asked {
		conds = append(conds, store.Cond{Path: field, Op: "contains", Value: strconv.Quote(fmt.Sprint(one))})
	}
	return conds
}

func anys(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = strings.TrimSpace(s)
	}
	return out
}

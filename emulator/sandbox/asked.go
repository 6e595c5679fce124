package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

func jsonNumber(text string) json.Number { return json.Number(text) }

// bounds are the words by which a parameter limits a property.
var bounds = map[string]string{
	"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "ne": "!=", "in": "in",
	"from": ">=", "to": "<=", "min": ">=", "max": "<=", "since": ">=", "until": "<=", "after": ">", "before": "<", "start": ">=", "end": "<=", "begin": ">=",
}

// fitFilter finds what a query parameter of a whole list asks about.
func (b *Binding) fitFilter(name string) {
	k := b.kind
	stem, op := strings.TrimSuffix(name, "[]"), "="
	if outer, key, ok := strings.Cut(strings.TrimSuffix(stem, "]"), "["); ok {
		if bounds[key] != "" {
			stem, op = outer, bounds[key]
		} else {
			stem = key // filter[status]
		}
	}
	if field := k.about(stem); field != "" {
		b.filters = append(b.filters, filter{Filter: scenarios.Filter{Param: name, Field: field, Op: op}, truth: k.isBoolean(field)})
		return
	}
	if stem == "filter" || stem == "filters" || stem == "where" {
		b.filters = append(b.filters, filter{Filter: scenarios.Filter{Param: name, Op: "all"}})
		return
	}
	if prefix, ok := strings.CutPrefix(scenarios.SnakeCase(stem), "filter_"); ok && k.about(prefix) != "" {
		b.filters = append(b.filters, filter{Filter: scenarios.Filter{Param: name, Field: k.about(prefix), Op: "="}})
		return
	}
	words := strings.Split(scenarios.SnakeCase(strings.ReplaceAll(stem, "-", "_")), "_")
	if len(words) < 2 {
		return
	}
	for _, at := range []int{len(words) - 1, 0} { // created_after, min_amount
		op, ok := bounds[words[at]]
		rest := slices.Delete(slices.Clone(words), at, at+1)
		if !ok {
			continue
		}
		stem := strings.Join(rest, "_")
		for _, guess := range []string{stem, stem + "_at", stem + "_date", stem + "_cents", strings.TrimSuffix(stem, "_date"), strings.TrimSuffix(stem, "_at")} {
			if field := k.about(guess); field != "" {
				b.filters = append(b.filters, filter{Filter: scenarios.Filter{Param: name, Field: field, Op: op}})
				return
			}
		}
		if stem == "date" && k.nature.stamps.Created != "" {
			b.filters = append(b.filters, filter{Filter: scenarios.Filter{Param: name, Field: k.nature.stamps.Created, Op: op}})
			return
		}
	}
}

// about is the property that a word means, "" = none that can be asked for.
func (k *Kind) about(word string) string {
	for _, name := range []string{word, scenarios.SnakeCase(word), camel(word), word + "_id", camel(word) + "Id"} {
		if k.shape[name] && askable(name) {
			return name
		}
	}
	if (word == "created" || word == "created_at" || word == "date_created") && askable(k.nature.stamps.Created) {
		return k.nature.stamps.Created
	}
	if (word == "updated" || word == "updated_at") && askable(k.nature.stamps.Updated) {
		return k.nature.stamps.Updated
	}
	return ""
}

func camel(s string) string {
	parts := strings.Split(s, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}

// askable reports a name that a query can be about.
func askable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

// asked turns what a parameter of a whole list says into conditions.
func (a *act) asked(k *Kind, f *filter, v any) ([]store.Cond, error) {
	if op, ok := map[string]string{"": "=", "from": ">=", "to": "<="}[f.Op]; ok {
		one := *f
		one.Op = op
		return a.asked(k, &one, v)
	}
	if f.Op == "all" {
		fields, _ := v.(map[string]any)
		var out []store.Cond
		for _, name := range sortedKeys(fields) {
			field := k.about(name)
			if field == "" {
				continue
			}
			conds, err := a.asked(k, &filter{Filter: scenarios.Filter{Param: f.Param, Field: field, Op: "="}}, fields[name])
			if err != nil {
				return nil, err
			}
			out = append(out, conds...)
		}
		return out, nil
	}
	if members, ok := v.(map[string]any); ok {
		return a.askedOf(k, f, members)
	}
	field, s := f.Field, k.fieldSchema(f.Field)
	if text, ok := v.(string); ok && f.Op == "=" && strings.Contains(text, ",") && s != nil && len(s.Enum()) > 0 {
		v = listOf(text)
	}
	if s != nil && formOf(s, "array") != nil && f.Op == "=" {
		return containing(k.path(field), v), nil
	}
	if field == k.spec.Status.Field && field != "" {
		cond, err := a.condition(k, f, field, v)
		return []store.Cond{cond}, err
	}
	if list, ok := v.([]any); ok || f.Op == "in" {
		if !ok {
			list = listOf(v)
		}
		return []store.Cond{{Path: k.path(field), Op: "in", Value: asKept(listOf(list))}}, nil
	}
	return a.askedOne(k, f, s, v)
}

// askedOne is a condition on one value.
func (a *act) askedOne(k *Kind, f *filter, s *openapi.Schema, v any) ([]store.Cond, error) {
	path := k.path(f.Field)
	if at, ok := k.momentIn(f, s, v); ok {
		return []store.Cond{{Path: path, Op: f.Op, Value: plain(at)}}, nil
	}
	if f.truth && (v == "true" || v == "false") {
		return []store.Cond{{Path: path, Op: f.Op, Value: v == "true"}}, nil
	}
	cond := store.Cond{Path: path, Op: f.Op, Value: asKept(plain(v))}
	if f.Op == "=" && s != nil && s.Has("id") { // it may be shown as an object
		return []store.Cond{{Op: "any", Value: []store.Cond{cond, {Path: path + ".id", Op: "=", Value: cond.Value}}}}, nil
	}
	return []store.Cond{cond}, nil
}

// momentIn is an instant that a parameter names, in the form in which the
// property holds it.
func (k *Kind) momentIn(f *filter, s *openapi.Schema, v any) (any, bool) {
	text, ok := v.(string)
	if !ok || s == nil {
		return nil, false
	}
	stamp := f.Field == k.nature.stamps.Created || f.Field == k.nature.stamps.Updated
	if f.Op == "=" || !stamp && s.Format() != "date" && s.Format() != "date-time" {
		return nil, false
	}
	at, ok := parseInstant(text, f.Op)
	switch {
	case !ok:
		return nil, false
	case isNumeric(s) && k.nature.stamps.Time == "unix-ms":
		return jsonNumber(fmt.Sprint(at.UnixMilli())), true
	case isNumeric(s):
		return jsonNumber(fmt.Sprint(at.Unix())), true
	case s.Format() == "date":
		return at.UTC().Format(time.DateOnly), true
	}
	return formatTime(k.nature.stamps.Time, at), true
}

// askedOf is a range, or a look at the members of an object.
func (a *act) askedOf(k *Kind, f *filter, members map[string]any) ([]store.Cond, error) {
	var out []store.Cond
	for _, name := range slices.Sorted(maps.Keys(members)) {
		one := &filter{Filter: f.Filter, truth: f.truth}
		if op, ok := bounds[name]; ok {
			one.Op = op
		} else if askable(name) {
			out = append(out, store.Cond{Path: k.path(f.Field) + "." + name, Op: "=", Value: asKept(plain(members[name]))})
			continue
		} else {
			continue
		}
		conds, err := a.asked(k, one, members[name])
		if err != nil {
			return nil, err
		}
		out = append(out, conds...)
	}
	return out, nil
}

// containing asks for a list that has any of the values.
func containing(path string, v any) []store.Cond {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var any []store.Cond
	for _, one := range list {
		any = append(any, members(path, one)...)
	}
	return []store.Cond{{Op: "any", Value: any}}
}

func (k *Kind) fieldSchema(field string) *openapi.Schema {
	if k.schema == nil {
		return nil
	}
	return k.schema.Property(field)
}

// sorted reads the order that a whole list is asked for in: a property with a
// direction in any of the usual spellings. What means nothing changes nothing.
func (a *act) sorted(b *Binding, c *Call, q *store.Query) {
	pages := b.pages
	word := ""
	switch v := c.Values.Query[pages.Sort].(type) {
	case string:
		word = v
	case []any:
		if len(v) > 0 {
			word, _ = v[0].(string)
		}
	}
	direction, _ := c.Values.Query[pages.Order].(string)
	word, _, _ = strings.Cut(word, ";")
	if i := strings.LastIndexAny(word, ": ,."); i > 0 {
		if way := strings.ToLower(strings.TrimSpace(word[i+1:])); strings.HasPrefix(way, "asc") || strings.HasPrefix(way, "desc") {
			word, direction = word[:i], way
		}
	}
	if name, ok := strings.CutPrefix(word, "-"); ok {
		word, direction = name, "desc"
	}
	word = strings.TrimPrefix(word, "+")
	if way := strings.ToLower(word); pages.Sort != "" && (way == "asc" || way == "desc" || way == "ascending" || way == "descending") {
		word, direction = "", way
	}
	direction = strings.ToLower(direction)
	if word == "" && direction == "" {
		return
	}
	descending := strings.HasPrefix(direction, "desc")
	switch field := b.kind.about(word); {
	case word == "" || field != "" && field == b.kind.nature.stamps.Created:
		q.Sort, q.Oldest = "", !descending
	case field != "" && field == b.kind.nature.stamps.Updated:
		q.Sort, q.Descending = "updated", descending
	case field != "":
		q.Sort, q.Descending, q.Oldest = b.kind.path(field), descending, !descending
	}
}

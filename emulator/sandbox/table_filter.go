package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// inferFilter finds which value of its rows a parameter is about by its name.
func (t *table) inferFilter(name string) (scenarios.Filter, bool) {
	if t.fields[name] {
		return scenarios.Filter{Param: name, Field: name, Op: "="}, true
	}
	for _, s := range suffixes {
		if stem, ok := strings.CutSuffix(name, s.suffix); ok && t.isTime(stem) {
			return scenarios.Filter{Param: name, Field: stem, Op: s.op}, true
		}
	}
	return scenarios.Filter{}, false
}

// isTime reports a field that holds an instant.
func (t *table) isTime(field string) bool {
	return t != nil && t.fields[field] && (field == "created" || field == "updated" || field == "due")
}

// ofTypes reads names of events as an endpoint's list does: FAMILY.ACTION,
// FAMILY, FAMILY.*, *.ACTION or *; any of them will do.
func ofTypes(v any) []store.Cond {
	var any []store.Cond
	for _, one := range listOf(v) {
		word := strings.TrimSpace(fmt.Sprint(one))
		family, action, dotted := strings.Cut(word, ".")
		switch {
		case family == "*" && (action == "" || action == "*"):
			return nil
		case family == "*":
			any = append(any, store.Cond{Path: "action", Op: "=", Value: action})
		case !dotted || action == "*":
			any = append(any, store.Cond{Path: "family", Op: "=", Value: family})
		default:
			any = append(any, store.Cond{Path: "type", Op: "=", Value: word})
		}
	}
	if len(any) == 1 {
		return any
	}
	return []store.Cond{{Op: "any", Value: any}}
}

// orderRows reads which value of its rows a list is sorted by.
func (a *act) orderRows(b *Binding, asked string, q *store.Query) error {
	d := a.p.Scenario.Dialect
	field := map[string]string{d.Created: "created", d.Updated: "updated"}[asked]
	if field == "" {
		field = asked
	}
	switch {
	case field == "created": // rows are made in this order
		q.Sort, q.Oldest = "", !q.Descending
	case b.kind.table.fields[field] && (field != asked || b.kind.shape[field]):
		q.Sort, q.Oldest = field, !q.Descending
	default:
		pointer := "/query/" + d.Pages.Sort
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{
			Pointer: pointer, Rule: "enum", Expected: "one of " + strings.Join(b.kind.sortables(), ", "), Got: openapi.Show(pointer, asked),
		})
	}
	return nil
}

// between bounds an instant by the members of an object, such as gte.
func (a *act) between(kind *Kind, f *filter, members map[string]any) ([]store.Cond, error) {
	var out []store.Cond
	for _, name := range slices.Sorted(maps.Keys(members)) {
		op, ok := bounds[name]
		if !ok {
			return nil, a.unfit(f, "bounds such as gte and lt", name)
		}
		cond, err := a.moment(kind, f, f.Field, op, members[name])
		if err != nil {
			return nil, err
		}
		out = append(out, cond)
	}
	return out, nil
}

// shownInstant reads a number as the provider shows instants.
func (p *Provider) shownInstant(v any) (time.Time, bool) {
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	switch {
	case err != nil || n < 0 || n > 1<<52:
		return time.Time{}, false
	case p.Scenario.Dialect.Time == "unix":
		return time.Unix(min(n, 1<<40), 0), true
	case p.Scenario.Dialect.Time == "unix-ms":
		return time.UnixMilli(n), true
	}
	return time.Time{}, false
}

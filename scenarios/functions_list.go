package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

var listFunctions = []*function{
	pure(1, 1, "len(x)", "how many characters, elements or members; 0 of nil", length),
	pure(1, 1, "first(list)", "the first element, or nil", func(a ...any) (any, error) { return edge(a[0], 0) }),
	pure(1, 1, "last(list)", "the last element, or nil", func(a ...any) (any, error) { return edge(a[0], -1) }),
	pure(2, 2, "take(list, n)", "the first n elements", take),
	pure(1, 1, "reverse(list)", "the list backwards", reverse),
	pure(1, 1, "uniq(list)", "the list without repeats", uniq),
	pure(0, -1, "concat(a, b, …)", "the lists one after the other", concat),
	pure(1, 1, "flatten(list)", "lists in the list taken apart", flatten),
	pure(1, 2, "sort(list[, 'asc' or 'desc'])", "the list in order", sortList),
	pure(2, 3, "sortBy(list, values[, order])", "", sortBy),
	pure(2, 2, "groupBy(list, keys)", "", groupBy),
}

func length(args ...any) (any, error) {
	switch v := args[0].(type) {
	case nil:
		return 0, nil
	case string:
		return utf8.RuneCountInString(v), nil
	}
	if list, ok := toList(args[0]); ok {
		return len(list), nil
	}
	if m, ok := toMap(args[0]); ok {
		return len(m), nil
	}
	return nil, fmt.Errorf("%s has no length", describe(args[0]))
}

func listOf(v any) ([]any, error) {
	list, err := each(v)
	if err != nil {
		return nil, err
	}
	return list.([]any), nil
}

func edge(v any, at int) (any, error) {
	list, err := listOf(v)
	if err != nil {
		return nil, err
	}
	return index(list, at), nil
}

func take(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	n, ok := toInt(args[1])
	if !ok || n < 0 {
		return nil, fmt.Errorf("take: n is a whole number, not %s", describe(args[1]))
	}
	n = min(n, len(list))
	return list[:n:n], nil
}

func reverse(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	slices.Reverse(list)
	return list, nil
}

func uniq(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	if len(list) > maxSpan {
		return nil, fmt.Errorf("uniq takes at most %d elements", maxSpan)
	}
	out := []any{}
	seen := map[string]bool{}
	for _, v := range list {
		if s, ok := v.(string); ok {
			if seen[s] {
				continue
			}
			seen[s] = true
		} else if slices.ContainsFunc(out, func(o any) bool { return equal(v, o) }) {
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

func concat(args ...any) (any, error) {
	out := []any{}
	for _, a := range args {
		list, err := listOf(a)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func flatten(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	return flattened(make([]any, 0, len(list)), list, 0), nil
}

func flattened(out, list []any, depth int) []any {
	for _, v := range list {
		if inner, ok := toList(v); ok && depth < 64 {
			out = flattened(out, inner, depth+1)
			continue
		}
		out = append(out, v)
	}
	return out
}

// direction reads 'asc' or 'desc'.
func direction(args []any) (int, error) {
	if len(args) == 0 || args[0] == "asc" {
		return 1, nil
	}
	if args[0] == "desc" {
		return -1, nil
	}
	return 0, fmt.Errorf("an order is 'asc' or 'desc'")
}

func sortList(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	return sortBy(append([]any{list, list}, args[1:]...)...)
}

// sortBy orders a list by the values beside it; nil stands first.
func sortBy(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	values, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	way, err := direction(args[2:])
	if err != nil {
		return nil, err
	}
	places := make([]int, min(len(list), len(values)))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int {
		a, b := values[i], values[j]
		if a == nil || b == nil {
			return way * (boolInt(a != nil) - boolInt(b != nil))
		}
		c, fault := order(a, b)
		if fault != nil && err == nil {
			err = fault
		}
		return way * c
	})
	out := make([]any, len(places))
	for i, p := range places {
		out[i] = list[p]
	}
	return out, err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func groupBy(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	keys, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for i, v := range list {
		k, err := text(keys[i])
		if err != nil {
			return nil, err
		}
		name, _ := k.(string)
		group, _ := out[name].([]any)
		out[name] = append(group, v)
	}
	return out, nil
}

func median(args ...any) (any, error) {
	list, err := decimals("median", args[0])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	slices.SortFunc(list, Decimal.Cmp)
	middle := list[len(list)/2]
	if len(list)%2 == 0 {
		return middle.Add(list[len(list)/2-1]).Quo(NewDecimal(2))
	}
	return middle, nil
}

var objectFunctions = []*function{
	pure(1, 1, "keys(object)", "its names, sorted", keys),
	pure(1, 1, "values(object)", "its values in order of the names", values),
	pure(1, 1, "toPairs(object)", "list of [name, value]", toPairs),
	pure(1, 1, "fromPairs(list)", "object of [name, value] pairs", fromPairs),
	pure(1, -1, "merge(a, b, …)", "a with the members of b on top; nil in b removes", merge),
	pure(2, 2, "pick(object, [names])", "only those members, without nil", pick),
	pure(2, 2, "omit(object, [names])", "all but those members, without nil", omit),
}

func objectOf(v any) (map[string]any, error) {
	if v == nil {
		return map[string]any{}, nil
	}
	if m, ok := toMap(v); ok {
		return m, nil
	}
	return nil, fmt.Errorf("an object is needed here, not %s", describe(v))
}

func keys(args ...any) (any, error) {
	m, err := objectOf(args[0])
	if err != nil {
		return nil, err
	}
	return anys(slices.Sorted(maps.Keys(m))), nil
}

func values(args ...any) (any, error) {
	m, err := objectOf(args[0])
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out, nil
}

func toPairs(args ...any) (any, error) {
	m, err := objectOf(args[0])
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, []any{k, m[k]})
	}
	return out, nil
}

func fromPairs(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, pair := range list {
		name, ok := index(pair, 0).(string)
		if !ok {
			return nil, fmt.Errorf("fromPairs takes pairs of a name and a value")
		}
		out[name] = index(pair, 1)
	}
	return out, nil
}

func merge(args ...any) (any, error) {
	out := map[string]any{}
	for i, a := range args {
		m, err := objectOf(a)
		if err != nil {
			return nil, err
		}
		for k, v := range m {
			if v == nil && i > 0 {
				delete(out, k)
				continue
			}
			out[k] = v
		}
	}
	return out, nil
}

func selection(args []any, keep bool) (any, error) {
	m, err := objectOf(args[0])
	if err != nil {
		return nil, err
	}
	names, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, n := range names {
		if s, ok := n.(string); ok {
			listed[s] = true
		}
	}
	out := map[string]any{}
	for k, v := range m {
		if v != nil && listed[k] == keep {
			out[k] = v
		}
	}
	return out, nil
}

func pick(args ...any) (any, error) { return selection(args, true) }
func omit(args ...any) (any, error) { return selection(args, false) }

// deep follows a dotted path.
func deep(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		v = member(v, name)
	}
	return v
}

package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

var shapeFunctions = []*function{
	pure(2, 2, "shares(total, n)", "n whole numbers that sum to total and differ by at most 1, larger first", shares),
	pure(2, 2, "deepMerge(a, b)", "objects merged into each other; any other value of b, null too, replaces", func(a ...any) (any, error) { return deepMerge(a[0], a[1]) }),
	pure(1, 1, "snake(x)", "x with the names of its objects in snake_case", func(a ...any) (any, error) { return rename(a[0], SnakeCase, 0) }),
	pure(1, 1, "camel(x)", "x with the names of its objects in camelCase", func(a ...any) (any, error) { return rename(a[0], CamelCase, 0) }),
}

func shares(args ...any) (any, error) {
	if args[0] == nil || args[1] == nil {
		return nil, nil
	}
	n, ok := toInt(args[1])
	if !ok || n < 1 || n > maxSpan {
		return nil, fmt.Errorf("shares: n is a whole number from 1 to %d", maxSpan)
	}
	d, err := need("shares", args[0])
	if err != nil {
		return nil, err
	}
	total, ok := d.Int64()
	if !ok {
		return nil, errors.New("shares: the total is a whole number")
	}
	each, more := total/int64(n), total%int64(n)
	if more < 0 {
		each, more = each-1, more+int64(n)
	}
	out := make([]any, n)
	for i := range out {
		if out[i] = each; int64(i) < more {
			out[i] = each + 1
		}
	}
	return out, nil
}

const maxNesting = 100

var errTooDeep = errors.New("the value is too deep")

// deepMerge makes new objects and leaves a and b alone.
func deepMerge(a, b any) (any, error) {
	x, err := objectOf(a)
	if err != nil {
		return nil, err
	}
	y, err := objectOf(b)
	if err != nil {
		return nil, err
	}
	return mergeInto(x, y, 0)
}

func mergeInto(a, b map[string]any, depth int) (map[string]any, error) {
	if depth > maxNesting {
		return nil, errTooDeep
	}
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	for name, v := range b {
		old, both := toMap(out[name])
		add, object := toMap(v)
		if !both || !object {
			out[name] = v
			continue
		}
		merged, err := mergeInto(old, add, depth+1)
		if err != nil {
			return nil, err
		}
		out[name] = merged
	}
	return out, nil
}

// rename gives every name of every object its new form. A name that has that
// form already wins over one that is made.
func rename(v any, form func(string) string, depth int) (any, error) {
	if depth > maxNesting {
		return nil, errTooDeep
	}
	if list, ok := toList(v); ok {
		out := make([]any, len(list))
		for i, item := range list {
			var err error
			if out[i], err = rename(item, form, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	m, ok := toMap(v)
	if !ok {
		return v, nil
	}
	out := make(map[string]any, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		made := form(name)
		if _, taken := m[made]; taken && made != name {
			continue
		}
		inner, err := rename(m[name], form, depth+1)
		if err != nil {
			return nil, err
		}
		out[made] = inner
	}
	return out, nil
}

// SnakeCase makes product_group_id of productGroupId.
func SnakeCase(name string) string {
	if strings.IndexFunc(name, unicode.IsUpper) < 0 {
		return name
	}
	r := []rune(name)
	var b strings.Builder
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 && r[i-1] != '_' && r[i-1] != '-' &&
			(!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// CamelCase makes productGroupId of product_group_id.
func CamelCase(name string) string {
	head := len(name) - len(strings.TrimLeft(name, "_"))
	if !strings.Contains(name[head:], "_") {
		return name
	}
	var b strings.Builder
	b.WriteString(name[:head])
	up := false
	for _, c := range name[head:] {
		if c == '_' {
			up = true
			continue
		}
		if up {
			c, up = unicode.ToUpper(c), false
		}
		b.WriteRune(c)
	}
	return b.String()
}

package scenarios

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// call is a function of the language. The language checks the number of
// arguments; a nil argument is a missing value.
type call = func(args ...any) (any, error)

// operators are what the language's signs become. No name of a user's can
// clash with theirs.
var operators = map[string]call{
	"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo, "**": power,
	"neg": negate, "pos": positive,
	"==": func(a ...any) (any, error) { return equal(a[0], a[1]), nil },
	"!=": func(a ...any) (any, error) { return !equal(a[0], a[1]), nil },
	"<":  comparison(func(c int) bool { return c < 0 }),
	"<=": comparison(func(c int) bool { return c <= 0 }),
	">":  comparison(func(c int) bool { return c > 0 }),
	">=": comparison(func(c int) bool { return c >= 0 }),
	"in": func(a ...any) (any, error) { return within(a[0], a[1]) },
	"contains": func(a ...any) (any, error) {
		if list, ok := toList(a[0]); ok {
			return within(a[1], list)
		}
		return texts("contains", strings.Contains, a)
	},
	"startsWith": func(a ...any) (any, error) { return texts("startsWith", strings.HasPrefix, a) },
	"endsWith":   func(a ...any) (any, error) { return texts("endsWith", strings.HasSuffix, a) },
	"matches":    matches,
	"truth":      truth,
	"some":       some,
	"each":       each,
	"..":         span,
	"[]":         func(a ...any) (any, error) { return index(a[0], a[1]), nil },
	"ordered":    ordered,
	"slice":      slice,
	"path": func(a ...any) (any, error) {
		env, _ := a[0].(*Env)
		return env.path(a[1].([]string)), nil
	},
}

func mismatch(op string, a, b any) error {
	for _, v := range []any{a, b} {
		if v == nil {
			return fmt.Errorf("%s: a value is missing (%s %s %s)", op, describe(a), op, describe(b))
		}
	}
	hint := ""
	if op == "+" && (isText(a) || isText(b)) {
		hint = "; string(…) makes text, number(…) a number"
	}
	return fmt.Errorf("cannot do %s %s %s%s", describe(a), op, describe(b), hint)
}

func isText(v any) bool { _, ok := v.(string); return ok }

func bounded(d Decimal) (any, error) {
	if d.tooLarge() {
		return nil, errTooLarge
	}
	return d, nil
}

// numbers reads both operands as numbers, if both are.
func numbers(a, b any) (x, y Decimal, ok bool) {
	if x, ok = toDecimal(a); !ok {
		return
	}
	y, ok = toDecimal(b)
	return
}

func add(args ...any) (any, error) {
	a, b := args[0], args[1]
	if x, y, ok := numbers(a, b); ok {
		return bounded(x.Add(y))
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return x + y, nil
		}
	case time.Time:
		if y, ok := b.(time.Duration); ok {
			return x.Add(y), nil
		}
	case time.Duration:
		switch y := b.(type) {
		case time.Time:
			return y.Add(x), nil
		case time.Duration:
			return x + y, nil
		}
	}
	return nil, mismatch("+", a, b)
}

func subtract(args ...any) (any, error) {
	a, b := args[0], args[1]
	if x, y, ok := numbers(a, b); ok {
		return bounded(x.Sub(y))
	}
	switch y := b.(type) {
	case time.Duration:
		switch x := a.(type) {
		case time.Time:
			return x.Add(-y), nil
		case time.Duration:
			return x - y, nil
		}
	case time.Time:
		if x, ok := a.(time.Time); ok {
			return x.Sub(y), nil
		}
	}
	return nil, mismatch("-", a, b)
}

func multiply(args ...any) (any, error) {
	a, b := args[0], args[1]
	if x, y, ok := numbers(a, b); ok {
		return bounded(x.Mul(y))
	}
	if _, ok := a.(time.Duration); !ok {
		a, b = b, a
	}
	if d, ok := a.(time.Duration); ok {
		if n, ok := toDecimal(b); ok {
			return stretch(d, n)
		}
	}
	return nil, mismatch("*", args[0], args[1])
}

func divide(args ...any) (any, error) {
	a, b := args[0], args[1]
	if x, y, ok := numbers(a, b); ok {
		q, err := x.Quo(y)
		if err != nil {
			return nil, err
		}
		return bounded(q)
	}
	if d, ok := a.(time.Duration); ok {
		if e, ok := b.(time.Duration); ok {
			return NewDecimal(int64(d)).Quo(NewDecimal(int64(e)))
		}
		if n, ok := toDecimal(b); ok {
			inverse, err := NewDecimal(1).Quo(n)
			if err != nil {
				return nil, err
			}
			return stretch(d, inverse)
		}
	}
	return nil, mismatch("/", a, b)
}

func stretch(d time.Duration, n Decimal) (any, error) {
	ns, ok := NewDecimal(int64(d)).Mul(n).Round(0, HalfEven).Int64()
	if !ok {
		return nil, errors.New("the duration is too long")
	}
	return time.Duration(ns), nil
}

func modulo(args ...any) (any, error) {
	x, y, ok := numbers(args[0], args[1])
	if !ok {
		return nil, mismatch("%", args[0], args[1])
	}
	m, err := x.Mod(y)
	if err != nil {
		return nil, err
	}
	return bounded(m)
}

func power(args ...any) (any, error) {
	x, y, ok := numbers(args[0], args[1])
	if !ok {
		return nil, mismatch("**", args[0], args[1])
	}
	n, whole := y.Int64()
	if !whole || n > maxExponent || n < -maxExponent {
		return nil, fmt.Errorf("an exponent is a whole number from -%d to %d", maxExponent, maxExponent)
	}
	r := x.ref()
	if (r.Num().BitLen()+r.Denom().BitLen())*abs(int(n)) > maxBits {
		return nil, errTooLarge
	}
	e := big.NewInt(int64(abs(int(n))))
	num, den := new(big.Int).Exp(r.Num(), e, nil), new(big.Int).Exp(r.Denom(), e, nil)
	if n < 0 {
		num, den = den, num
	}
	if den.Sign() == 0 {
		return nil, errDivideZero
	}
	return fromRat(new(big.Rat).SetFrac(num, den)), nil
}

func negate(args ...any) (any, error) {
	if d, ok := toDecimal(args[0]); ok {
		return d.Neg(), nil
	}
	if d, ok := args[0].(time.Duration); ok {
		return -d, nil
	}
	return nil, fmt.Errorf("cannot negate %s", describe(args[0]))
}

func positive(args ...any) (any, error) {
	if d, ok := toDecimal(args[0]); ok {
		return d, nil
	}
	return nil, fmt.Errorf("+ takes a number, not %s", describe(args[0]))
}

// comparison is false as soon as a side is missing.
func comparison(holds func(int) bool) call {
	return func(args ...any) (any, error) {
		if args[0] == nil || args[1] == nil {
			return false, nil
		}
		c, err := order(args[0], args[1])
		return err == nil && holds(c), err
	}
}

func within(v, in any) (any, error) {
	if in == nil {
		return false, nil
	}
	if list, ok := toList(in); ok {
		for _, item := range list {
			if equal(v, item) {
				return true, nil
			}
		}
		return false, nil
	}
	if m, ok := toMap(in); ok {
		name, ok := v.(string)
		_, has := m[name]
		return ok && has, nil
	}
	return nil, fmt.Errorf("in takes a list or an object, not %s", describe(in))
}

func texts(op string, holds func(a, b string) bool, args []any) (any, error) {
	if args[0] == nil || args[1] == nil {
		return false, nil
	}
	a, ok := args[0].(string)
	b, also := args[1].(string)
	if !ok || !also {
		return nil, fmt.Errorf("%s takes text, not %s and %s", op, describe(args[0]), describe(args[1]))
	}
	return holds(a, b), nil
}

func matches(args ...any) (any, error) {
	if args[0] == nil || args[1] == nil {
		return false, nil
	}
	s, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("matches takes text, not %s", describe(args[0]))
	}
	re, err := pattern(args[1])
	if err != nil {
		return nil, err
	}
	return re.MatchString(s), nil
}

// truth is a condition: missing is false.
func truth(args ...any) (any, error) {
	switch b := args[0].(type) {
	case nil:
		return false, nil
	case bool:
		return b, nil
	}
	return nil, fmt.Errorf("a condition is true or false, not %s", describe(args[0]))
}

// some is the left side of a ?: b.
func some(args ...any) (any, error) {
	if args[0] == false || args[0] == "" {
		return nil, nil
	}
	return args[0], nil
}

// each is the list that map, filter and the like go over.
func each(args ...any) (any, error) {
	if args[0] == nil {
		return []any{}, nil
	}
	if list, ok := toList(args[0]); ok {
		return list, nil
	}
	return nil, fmt.Errorf("a list is needed here, not %s", describe(args[0]))
}

const maxSpan = 10000

func span(args ...any) (any, error) {
	from, ok := toInt(args[0])
	to, also := toInt(args[1])
	if !ok || !also {
		return nil, fmt.Errorf(".. takes whole numbers, not %s and %s", describe(args[0]), describe(args[1]))
	}
	if to-from >= maxSpan {
		return nil, fmt.Errorf("a range has at most %d numbers", maxSpan)
	}
	out := make([]any, 0, max(0, to-from+1))
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out, nil
}

// slice is x[from:to] of a text or a list, cut to what there is.
func slice(args ...any) (any, error) {
	var size int
	var cut func(i, j int) any
	if s, ok := args[0].(string); ok {
		r := []rune(s)
		size, cut = len(r), func(i, j int) any { return string(r[i:j]) }
	} else if list, ok := toList(args[0]); ok {
		size, cut = len(list), func(i, j int) any { return list[i:j:j] }
	} else if args[0] == nil {
		return nil, nil
	} else {
		return nil, fmt.Errorf("[:] takes a list or text, not %s", describe(args[0]))
	}
	bound := func(v any, missing int) (int, error) {
		if v == nil {
			return missing, nil
		}
		i, ok := toInt(v)
		if !ok {
			return 0, fmt.Errorf("[:] takes whole numbers, not %s", describe(v))
		}
		if i < 0 {
			i += size
		}
		return min(max(i, 0), size), nil
	}
	from, err := bound(args[1], 0)
	if err != nil {
		return nil, err
	}
	to, err := bound(args[2], size)
	if err != nil {
		return nil, err
	}
	return cut(from, max(from, to)), nil
}

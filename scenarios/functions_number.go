package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var numberFunctions = []*function{
	pure(2, 3, "round(x, places[, mode])", "x with that many places; mode half-even (default), half-up, up or down", round),
	pure(2, 3, "fixed(x, places[, mode])", "x as text with exactly that many places: fixed(2.5, 2) is '2.50'", fixed),
	reading(1, 1, "number(x)", "the number in a text, nil when there is none", number),
	pure(1, 1, "int(x)", "x without its fraction", whole(Down)),
	pure(1, 1, "floor(x)", "the next whole number down", floor),
	pure(1, 1, "ceil(x)", "the next whole number up", func(a ...any) (any, error) { return ceil(a[0]) }),
	pure(1, -1, "min(a, b, …)", "the least of numbers, times, durations or texts, or of a list; nil is passed over", extreme(-1)),
	pure(1, -1, "max(a, b, …)", "the greatest", extreme(1)),
	pure(1, 1, "abs(x)", "x without its sign", absolute),
	pure(1, 1, "mean(list)", "exact average, nil of nothing", mean),
	pure(1, 1, "median(list)", "exact middle, nil of nothing", median),
	pure(2, 2, "total(rows, field)", "exact sum of a field over rows; missing ones are 0", total),
	pure(1, 1, "sum(list)", "exact sum; missing ones are 0", sum),
}

func need(name string, v any) (Decimal, error) {
	d, ok := toDecimal(v)
	if !ok {
		if isNumber(v) {
			return d, errTooLarge
		}
		return d, fmt.Errorf("%s takes a number, not %s", name, describe(v))
	}
	return d, nil
}

// rounding reads the arguments that round and fixed share.
func rounding(name string, args []any) (d Decimal, places int, mode Rounding, err error) {
	if d, err = need(name, args[0]); err != nil {
		return
	}
	places, ok := toInt(args[1])
	if !ok || abs(places) > maxPlaces {
		return d, 0, "", fmt.Errorf("%s: places is a whole number up to %d", name, maxPlaces)
	}
	mode = HalfEven
	if len(args) == 3 {
		s, ok := args[2].(string)
		if !ok {
			return d, 0, "", fmt.Errorf("%s: the mode is text, not %s", name, describe(args[2]))
		}
		mode, err = ParseRounding(s)
	}
	return
}

func round(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	d, places, mode, err := rounding("round", args)
	if err != nil {
		return nil, err
	}
	return d.Round(places, mode), nil
}

func fixed(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	d, places, mode, err := rounding("fixed", args)
	if err != nil {
		return nil, err
	}
	if places < 0 {
		return nil, errors.New("fixed: places is 0 or more")
	}
	return d.Fixed(places, mode), nil
}

func number(args ...any) (any, error) {
	switch v := args[0].(type) {
	case string:
		d, err := ParseDecimal(strings.TrimSpace(v))
		if err != nil {
			return nil, nil
		}
		return d, nil
	case json.Number:
		d, err := ParseDecimal(string(v))
		return d, err
	}
	if d, ok := toDecimal(args[0]); ok {
		return d, nil
	}
	return nil, nil
}

func whole(mode Rounding) call {
	return func(args ...any) (any, error) {
		if args[0] == nil {
			return nil, nil
		}
		d, err := need("int", args[0])
		if err != nil {
			return nil, err
		}
		return d.Round(0, mode), nil
	}
}

func floor(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	d, err := need("floor", args[0])
	if err != nil {
		return nil, err
	}
	if d.Sign() < 0 {
		return d.Round(0, Up), nil
	}
	return d.Round(0, Down), nil
}

func ceil(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	d, err := need("ceil", v)
	if err != nil {
		return nil, err
	}
	low, err := floor(d.Neg())
	if err != nil {
		return nil, err
	}
	return low.(Decimal).Neg(), nil
}

func absolute(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	d, err := need("abs", args[0])
	return d.Abs(), err
}

// spread lets min(list) be min of the elements.
func spread(args []any) []any {
	if len(args) == 1 {
		if list, ok := toList(args[0]); ok {
			return list
		}
	}
	return args
}

func extreme(side int) call {
	return func(args ...any) (any, error) {
		var best any
		for _, v := range spread(args) {
			if v == nil {
				continue
			}
			if best == nil {
				best = v
			}
			c, err := order(v, best)
			if err != nil {
				return nil, err
			}
			if c*side > 0 {
				best = v
			}
		}
		return best, nil
	}
}

// decimals are the numbers of a list without the missing ones.
func decimals(name string, v any) ([]Decimal, error) {
	list, err := each(v)
	if err != nil {
		return nil, err
	}
	var out []Decimal
	for _, item := range list.([]any) {
		if item == nil {
			continue
		}
		d, err := need(name, item)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func sumOf(list []Decimal) (Decimal, error) {
	var total Decimal
	for _, d := range list {
		if total = total.Add(d); total.tooLarge() {
			return total, errTooLarge
		}
	}
	return total, nil
}

func sum(args ...any) (any, error) {
	list, err := decimals("sum", args[0])
	if err != nil {
		return nil, err
	}
	return sumOf(list)
}

func total(args ...any) (any, error) {
	field, ok := args[1].(string)
	if !ok {
		return nil, fmt.Errorf("total: the field is text, not %s", describe(args[1]))
	}
	rows, err := each(args[0])
	if err != nil {
		return nil, err
	}
	values := make([]any, len(rows.([]any)))
	for i, row := range rows.([]any) {
		values[i] = deep(row, field)
	}
	return sum(values)
}

func mean(args ...any) (any, error) {
	list, err := decimals("mean", args[0])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	total, err := sumOf(list)
	if err != nil {
		return nil, err
	}
	return total.Quo(NewDecimal(int64(len(list))))
}

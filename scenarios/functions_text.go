package scenarios

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const maxText = 1 << 20

var textFunctions = []*function{
	pure(1, 1, "string(x)", "x as text: a number in its shortest plain form, a time as ISO", func(a ...any) (any, error) { return text(a[0]) }),
	ofText("upper(s)", "s in capitals", func(s string) any { return strings.ToUpper(s) }),
	ofText("lower(s)", "s in small letters", func(s string) any { return strings.ToLower(s) }),
	pure(1, 2, "trim(s[, characters])", "s without blanks (or those characters) at both ends", trim),
	pure(2, 2, "trimPrefix(s, prefix)", "s without that beginning", ofTwo("trimPrefix", strings.TrimPrefix)),
	pure(2, 2, "trimSuffix(s, suffix)", "s without that end", ofTwo("trimSuffix", strings.TrimSuffix)),
	pure(2, 2, "hasPrefix(s, prefix)", "the same as startsWith", operators["startsWith"]),
	pure(2, 2, "hasSuffix(s, suffix)", "the same as endsWith", operators["endsWith"]),
	pure(2, 3, "split(s, separator[, n])", "the parts of s, at most n", split),
	pure(1, 2, "join(list[, separator])", "the texts of a list in one", join),
	pure(3, 3, "replace(s, old, new)", "s with every old made new", replace),
	pure(2, 2, "repeat(s, n)", "s n times", repeat),
	pure(2, 2, "indexOf(s, part)", "where part begins in s (or stands in a list), -1 if nowhere", indexOf),
	pure(2, 2, "lastIndexOf(s, part)", "where it begins for the last time", lastIndexOf),
	pure(2, 3, "padLeft(s, width[, fill])", "s filled up on the left with blanks, or that character", padLeft),
	pure(1, 1, "type(x)", "nil, bool, number, string, time, duration, array or map", typeOf),
	pure(1, 1, "toJSON(x)", "x as compact JSON", toJSON),
	reading(1, 1, "fromJSON(s)", "the value in a JSON text, nil when there is none", fromJSON),
	ofText("toBase64(s)", "s in base64", func(s string) any { return base64.StdEncoding.EncodeToString([]byte(s)) }),
	reading(1, 1, "fromBase64(s)", "the text in base64, nil when there is none", fromBase64),
}

func text(v any) (any, error) {
	switch t := v.(type) {
	case nil:
		return nil, nil
	case string:
		return t, nil
	case bool:
		return fmt.Sprint(t), nil
	case json.Number:
		return string(t), nil
	case time.Time:
		return formatTime(t), nil
	case time.Duration:
		return t.String(), nil
	}
	if d, ok := toDecimal(v); ok {
		b, err := d.MarshalJSON()
		return string(b), err
	}
	return nil, fmt.Errorf("string takes no %s; toJSON does", strings.TrimPrefix(strings.TrimPrefix(describe(v), "a "), "an "))
}

// stringsOf reads arguments that must all be text; missing tells that one is nil.
func stringsOf(name string, args []any) (out []string, missing bool, err error) {
	for _, a := range args {
		if a == nil {
			return nil, true, nil
		}
		s, ok := a.(string)
		if !ok {
			return nil, false, fmt.Errorf("%s takes text, not %s", name, describe(a))
		}
		out = append(out, s)
	}
	return out, false, nil
}

func ofTwo(name string, f func(a, b string) string) call {
	return func(args ...any) (any, error) {
		s, missing, err := stringsOf(name, args)
		if err != nil || missing {
			return nil, err
		}
		return f(s[0], s[1]), nil
	}
}

func trim(args ...any) (any, error) {
	s, missing, err := stringsOf("trim", args)
	if err != nil || missing {
		return nil, err
	}
	if len(s) == 2 {
		return strings.Trim(s[0], s[1]), nil
	}
	return strings.TrimSpace(s[0]), nil
}

func split(args ...any) (any, error) {
	s, missing, err := stringsOf("split", args[:2])
	if err != nil || missing {
		return nil, err
	}
	n := -1
	if len(args) == 3 {
		var ok bool
		if n, ok = toInt(args[2]); !ok {
			return nil, errors.New("split: n is a whole number")
		}
	}
	return anys(strings.SplitN(s[0], s[1], n)), nil
}

func join(args ...any) (any, error) {
	list, err := listOf(args[0])
	if err != nil {
		return nil, err
	}
	separator := ""
	if len(args) == 2 {
		var ok bool
		if separator, ok = args[1].(string); !ok {
			return nil, fmt.Errorf("join: the separator is text, not %s", describe(args[1]))
		}
	}
	var parts []string
	for _, v := range list {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		if s != nil {
			parts = append(parts, s.(string))
		}
	}
	return sized(strings.Join(parts, separator))
}

func sized(s string) (any, error) {
	if len(s) > maxText {
		return nil, errors.New("the text is too long")
	}
	return s, nil
}

func replace(args ...any) (any, error) {
	s, missing, err := stringsOf("replace", args)
	if err != nil || missing {
		return nil, err
	}
	if strings.Count(s[0], s[1])*len(s[2]) > maxText {
		return nil, errors.New("the text is too long")
	}
	return strings.ReplaceAll(s[0], s[1], s[2]), nil
}

func repeat(args ...any) (any, error) {
	s, missing, err := stringsOf("repeat", args[:1])
	if err != nil || missing {
		return nil, err
	}
	n, ok := toInt(args[1])
	if !ok || n < 0 || n*max(len(s[0]), 1) > maxText {
		return nil, errors.New("repeat: n is a whole number, and the text at most a megabyte")
	}
	return strings.Repeat(s[0], n), nil
}

func indexOf(args ...any) (any, error) {
	if list, ok := toList(args[0]); ok {
		for i, v := range list {
			if equal(v, args[1]) {
				return i, nil
			}
		}
		return -1, nil
	}
	return position("indexOf", args, strings.Index)
}

func lastIndexOf(args ...any) (any, error) {
	return position("lastIndexOf", args, strings.LastIndex)
}

// position counts characters, not bytes.
func position(name string, args []any, find func(s, part string) int) (any, error) {
	s, missing, err := stringsOf(name, args)
	if err != nil || missing {
		return nil, err
	}
	i := find(s[0], s[1])
	if i < 0 {
		return -1, nil
	}
	return utf8.RuneCountInString(s[0][:i]), nil
}

func padLeft(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	v, err := text(args[0])
	if err != nil {
		return nil, err
	}
	width, ok := toInt(args[1])
	if !ok || width < 0 || width > maxExpression {
		return nil, fmt.Errorf("padLeft: the width is a whole number up to %d", maxExpression)
	}
	fill := " "
	if len(args) == 3 {
		if fill, ok = args[2].(string); !ok || utf8.RuneCountInString(fill) != 1 {
			return nil, errors.New("padLeft: the fill is one character")
		}
	}
	s := v.(string)
	return strings.Repeat(fill, max(0, width-utf8.RuneCountInString(s))) + s, nil
}

func typeOf(args ...any) (any, error) {
	switch describe(args[0]) {
	case "nothing":
		return "nil", nil
	case "text":
		return "string", nil
	case "true or false":
		return "bool", nil
	case "a list":
		return "array", nil
	case "an object":
		return "map", nil
	}
	return strings.TrimPrefix(describe(args[0]), "a "), nil
}

func toJSON(args ...any) (any, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(args[0]); err != nil {
		return nil, errors.New("toJSON: a number in it must be rounded first")
	}
	return sized(strings.TrimSuffix(b.String(), "\n"))
}

func fromJSON(args ...any) (any, error) {
	s, missing, err := stringsOf("fromJSON", args)
	if err != nil || missing {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(s[0]))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return nil, nil
	}
	return v, nil
}

func fromBase64(args ...any) (any, error) {
	s, missing, err := stringsOf("fromBase64", args)
	if err != nil || missing {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(s[0])
	if err != nil || !utf8.Valid(b) {
		return nil, nil
	}
	return string(b), nil
}

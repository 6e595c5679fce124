package openapi

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// convert writes a value as the schema wants it, where it means the same.
func (g *sampler) convert(s *Schema, v any, name string) (any, bool) {
	for _, listed := range s.listed() {
		if sameWord(listed, v) && s.fits(listed) {
			return copyValue(listed), true
		}
	}
	for _, other := range g.otherWritings(s, v, name) {
		if other != nil && s.fits(other) {
			return other, true
		}
	}
	return nil, false
}

// sameWord tells whether two scalars are the same but for case or quotes.
func sameWord(a, b any) bool {
	x, y := scalarText(a), scalarText(b)
	return x != "" && strings.EqualFold(x, y)
}

// scalarText is a scalar as text, "" for anything else.
func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (g *sampler) otherWritings(s *Schema, v any, name string) []any {
	var out []any
	switch v := v.(type) {
	case string:
		out = fromText(strings.TrimSpace(v))
		if !identity(name) && telling(name) {
			out = append(out, g.shortened(s, v))
		}
	case json.Number:
		out = []any{unfractioned(v), string(v)}
		out = append(out, fromUnix(v)...)
		if v == "0" || v == "1" {
			out = append(out, v == "1")
		}
	case bool:
		out = []any{strconv.FormatBool(v)}
	case int:
		out = []any{json.Number(strconv.Itoa(v))}
	case int64:
		out = []any{json.Number(strconv.FormatInt(v, 10)), strconv.FormatInt(v, 10)}
	case map[string]any:
		for _, key := range []string{"id", "uid", "uuid"} {
			if id := bareID(v[key]); id != "" {
				out = append(out, v[key], id)
				break
			}
		}
	case []any:
		if len(v) == 1 {
			out = append(out, v[0])
		}
		return out
	}
	if s.Items() != nil {
		out = append(out, []any{v})
	}
	return out
}

// fromText reads a text as what it may have been written for.
func fromText(text string) []any {
	var out []any
	if isNumber(text) {
		out = append(out, json.Number(text), unfractioned(json.Number(text)))
	}
	switch strings.ToLower(text) {
	case "true", "1":
		out = append(out, true)
	case "false", "0":
		out = append(out, false)
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		out = append(out, json.Number(strconv.FormatInt(at.Unix(), 10)), at.UTC().Format(time.DateOnly))
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		out = append(out, at.Format(isoMillis), json.Number(strconv.FormatInt(at.Unix(), 10)))
	}
	return append(out, text)
}

// unfractioned is a number without a fraction that is nothing: 10.00 is 10. nil if it has one.
func unfractioned(n json.Number) any {
	if len(n) > 40 || !strings.ContainsAny(string(n), ".eE") || hugeExponent(string(n)) {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok || !r.IsInt() {
		return nil
	}
	return json.Number(r.Num().String())
}

// hugeExponent keeps 1e999999999 from being written out.
func hugeExponent(n string) bool {
	i := strings.IndexAny(n, "eE")
	return i >= 0 && len(strings.TrimLeft(n[i+1:], "+-0")) > 2
}

// fromUnix reads seconds or milliseconds since 1970.
func fromUnix(n json.Number) []any {
	i, err := n.Int64()
	if err != nil || i < 1e8 || i > 4e12 {
		return nil
	}
	at := time.Unix(i, 0)
	if i > 1e11 {
		at = time.UnixMilli(i)
	}
	return []any{at.UTC().Format(isoMillis), at.UTC().Format(time.DateOnly)}
}

// telling names hold words for people: they may be cut short.
func telling(name string) bool {
	return named(name, "description", "message", "note", "comment", "reason", "title", "detail", "instruction", "summary", "memo", "text", "descricao", "mensagem")
}

// shortened is a text cut at the length allowed; nil where that is not what is wrong.
func (g *sampler) shortened(s *Schema, text string) any {
	most := s.facets().MaxLength
	if most == nil || *most == 0 || uint64(len([]rune(text))) <= *most {
		return nil
	}
	return strings.TrimSpace(string([]rune(text)[:*most]))
}

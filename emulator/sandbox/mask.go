package sandbox

import (
	"encoding/json"
	"maps"

	"github.com/sandgate/sandgate/openapi"
)

// maskCards hides card numbers in what is about to be stored. A number that the contract declares as one is an amount and stays;
// where anything may stand, it is a card number like any other.
func (o *object) maskCards() {
	for name, v := range o.body {
		var s *openapi.Schema
		if o.kind.schema != nil {
			s = o.kind.schema.Property(name)
		}
		if masked, changed := maskValue(v, s, false); changed {
			o.body[name] = masked
		}
	}
	for name, v := range o.hidden {
		if masked, changed := maskValue(v, nil, false); changed {
			o.hidden[name] = masked
		}
	}
}

// maskValue gives a copy where something was hidden: what is stored may be shared with the request. loose is where the contract
// declares nothing. What it does not declare beside what it does, and what calls itself a secret, is not kept.
func maskValue(v any, s *openapi.Schema, loose bool) (any, bool) {
	switch v := v.(type) {
	case string:
		masked := openapi.MaskCards(v)
		return masked, masked != v
	case json.Number:
		if masked := openapi.MaskCards(string(v)); loose && masked != string(v) {
			return masked, true
		}
		return v, false
	case map[string]any:
		return maskMembers(v, s, loose)
	case []any:
		return maskItems(v, s, loose)
	}
	return v, false
}

func maskMembers(v map[string]any, s *openapi.Schema, loose bool) (any, bool) {
	var out map[string]any
	for name, member := range v {
		var inner *openapi.Schema
		if s != nil {
			inner = s.Property(name)
		}
		stray := s != nil && inner == nil && len(s.Properties()) > 0 && openapi.SecretName(name)
		masked, changed := maskValue(member, inner, loose || s != nil && inner == nil)
		key := openapi.MaskCards(name)
		if !changed && key == name && !stray {
			continue
		}
		if out == nil {
			out = maps.Clone(v)
		}
		if delete(out, name); !stray {
			out[key] = masked
		}
	}
	return orSame(v, out)
}

func maskItems(v []any, s *openapi.Schema, loose bool) (any, bool) {
	var items *openapi.Schema
	if s != nil {
		items = s.Items()
	}
	var out []any
	for i, item := range v {
		if masked, changed := maskValue(item, items, loose); changed {
			if out == nil {
				out = append([]any(nil), v...)
			}
			out[i] = masked
		}
	}
	if out == nil {
		return v, false
	}
	return out, true
}

func orSame(was, now map[string]any) (any, bool) {
	if now == nil {
		return was, false
	}
	return now, true
}

// asKept is a text, or are texts, as they would have been stored: what is looked for is looked for in that form.
func asKept(v any) any {
	switch v := v.(type) {
	case string:
		return openapi.MaskCards(v)
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = asKept(one)
		}
		return out
	}
	return v
}

// cardInURL refuses what could be kept in no other form.
const cardInURL = "an address without a card number in it"

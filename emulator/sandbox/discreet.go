package sandbox

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// A contract that somebody brings may ask for cards, passwords and keys anywhere, and no scenario says where. So names decide: what only ever proves
// something is read, checked and forgotten, and a number that may be somebody's card is refused.

// noRealCard refuses a request with the number of a card that is no test card.
func (w *World) noRealCard(p *Provider, values *openapi.Values) error {
	if !p.Scenario.Infer || w.o.RealCard == nil || values == nil {
		return nil
	}
	pointer := realCard(values.Body, "/body", w.o.RealCard, maxForms)
	if pointer == "" && len(values.Query) > 0 {
		pointer = realCard(values.Query, "/query", w.o.RealCard, maxForms)
	}
	if pointer == "" {
		return nil
	}
	return p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: pointer, Rule: "test-card", Expected: "the number of a test card (four times 4242, or another that a provider publishes for tests)", Got: "a number that may be somebody's (not shown)"})
}

// realCard is where a real card's number stands, "" = nowhere.
func realCard(v any, pointer string, real func(string) bool, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if at := realCard(item, pointer+"/"+strconv.Itoa(i), real, depth-1); at != "" {
				return at
			}
		}
	case map[string]any:
		around := pointer
		if path, ok := v["path"].(string); ok && v["op"] != nil { // of a JSON Patch
			if names := strings.Split(path, "/"); cardNumberName(path[:max(0, strings.LastIndexByte(path, '/'))], names[len(names)-1], nil) && real(cardText(v["value"])) {
				return pointer + "/value"
			}
		}
		for _, name := range sortedKeys(v) {
			if text := cardText(v[name]); text != "" && cardNumberName(around, name, v) && real(text) {
				return pointer + "/" + name
			}
			if at := realCard(v[name], pointer+"/"+name, real, depth-1); at != "" {
				return at
			}
		}
	}
	return ""
}

func cardText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// cardNumberName says whether a member holds the number of a card: by its own name, by that of the object around it, or by what stands beside it.
func cardNumberName(around, name string, beside map[string]any) bool {
	plain := openapi.PlainName(name)
	if strings.Contains(plain, "cardnumber") || plain == "pan" || plain == "cardno" || plain == "primaryaccountnumber" {
		return true
	}
	if plain != "number" && plain != "cardnum" {
		return false
	}
	if strings.Contains(openapi.PlainName(around[strings.LastIndexByte(around, '/')+1:]), "card") {
		return true
	}
	for other := range beside {
		if o := openapi.PlainName(other); strings.HasPrefix(o, "exp") || securityCode(o) {
			return true
		}
	}
	return false
}

func securityCode(plain string) bool {
	switch plain {
	case "cvc", "cvv", "cvc2", "cvv2", "cvn", "csc", "securitycode", "cardsecuritycode", "verificationvalue", "verificationcode", "cardcvc", "cardcvv", "cvccheckvalue":
		return true
	}
	return false
}

// proves says whether a member only ever proves something: who stores it, stores too much. A reference is a name, whatever it is called.
func (k *Kind) proves(name string, v any) bool {
	plain := openapi.PlainName(name)
	if securityCode(plain) {
		return true
	}
	text, ok := v.(string)
	if !ok || !openapi.SecretName(name) || plain == "key" || k.refers(name) || !strings.ContainsFunc(text, func(r rune) bool { return r > ' ' }) {
		return false
	}
	return !strings.HasPrefix(text, "tok_") // a test card by its name
}

// refers says whether a property holds the id of something else.
func (k *Kind) refers(name string) bool {
	for _, pair := range k.spec.References {
		if pair.Name == name {
			return true
		}
	}
	return k.nature.expand[name] != "" || k.spec.Parent != nil && k.spec.Parent.Field == name
}

// discreet takes out of what a caller says what is not to be kept, in copies: the request itself stays whole for guards and fingerprints. What a
// customer writes into members of their own choice is theirs, but for the numbers of cards, which are masked when they are stored.
func (k *Kind) discreet(v any, around string, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth == 0 {
			return nil
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			switch text := cardText(member); {
			case k.proves(name, member):
			case text != "" && cardNumberName(around, name, v):
				out[name] = openapi.MaskCards(text)
			case k.nature.merge[name]:
				out[name] = member
			default:
				out[name] = k.discreet(member, name, depth-1)
			}
		}
		return out
	case []any:
		if depth == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = k.discreet(item, around, depth-1)
		}
		return out
	}
	return v
}

// maxDiscreet is how deep is looked; what is deeper is not kept.
const maxDiscreet = openapi.MaxDepth + 1

// retained is what of a caller's fields an object of the kind may keep.
func (k *Kind) retained(from map[string]any) map[string]any {
	if !k.nature.whole || from == nil {
		return from
	}
	kept, _ := k.discreet(from, k.Short, maxDiscreet).(map[string]any)
	return kept
}

package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// wording fills an error's schema by what its properties mean.
type wording struct {
	refusal  *Refusal
	occasion Occasion
	form     bool // the request is a form: a[b][0] is how it names fields
}

// Bounds of an error that is written.
const (
	deepestError = 5
	mostSaid     = 20 // violations
	mostMessage  = 1000
)

// fill makes a value for a schema under a name; v is the violation that it is about, nil = the refusal as a whole. nil = there is nothing to say.
func (w *wording) fill(s *openapi.Schema, name string, depth int, v *openapi.Violation) any {
	if s == nil || depth > deepestError {
		return nil
	}
	form := w.variant(s, v)
	switch {
	case s.Type() == "array" || form.Type() == "array":
		return w.list(form, name, depth, v)
	case (len(s.Properties()) > 0 || len(form.Properties()) > 0) && s.Type() != "string":
		return w.object(s, form, name, depth, v)
	case s.Type() == "object":
		return w.byField(s, name)
	}
	return w.scalar(s, name, v)
}

// variant is the form of several that an error of this status is said in; the schema itself where it has none.
func (w *wording) variant(s *openapi.Schema, v *openapi.Violation) *openapi.Schema {
	if len(s.Enum()) > 0 {
		return s
	}
	best, most := s, -1
	for _, form := range s.Forms() {
		if score := w.suits(form, v); score > most {
			best, most = form, score
		}
	}
	return best
}

// suits says how well a form can tell what is wrong.
func (w *wording) suits(form *openapi.Schema, v *openapi.Violation) int {
	score := 0
	if strings.Contains(form.Name(), strconv.Itoa(w.refusal.Status)) {
		score += 100
	}
	for _, property := range form.Properties() {
		child := form.Property(property)
		switch said := w.scalar(child, property, v); {
		case meaningOf(openapi.PlainName(property), v != nil) == "code" && len(child.Enum()) > 0:
			score += 50 - rank(child.Enum(), w.words(v))
		case said != nil:
			score++
		}
	}
	return score
}

func (w *wording) object(s, form *openapi.Schema, name string, depth int, v *openapi.Violation) any {
	out := map[string]any{}
	for _, property := range s.Properties() {
		child := s.Property(property)
		if own := form.Property(property); own != nil && len(own.Enum()) > 0 {
			child = own
		}
		if said := w.member(s, child, property, name, depth, v); said != nil {
			out[property] = said
		}
	}
	if len(out) == 0 && depth > 0 {
		return nil
	}
	return out
}

// member is one property of an object.
func (w *wording) member(s, child *openapi.Schema, property, within string, depth int, v *openapi.Violation) any {
	list := child.Type() == "array"
	if !list && child.Type() != "object" && (len(child.Properties()) == 0 || child.Type() == "string") {
		return w.scalarIn(s, child, property, v)
	}
	switch {
	case list && within == item:
		return nil // no violation has violations of its own
	case means(property, "container"), depth == 0 && isRequired(s, property):
		return w.fill(child, property, depth+1, v)
	}
	return nil
}

// item is the name of what stands in a list.
const item = "item"

func isRequired(s *openapi.Schema, property string) bool {
	for _, name := range s.Required() {
		if name == property {
			return true
		}
	}
	return false
}

// list has one item for each violation, else one for the refusal.
func (w *wording) list(s *openapi.Schema, name string, depth int, v *openapi.Violation) any {
	items := s.Items()
	if items == nil || depth > 0 && !means(name, "container") {
		return nil
	}
	out := []any{}
	violations := w.refusal.Violations
	for i := range violations[:min(len(violations), mostSaid)] {
		if said := w.item(items, depth, &violations[i]); said != nil {
			out = append(out, said)
		}
	}
	if len(violations) == 0 {
		if said := w.item(items, depth, v); said != nil {
			out = append(out, said)
		}
	}
	return out
}

func (w *wording) item(s *openapi.Schema, depth int, v *openapi.Violation) any {
	if len(s.Properties()) == 0 {
		return w.scalar(s, "message", v)
	}
	return w.fill(s, item, depth+1, v)
}

// byField is a map whose names are the fields that are wrong.
func (w *wording) byField(s *openapi.Schema, name string) any {
	if !means(name, "container") {
		return nil
	}
	lists, texts := map[string]any{}, map[string]any{}
	for _, v := range w.refusal.Violations {
		field := w.field(v.Pointer)
		list, _ := lists[field].([]any)
		lists[field], texts[field] = append(list, v.String()), v.String()
	}
	if len(lists) == 0 {
		lists["base"], texts["base"] = []any{w.message(nil)}, w.message(nil)
	}
	for _, said := range []map[string]any{lists, texts} {
		if len(s.Validate(said, "")) == 0 {
			return said
		}
	}
	return nil
}

// scalarIn is scalar where what stands beside the property may change what it means.
func (w *wording) scalarIn(s, child *openapi.Schema, property string, v *openapi.Violation) any {
	switch plain := openapi.PlainName(property); {
	case plain == "type" && s.Has("title") && (s.Has("detail") || s.Has("instance")) || plain == "type" && child.Format() == "uri":
		return w.first(child, "about:blank") // a problem of RFC 9457 that has no page of its own
	case plain == "error" && !s.Has("message") && !s.Has("mensagem") && !s.Has("error_description") && !s.Has("detail"):
		return w.scalar(child, "message", v)
	case plain == "name" && v == nil && !s.Has("message") && !s.Has("detail"):
		return nil
	}
	return w.scalar(child, property, v)
}

// scalar is what a property is told by its name, if the schema takes it.
func (w *wording) scalar(s *openapi.Schema, name string, v *openapi.Violation) any {
	plain := openapi.PlainName(name)
	switch meaning := meaningOf(plain, v != nil); meaning {
	case "message", "title":
		text := w.message(v)
		if meaning == "title" {
			text = titleOf(w.refusal)
		}
		if listed := s.Enum(); len(listed) > 0 {
			return w.first(s, listed...)
		}
		return w.text(s, text)
	case "code":
		return w.code(s, v)
	case "status":
		status := w.refusal.Status
		return w.first(s, json.Number(strconv.Itoa(status)), w.statusText(s), false)
	case "field":
		if v == nil {
			v = w.only()
		}
		if v == nil || v.Pointer == "" {
			return nil
		}
		return w.named(s, plain, v.Pointer)
	case "place":
		if v == nil || v.Pointer == "" {
			return nil
		}
		place, _, _ := strings.Cut(strings.TrimPrefix(v.Pointer, "/"), "/")
		return w.first(s, place)
	case "got":
		if v == nil || v.Got == "" {
			return nil
		}
		return w.first(s, v.Got)
	case "expected":
		if v == nil || v.Expected == "" {
			return nil
		}
		return w.first(s, v.Expected)
	case "request":
		return w.first(s, w.occasion.Request)
	case "docs":
		return w.first(s, "https://example.com/docs/errors#"+strings.ReplaceAll(w.refusal.Code, "_", "-"))
	case "time":
		return w.first(s, w.occasion.Now.UTC().Format("2006-01-02T15:04:05.000Z"), json.Number(strconv.FormatInt(w.occasion.Now.Unix(), 10)))
	case "false":
		return w.first(s, false, "false")
	case "true":
		return w.first(s, true)
	}
	return nil
}

// only is the violation of a refusal that has one, or the first of several.
func (w *wording) only() *openapi.Violation {
	if len(w.refusal.Violations) == 0 {
		return nil
	}
	return &w.refusal.Violations[0]
}

// first is the first value that a schema takes, nil if it takes none.
func (w *wording) first(s *openapi.Schema, values ...any) any {
	for _, v := range values {
		if v != nil && v != "" && len(s.Validate(v, "")) == 0 {
			return v
		}
	}
	return nil
}

// text is a message, cut where the schema has no room for it.
func (w *wording) text(s *openapi.Schema, message string) any {
	for room := len(message); room > 0; room = room * 2 / 3 {
		text := strings.ToValidUTF8(message[:room], "")
		if said := w.first(s, text); said != nil {
			return said
		}
		if room < 8 {
			break
		}
	}
	return nil
}

// message says what is wrong: with one thing, or with all.
func (w *wording) message(v *openapi.Violation) string {
	if v != nil {
		return v.String()
	}
	messages := w.refusal.Messages
	text := strings.Join(messages[:min(len(messages), mostSaid)], "; ")
	if n := len(messages) - mostSaid; n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	if text == "" || text == w.refusal.Code {
		text = titleOf(w.refusal)
	}
	if len(text) > mostMessage {
		text = strings.ToValidUTF8(text[:mostMessage], "") + "…"
	}
	return text
}

// statusText is a status in a text: digits, unless the example shows words.
func (w *wording) statusText(s *openapi.Schema) any {
	if example, ok := s.Example().(string); ok && example != "" && (example[0] < '0' || example[0] > '9') {
		return nil
	}
	if len(s.Enum()) > 0 {
		return chosen(s.Enum(), []string{strconv.Itoa(w.refusal.Status), "error", "fail", "failed", "failure", "erro"})
	}
	return strconv.Itoa(w.refusal.Status)
}

// titleOf is what a status is called.
func titleOf(r *Refusal) string {
	if text := http.StatusText(r.Status); text != "" {
		return text
	}
	return r.Code
}

// named writes a pointer as the property shows fields: as a pointer, or as a name.
func (w *wording) named(s *openapi.Schema, plain, pointer string) any {
	example, _ := s.Example().(string)
	inside := strings.TrimPrefix(pointer, "/body")
	if plain == "pointer" || strings.HasPrefix(example, "/") {
		return w.first(s, inside, pointer)
	}
	return w.first(s, w.field(pointer), pointer)
}

// field is a pointer as the name of what the request holds: items[0].price, or items[0][price] in a form.
func (w *wording) field(pointer string) string {
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(tokens) > 1 {
		tokens = tokens[1:] // body, query, path, header
	}
	out := ""
	for i, token := range tokens {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		_, err := strconv.Atoi(token)
		switch {
		case i == 0:
			out = token
		case err == nil || w.form:
			out += "[" + token + "]"
		default:
			out += "." + token
		}
	}
	return out
}

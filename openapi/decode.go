package openapi

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Decode reads a request by the plan and returns every violation of its path, query, headers and body. path holds the router's parameters, body the
// whole body. A multipart body may be left in r.Body (body is nil): it is then read as a stream and its files are not kept in memory.
func (p *Plan) Decode(r *http.Request, path map[string]string, body []byte) (*Values, []Violation) {
	d := decoder{plan: p, request: r, values: &Values{}}
	d.params(path)
	d.body(body)
	return d.values, d.found
}

type decoder struct {
	plan    *Plan
	request *http.Request
	values  *Values
	found   []Violation
	query   url.Values
}

func (d *decoder) add(pointer, rule, expected, got string) {
	d.found = append(d.found, Violation{Pointer: pointer, Rule: rule, Expected: expected, Got: got})
}

func (d *decoder) params(path map[string]string) {
	for i := range d.plan.Params {
		p := &d.plan.Params[i]
		pointer := "/" + p.In + "/" + escapeToken(p.Name)
		value, present := d.param(p, path)
		if !present {
			if p.Required {
				d.add(pointer, "required", expectedProperty(p.Schema), "nothing")
			}
			continue
		}
		if p.JSON {
			text, _ := value.(string)
			decoded, bad := DecodeJSON([]byte(text))
			if bad != nil {
				d.add(pointer+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
				continue
			}
			value = decoded
		}
		d.found = append(d.found, p.Schema.Validate(value, pointer)...)
		d.keep(p, value)
	}
}

func (d *decoder) keep(p *Param, value any) {
	var into *map[string]any
	switch p.In {
	case "path":
		into = &d.values.Path
	case "query":
		into = &d.values.Query
	case "header":
		into = &d.values.Header
	default:
		into = &d.values.Cookie
	}
	if *into == nil {
		*into = map[string]any{}
	}
	(*into)[p.Name] = value
}

// param finds a parameter's text and types it by its schema.
func (d *decoder) param(p *Param, path map[string]string) (value any, present bool) {
	var given []string
	switch p.In {
	case "path":
		text, ok := path[p.Name]
		if !ok {
			return nil, false
		}
		given = []string{text}
	case "query":
		if d.query == nil {
			// What cannot be parsed is left out, as servers do.
			d.query, _ = url.ParseQuery(d.request.URL.RawQuery)
		}
		if p.Style == "deepObject" {
			return deepObject(d.query, p)
		}
		if given = d.query[p.Name]; given == nil {
			given = d.query[p.Name+"[]"]
		}
	case "header":
		given = d.request.Header.Values(p.Name)
	case "cookie":
		if cookie, err := d.request.Cookie(p.Name); err == nil {
			given = []string{cookie.Value}
		}
	}
	if len(given) == 0 {
		return nil, false
	}
	if p.JSON {
		return given[0], true
	}
	return typed(given, p.Schema, separator(p)), true
}

func separator(p *Param) string {
	switch p.Style {
	case "spaceDelimited":
		return " "
	case "pipeDelimited":
		return "|"
	}
	return ","
}

// deepObject collects name[property]=value.
func deepObject(query url.Values, p *Param) (any, bool) {
	object := map[string]any{}
	for key, given := range query {
		inner, ok := strings.CutPrefix(key, p.Name+"[")
		if !ok || !strings.HasSuffix(inner, "]") {
			continue
		}
		name := strings.TrimSuffix(inner, "]")
		object[name] = typed(given, p.Schema.Property(name), ",")
	}
	return object, len(object) > 0
}

// typed turns texts into the value that the schema asks for. An array takes repeated values and separated ones; where one value is asked for, the first
// one counts. Text that does not fit stays a string, which validation then reports.
func typed(given []string, s *Schema, separator string) any {
	if s == nil {
		return given[0]
	}
	if wants(s, "array", maxHops) {
		if len(given) == 1 {
			if given[0] == "" {
				return []any{}
			}
			given = strings.Split(given[0], separator)
		}
		items := s.itemsOf()
		list := make([]any, len(given))
		for i, text := range given {
			list[i] = scalar(text, items)
		}
		return list
	}
	if wants(s, "object", maxHops) && strings.HasPrefix(strings.TrimSpace(given[0]), "{") {
		if v, bad := DecodeJSON([]byte(given[0])); bad == nil {
			return v
		}
	}
	return scalar(given[0], s)
}

// scalar types one text. A schema that allows several types gets the narrowest that fits.
func scalar(text string, s *Schema) any {
	switch {
	case s == nil:
		return text
	case (wants(s, "number", maxHops) || wants(s, "integer", maxHops)) && isNumber(text):
		return json.Number(text)
	case (text == "true" || text == "false") && wants(s, "boolean", maxHops):
		return text == "true"
	}
	return text
}

// wants tells whether a schema, a part or a variant of it names the type.
func wants(s *Schema, t string, hops int) bool {
	n := s.rules()
	if types := n.kin.Type.Slice(); len(types) > 0 {
		for _, have := range types {
			if have == t {
				return true
			}
		}
		return false
	}
	if hops == 0 {
		return false
	}
	for _, part := range n.allOf {
		if wants(part.schema(), t, hops-1) {
			return true
		}
	}
	for _, variant := range n.variants() {
		if wants(variant.schema(), t, hops-1) {
			return true
		}
	}
	return false
}

const contentType = "/header/content-type"

// body decodes and validates the body by its media type.
func (d *decoder) body(body []byte) {
	b := d.plan.Body
	if b == nil {
		return
	}
	header := d.request.Header.Get("Content-Type")
	media, params := header, map[string]string(nil)
	if header != "application/json" { // the plain case needs no parser
		media, params, _ = mime.ParseMediaType(header)
	}
	stream := body == nil && d.request.Body != nil && d.request.Body != http.NoBody && media == "multipart/form-data"
	if len(body) == 0 && !stream {
		if b.Required {
			d.add("/body", "required", "a body", "nothing")
		}
		return
	}
	declared, schema := b.find(media)
	if charset := strings.ToLower(params["charset"]); schema == nil || charset != "" && charset != "utf-8" && charset != "us-ascii" {
		got := show(header)
		if header == "" {
			got = "nothing"
		}
		d.add(contentType, "contentType", strings.Join(b.Types, " or "), got)
		return
	}
	switch {
	case isJSON(media):
		v, bad := DecodeJSON(body)
		if bad != nil {
			d.add("/body"+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
			return
		}
		d.values.Body = v
		d.found = append(d.found, schema.validate(v, "/body", true)...)
	case media == "multipart/form-data":
		d.multipart(body, params["boundary"], schema, b.parts[declared])
	case media == "application/x-www-form-urlencoded":
		d.form(body, schema)
	default:
		// Text and binary bodies are values of their own; nothing of a contract applies to them but a string's keywords.
		d.values.Body = string(body)
		d.found = append(d.found, schema.validate(d.values.Body, "/body", true)...)
	}
}

// find returns the declared media type that covers the one given, and its schema.
func (b *Body) find(media string) (declared string, s *Schema) {
	major, _, _ := strings.Cut(media, "/")
	for _, declared := range []string{media, major + "/*", "*/*"} {
		if s := b.Media[declared]; s != nil && media != "" {
			return declared, s
		}
	}
	return "", nil
}

// form decodes a flat urlencoded body.
func (d *decoder) form(body []byte, s *Schema) {
	fields, err := url.ParseQuery(string(body))
	if err != nil {
		d.add("/body", "form", "an urlencoded form", "text that is not one")
		return
	}
	object := map[string]any{}
	for name, given := range fields {
		name = strings.TrimSuffix(name, "[]")
		object[name] = typed(given, s.Property(name), ",")
	}
	d.values.Body = object
	d.found = append(d.found, s.validate(object, "/body", true)...)
}

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
	tree    *branch // the query by its brackets
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
				d.add(pointer, "required", expectedProperty(p.Schema.kin), "nothing")
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
		if _, none := value.(empty); none {
			value = ""
		} else {
			d.found = append(d.found, p.Schema.Validate(value, pointer)...)
		}
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
		return d.queryParam(p)
	case "header":
		given = d.request.Header.Values(p.Name)
	case "cookie":
		for _, cookie := range d.request.CookiesNamed(p.Name) {
			given = append(given, cookie.Value)
		}
	}
	switch {
	case len(given) == 0:
		return nil, false
	case p.JSON:
		return given[0], true
	case len(given) > 1 && isKind(p.Schema, "array"):
		return typed(given, p.Schema, ","), true
	}
	return d.styled(p, given[0]), true
}

// typed turns texts into the value that the schema asks for. An array takes repeated values and separated ones; where one value is asked for, the first
// one counts. Text that does not fit stays a string, which validation then reports.
func typed(given []string, s *Schema, separator string) any {
	if s == nil {
		return given[0]
	}
	several := len(given) > 1 || !wants(s, "string", maxHops) && !wants(s, "number", maxHops) && !wants(s, "integer", maxHops)
	if wants(s, "array", maxHops) && (several || given[0] != "" && strings.Contains(given[0], separator)) {
		if len(given) == 1 {
			if given[0] == "" {
				return []any{}
			}
			given = strings.Split(given[0], separator)
		}
		return formItems(given, s)
	}
	return formText(given[0], s)
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
	if types := s.kin.Type.Slice(); len(types) > 0 {
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
	for _, part := range s.allOf {
		if wants(part, t, hops-1) {
			return true
		}
	}
	for _, variant := range s.variants {
		if wants(variant, t, hops-1) {
			return true
		}
	}
	return false
}

const (
	contentType = "/header/content-type"
	formMedia   = "application/x-www-form-urlencoded"
)

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
		if schema := b.Media[formMedia]; b.Required && len(b.Media) == 1 && schema != nil {
			d.form(nil, schema, nil) // an empty form is no bytes: what is missing is named
		} else if b.Required {
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
	case media == formMedia:
		d.form(body, schema, b.encoding[declared])
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

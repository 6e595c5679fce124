package openapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Decode reads a request by the plan and returns every violation of its path, query, headers and body. path holds the router's parameters, body the
// whole body. A multipart body may be left in r.Body (body is nil): it is then read as a stream and its files are not kept in memory.
func (p *Plan) Decode(r *http.Request, path map[string]string, body []byte) (*Values, []Violation) {
	return p.DecodeKeeping(r, path, body, 0)
}

// DecodeKeeping is Decode that keeps the content of each file of at most so many bytes.
func (p *Plan) DecodeKeeping(r *http.Request, path map[string]string, body []byte, keep int64) (*Values, []Violation) {
	d := decoder{plan: p, request: r, values: &Values{}, keepUpTo: keep}
	d.params(path)
	d.body(body)
	for i := range d.found {
		d.found[i].Pointer = maskDigits(d.found[i].Pointer)
	}
	return d.values, d.found
}

type decoder struct {
	plan    *Plan
	request *http.Request
	values  *Values
	found   []Violation
	query   url.Values
	tree    *branch // the query by its brackets

	keepUpTo int64 // bytes of a file
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

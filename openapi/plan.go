package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Plan is what an operation needs to be served: typed parameters, bodies and replies. It is made once, on the operation's first use, and never changes.
type Plan struct {
	Operation *Operation
	Params    []Param
	Body      *Body          // nil if the operation takes none
	Replies   map[int]*Reply // by exact status
	Success   int            // the first 2xx with a body, else the first 2xx, else 0

	ranges [6]*Reply // "4XX" at 4
	other  *Reply    // default
}

// Param is one path, query, header or cookie parameter.
type Param struct {
	In, Name string
	Required bool
	Schema   *Schema
	Style    string // form, simple, deepObject, …
	Explode  bool
	JSON     bool // the value is JSON text (content: application/json)
	Empty    bool // allowEmptyValue
}

// Body is the request body: a schema for each media type.
type Body struct {
	Required bool
	Media    map[string]*Schema
	Types    []string // the media types in the order of the document

	parts    map[string]map[string]string   // media type → property → content types allowed
	encoding map[string]map[string]encoding // media type → property → how it is written
}

// Reply is one declared response.
type Reply struct {
	Status int     // 0 for default and ranges
	Media  string  // "" if it has no body
	Schema *Schema // nil if it has no body

	raw json.RawMessage
}

// Raw is the response object as written, references followed. The caller does not change it.
func (r *Reply) Raw() json.RawMessage { return r.raw }

// Reply returns what the operation declares for a status: by number, by range, or the default; nil if nothing fits.
func (p *Plan) Reply(status int) *Reply {
	if r := p.Replies[status]; r != nil {
		return r
	}
	if class := status / 100; class > 0 && class < len(p.ranges) && p.ranges[class] != nil {
		return p.ranges[class]
	}
	return p.other
}

// Plan returns the operation's plan, made on the first call. What is malformed in it is repaired or left out, and remembered as a repair; so there is
// always a plan. The error is for what cannot be read at all.
func (d *Document) Plan(o *Operation) (*Plan, error) {
	o.once.Do(func() {
		b := planner{doc: d, at: o.at}
		if o.plan, o.err = b.plan(o); o.err != nil {
			o.plan, o.err = nil, fmt.Errorf("%s: %w", o.Key(), o.err)
		}
	})
	return o.plan, o.err
}

// planner reads one operation; at is where it stands.
type planner struct {
	doc    *Document
	at     string
	bodies []oldBody
}

// schema is the schema in raw, which stands at a pointer.
func (b *planner) schema(raw json.RawMessage, at string) *Schema {
	return b.doc.schemaIn(raw, place{pointer: at})
}

// follow is what an object is, or refers to, and where that stands; false if it refers to nothing.
func (b *planner) follow(raw json.RawMessage, at string) (json.RawMessage, string, bool) {
	ref, ok := reference(raw)
	if !ok {
		return raw, at, true
	}
	target, err := b.doc.follow(raw)
	if err != nil {
		b.doc.repaired(at, err.Error(), leftOut)
		return nil, at, false
	}
	return target, strings.TrimPrefix(ref, "#"), true
}

func (b *planner) plan(o *Operation) (*Plan, error) {
	p := &Plan{Operation: o, Replies: map[int]*Reply{}}
	if o.shared != nil {
		b.params(p, o.shared, b.at[:strings.LastIndexByte(b.at, '/')]+"/parameters")
	}
	err := eachMember(o.raw, func(name string, value json.RawMessage) error {
		switch name {
		case "parameters":
			b.params(p, value, b.at+"/parameters")
		case "requestBody":
			b.body(p, value)
		case "responses":
			b.replies(p, value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.settle(p)
	return p, nil
}

// params adds parameters; one of the operation replaces the path's one of the same place and name.
func (b *planner) params(p *Plan, raw json.RawMessage, at string) {
	i := -1
	err := eachItem(raw, func(item json.RawMessage) error {
		i++
		item, at, ok := b.follow(item, at+"/"+strconv.Itoa(i))
		if !ok || b.older(item, at) {
			return nil
		}
		param, ok := b.param(item, at)
		if !ok {
			return nil
		}
		same := func(other Param) bool { return other.In == param.In && other.Name == param.Name }
		if i := slices.IndexFunc(p.Params, same); i >= 0 {
			p.Params[i] = param
		} else if !ignoredHeader(param) {
			p.Params = append(p.Params, param)
		}
		return nil
	})
	if err != nil && string(raw) != "null" {
		b.doc.repaired(at, err.Error(), leftOut)
	}
}

// ignoredHeader tells the three headers that OpenAPI does not describe as parameters.
func ignoredHeader(p Param) bool {
	if p.In != "header" {
		return false
	}
	switch strings.ToLower(p.Name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

// param reads a parameter; one without a name, or in no known place, is left out.
func (b *planner) param(raw json.RawMessage, at string) (p Param, ok bool) {
	explode := ""
	err := eachMember(raw, func(name string, value json.RawMessage) error {
		switch name {
		case "in":
			p.In, _ = text(value)
		case "name":
			p.Name, _ = text(value)
		case "required":
			p.Required = string(value) == "true" || string(value) == `"true"`
		case "style":
			p.Style, _ = text(value)
		case "explode":
			explode = strings.Trim(string(value), `"`)
		case "allowEmptyValue":
			p.Empty = string(value) == "true"
		case "schema":
			p.Schema = b.schema(value, at+"/schema")
		case "content":
			return eachMember(value, func(media string, value json.RawMessage) error {
				p.JSON = p.JSON || isJSON(media)
				if schema, ok := member(value, "schema"); ok && p.Schema == nil {
					p.Schema = b.schema(schema, at+"/content/"+escapeToken(media)+"/schema")
				}
				return nil
			})
		}
		return nil
	})
	if err != nil || p.Name == "" || !slices.Contains([]string{"path", "query", "header", "cookie"}, p.In) {
		b.doc.repaired(at, "a parameter without a name and a place (path, query, header, cookie)", leftOut)
		return p, false
	}
	if p.Style == "" {
		p.Style = "simple"
		if p.In == "query" || p.In == "cookie" {
			p.Style = "form"
		}
	}
	p.Explode = explode == "true" || explode == "" && (p.Style == "form" || p.Style == "deepObject")
	if p.Schema == nil {
		p.Schema = b.typeBeside(raw, at)
	}
	return p, true
}

// typeBeside is the schema of a parameter that has none: what is written beside its name, as OpenAPI 2 has it, or any value.
func (b *planner) typeBeside(raw json.RawMessage, at string) *Schema {
	if _, ok := member(raw, "type"); !ok {
		return b.schema(json.RawMessage(`{}`), at)
	}
	b.doc.repaired(at, "no schema", "what stands beside the name")
	var beside []byte
	_ = eachMember(raw, func(name string, value json.RawMessage) error {
		switch name {
		case "type", "format", "enum", "default", "items", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "example":
			beside = append(append(append(append(beside, ','), appendString(nil, name)...), ':'), value...)
		}
		return nil
	})
	return b.schema(append(append(json.RawMessage{'{'}, beside[1:]...), '}'), at)
}

func (b *planner) body(p *Plan, raw json.RawMessage) {
	raw, at, ok := b.follow(raw, b.at+"/requestBody")
	if !ok {
		return
	}
	body := &Body{Media: map[string]*Schema{}, parts: map[string]map[string]string{}, encoding: map[string]map[string]encoding{}}
	if value, ok := member(raw, "required"); ok {
		body.Required = string(value) == "true" || string(value) == `"true"`
	}
	content, ok := member(raw, "content")
	if !ok {
		b.olderRequest(p, body, raw, at)
		return
	}
	err := eachMember(content, func(media string, value json.RawMessage) error {
		at := at + "/content/" + escapeToken(media)
		media = plainMedia(media)
		schema, ok := member(value, "schema")
		if !ok {
			schema = json.RawMessage(`{}`)
		}
		if body.Media[media] == nil {
			body.Types = append(body.Types, media)
		}
		body.Media[media] = b.schema(schema, at+"/schema")
		if encoding, ok := member(value, "encoding"); ok {
			body.parts[media], body.encoding[media] = partTypes(encoding), readEncoding(encoding)
		}
		return nil
	})
	if err != nil {
		b.doc.repaired(at+"/content", err.Error(), leftOut)
		return
	}
	p.Body = body
}

// partTypes reads which content types the parts of a multipart body may have.
func partTypes(encoding json.RawMessage) map[string]string {
	types := map[string]string{}
	_ = eachMember(encoding, func(name string, value json.RawMessage) error {
		if allowed, ok := member(value, "contentType"); ok {
			types[name], _ = text(allowed)
		}
		return nil
	})
	return types
}

func (b *planner) replies(p *Plan, raw json.RawMessage) {
	err := eachMember(raw, func(code string, value json.RawMessage) error {
		if strings.HasPrefix(code, "x-") {
			return nil
		}
		at := b.at + "/responses/" + code
		r := b.reply(value, at)
		switch status, err := strconv.Atoi(strings.TrimSpace(code)); {
		case err == nil && status >= 100 && status <= 599:
			r.Status = status
			p.Replies[status] = r
			p.succeed(r)
		case strings.EqualFold(code, "default"):
			p.other = r
		case len(code) == 3 && strings.EqualFold(code[1:], "xx") && code[0] >= '1' && code[0] <= '5':
			p.ranges[code[0]-'0'] = r
		default:
			b.doc.repaired(at, "want a status, a range such as 4XX, or default", leftOut)
		}
		return nil
	})
	if err != nil {
		b.doc.repaired(b.at+"/responses", err.Error(), leftOut)
	}
}

func (p *Plan) succeed(r *Reply) {
	if r.Status/100 != 2 {
		return
	}
	if p.Success == 0 || p.Replies[p.Success].Schema == nil && r.Schema != nil {
		p.Success = r.Status
	}
}

func (b *planner) reply(raw json.RawMessage, at string) *Reply {
	raw, at, ok := b.follow(raw, at)
	if !ok {
		return &Reply{}
	}
	r := &Reply{raw: raw}
	content, ok := member(raw, "content")
	if !ok {
		return b.olderReply(r, raw, at)
	}
	var chosen json.RawMessage
	err := eachMember(content, func(media string, value json.RawMessage) error {
		// JSON is what we write; another type stands only if nothing better is declared.
		if r.Media == "" || isJSON(media) && !isJSON(r.Media) {
			r.Media, chosen = media, value
		}
		return nil
	})
	if err != nil {
		b.doc.repaired(at+"/content", err.Error(), leftOut)
	}
	if r.Media == "" {
		return r
	}
	schema, ok := member(chosen, "schema")
	if !ok {
		schema = json.RawMessage(`{}`)
	}
	r.Schema = b.schema(schema, at+"/content/"+escapeToken(r.Media)+"/schema")
	return r
}

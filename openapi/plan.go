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

// Plan returns the operation's plan, made on the first call. A contract that cannot be planned gives the same error each time.
func (d *Document) Plan(o *Operation) (*Plan, error) {
	o.once.Do(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		b := planner{builder{doc: d}}
		if o.plan, o.err = b.plan(o); o.err != nil {
			b.forget()
			o.plan, o.err = nil, fmt.Errorf("%s: %w", o.Key(), o.err)
		}
	})
	return o.plan, o.err
}

type planner struct{ builder }

func (b *planner) plan(o *Operation) (*Plan, error) {
	p := &Plan{Operation: o, Replies: map[int]*Reply{}}
	if o.shared != nil {
		if err := b.params(p, o.shared); err != nil {
			return nil, err
		}
	}
	err := eachMember(o.raw, func(name string, value json.RawMessage) error {
		switch name {
		case "parameters":
			return b.params(p, value)
		case "requestBody":
			return b.body(p, value)
		case "responses":
			return b.replies(p, value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// params adds parameters; one of the operation replaces the path's one of the same place and name.
func (b *planner) params(p *Plan, raw json.RawMessage) error {
	return eachItem(raw, func(item json.RawMessage) error {
		item, err := b.doc.follow(item)
		if err != nil {
			return fmt.Errorf("parameters: %w", err)
		}
		param, err := b.param(item)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", param.Name, err)
		}
		same := func(other Param) bool { return other.In == param.In && other.Name == param.Name }
		if i := slices.IndexFunc(p.Params, same); i >= 0 {
			p.Params[i] = param
		} else if !ignoredHeader(param) {
			p.Params = append(p.Params, param)
		}
		return nil
	})
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

func (b *planner) param(raw json.RawMessage) (p Param, err error) {
	explode := ""
	err = eachMember(raw, func(name string, value json.RawMessage) (err error) {
		switch name {
		case "in":
			p.In, err = text(value)
		case "name":
			p.Name, err = text(value)
		case "required":
			p.Required, err = truth(value)
		case "style":
			p.Style, err = text(value)
		case "explode":
			explode = string(value)
		case "allowEmptyValue":
			p.Empty = string(value) == "true"
		case "schema":
			p.Schema, _, err = b.schema(value)
		case "content":
			p.JSON = true
			err = eachMember(value, func(_ string, media json.RawMessage) error {
				if schema, ok := member(media, "schema"); ok && p.Schema == nil {
					p.Schema, _, err = b.schema(schema)
				}
				return err
			})
		}
		return err
	})
	if p.Style == "" {
		p.Style = "simple"
		if p.In == "query" || p.In == "cookie" {
			p.Style = "form"
		}
	}
	p.Explode = explode == "true" || explode == "" && (p.Style == "form" || p.Style == "deepObject")
	if p.Schema == nil && err == nil {
		p.Schema, _, err = b.schema(json.RawMessage(`{}`))
	}
	if p.Name == "" && err == nil {
		err = fmt.Errorf("no name")
	}
	return p, err
}

func (b *planner) body(p *Plan, raw json.RawMessage) error {
	raw, err := b.doc.follow(raw)
	if err != nil {
		return fmt.Errorf("requestBody: %w", err)
	}
	body := &Body{Media: map[string]*Schema{}, parts: map[string]map[string]string{}, encoding: map[string]map[string]encoding{}}
	if value, ok := member(raw, "required"); ok {
		body.Required = string(value) == "true"
	}
	content, ok := member(raw, "content")
	if !ok {
		return nil
	}
	err = eachMember(content, func(media string, value json.RawMessage) error {
		media = strings.ToLower(strings.TrimSpace(strings.SplitN(media, ";", 2)[0]))
		schema, ok := member(value, "schema")
		if !ok {
			schema = json.RawMessage(`{}`)
		}
		s, _, err := b.schema(schema)
		if err != nil {
			return fmt.Errorf("requestBody: %s: %w", media, err)
		}
		if body.Media[media] == nil {
			body.Types = append(body.Types, media)
		}
		body.Media[media] = s
		if encoding, ok := member(value, "encoding"); ok {
			body.parts[media], body.encoding[media] = partTypes(encoding), readEncoding(encoding)
		}
		return nil
	})
	p.Body = body
	return err
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

func (b *planner) replies(p *Plan, raw json.RawMessage) error {
	return eachMember(raw, func(code string, value json.RawMessage) error {
		if strings.HasPrefix(code, "x-") {
			return nil
		}
		r, err := b.reply(value)
		if err != nil {
			return fmt.Errorf("response %s: %w", code, err)
		}
		switch status, err := strconv.Atoi(code); {
		case err == nil && status >= 100 && status <= 599:
			r.Status = status
			p.Replies[status] = r
			p.succeed(r)
		case code == "default":
			p.other = r
		case len(code) == 3 && strings.EqualFold(code[1:], "xx") && code[0] >= '1' && code[0] <= '5':
			p.ranges[code[0]-'0'] = r
		default:
			return fmt.Errorf("response %q: want a status, a range such as 4XX, or default", code)
		}
		return nil
	})
}

func (p *Plan) succeed(r *Reply) {
	if r.Status/100 != 2 {
		return
	}
	if p.Success == 0 || p.Replies[p.Success].Schema == nil && r.Schema != nil {
		p.Success = r.Status
	}
}

func (b *planner) reply(raw json.RawMessage) (*Reply, error) {
	raw, err := b.doc.follow(raw)
	if err != nil {
		return nil, err
	}
	r := &Reply{raw: raw}
	content, ok := member(raw, "content")
	if !ok {
		return r, nil
	}
	var chosen json.RawMessage
	err = eachMember(content, func(media string, value json.RawMessage) error {
		// JSON is what we write; another type stands only if nothing better is declared.
		if r.Media == "" || isJSON(media) && !isJSON(r.Media) {
			r.Media, chosen = media, value
		}
		return nil
	})
	if err != nil || r.Media == "" {
		return r, err
	}
	schema, ok := member(chosen, "schema")
	if !ok {
		schema = json.RawMessage(`{}`)
	}
	r.Schema, _, err = b.schema(schema)
	return r, err
}

func isJSON(media string) bool {
	media = strings.ToLower(strings.TrimSpace(strings.SplitN(media, ";", 2)[0]))
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

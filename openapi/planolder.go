package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What this file reads is not OpenAPI 3: habits of OpenAPI 2, and what authors forget. A plan is made of it all the same.

const (
	jsonMedia = "application/json"
)

// older reads a parameter of OpenAPI 2 that is part of the body, and says whether it was one.
func (b *planner) older(raw json.RawMessage, at string) bool {
	value, _ := member(raw, "in")
	switch in, _ := text(value); in {
	case "body":
		b.doc.repaired(at, "in: body is OpenAPI 2", "the request body, as JSON")
		schema, ok := member(raw, "schema")
		if !ok {
			schema = json.RawMessage(`{}`)
		}
		b.bodies = append(b.bodies, oldBody{schema: schema, at: at + "/schema", required: isTrue(raw, "required")})
	case "formData":
		b.doc.repaired(at, "in: formData is OpenAPI 2", "a field of a form")
		name, _ := member(raw, "name")
		if field, err := text(name); err == nil {
			b.bodies = append(b.bodies, oldBody{field: field, schema: besideSchema(raw), at: at, required: isTrue(raw, "required")})
		}
	default:
		return false
	}
	return true
}

// oldBody is a body of OpenAPI 2, or one field of its form.
type oldBody struct {
	field    string
	schema   json.RawMessage
	at       string
	required bool
}

func isTrue(raw json.RawMessage, name string) bool {
	value, _ := member(raw, name)
	return string(value) == "true" || string(value) == `"true"`
}

// besideSchema makes a schema of what stands beside a parameter's name.
func besideSchema(raw json.RawMessage) json.RawMessage {
	if schema, ok := member(raw, "schema"); ok {
		return schema
	}
	out := []byte{'{'}
	_ = eachMember(raw, func(name string, value json.RawMessage) error {
		if name == "in" || name == "name" || name == "required" || string(value) == `"file"` {
			return nil
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(appendString(out, name), ':'), value...)
		return nil
	})
	return append(out, '}')
}

// settle makes a plan whole: what its parameters, body and replies lack.
func (b *planner) settle(p *Plan) {
	b.settleBody(p)
	b.settlePath(p)
	if len(p.Replies) == 0 && p.other == nil && p.ranges == [6]*Reply{} {
		b.doc.repaired(b.at+"/responses", "no responses", "200 without a body")
		p.Replies[200] = &Reply{Status: 200, raw: json.RawMessage(`{}`)}
		p.succeed(p.Replies[200])
	}
	b.settleSecurity(p)
}

func (b *planner) settleBody(p *Plan) {
	if p.Body != nil && len(p.Body.Types) == 0 {
		b.doc.repaired(b.at+"/requestBody/content", "no media type", "no request body")
		p.Body = nil
	}
	if p.Body == nil && len(b.bodies) > 0 {
		p.Body = b.oldBody()
	}
	if m := p.Operation.Method; p.Body != nil && p.Body.Required && (m == "GET" || m == "HEAD") {
		b.doc.repaired(b.at+"/requestBody", "a body that "+m+" requires: many clients cannot send one", "one that may be sent")
		p.Body.Required = false
	}
}

func (b *planner) oldBody() *Body {
	body := &Body{Media: map[string]*Schema{}, parts: map[string]map[string]string{}}
	form, required := []byte(`{"type":"object","properties":{`), []byte{'['}
	fields := 0
	for _, old := range b.bodies {
		if old.field == "" {
			body.Types, body.Required = []string{jsonMedia}, old.required
			body.Media[jsonMedia] = b.schema(old.schema, old.at)
			return body
		}
		if fields > 0 {
			form = append(form, ',')
		}
		form = append(append(appendString(form, old.field), ':'), old.schema...)
		if old.required {
			if len(required) > 1 {
				required = append(required, ',')
			}
			required = appendString(required, old.field)
			body.Required = true
		}
		fields++
	}
	form = append(append(append(form, `},"required":`...), required...), ']', '}')
	s := b.schema(form, b.at+"/parameters")
	body.Types = []string{formMedia, "multipart/form-data"}
	body.Media[formMedia], body.Media["multipart/form-data"] = s, s
	return body
}

// settlePath holds the path's parameters to the template: each is there, and always required.
func (b *planner) settlePath(p *Plan) {
	names := p.Operation.names
	p.Params = slices.DeleteFunc(p.Params, func(param Param) bool {
		return param.In == "path" && !slices.Contains(names, param.Name) && !b.rename(p, param)
	})
	for i := range p.Params {
		if param := &p.Params[i]; param.In == "path" {
			if j := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, param.Name) }); j >= 0 && !slices.Contains(names, param.Name) {
				param.Name = names[j]
			}
			param.Required = true
		}
	}
	for _, name := range names {
		if !hasPathParam(p, name) {
			b.doc.repaired(b.at+"/parameters", fmt.Sprintf("nobody declares the path's parameter %q", clip(name)), "a string")
			p.Params = append(p.Params, Param{In: "path", Name: name, Required: true, Style: "simple", Schema: b.schema(json.RawMessage(`{"type":"string"}`), b.at+"/parameters")})
		}
	}
}

func hasPathParam(p *Plan, name string) bool {
	return slices.ContainsFunc(p.Params, func(param Param) bool { return param.In == "path" && param.Name == name })
}

// rename says whether a path parameter that is not in the template is there in other letters.
func (b *planner) rename(p *Plan, param Param) bool {
	for _, name := range p.Operation.names {
		if strings.EqualFold(name, param.Name) && !hasPathParam(p, name) {
			b.doc.repaired(b.at+"/parameters", fmt.Sprintf("the path has no parameter %q", clip(param.Name)), "its "+name)
			return true
		}
	}
	b.doc.repaired(b.at+"/parameters", fmt.Sprintf("the path has no parameter %q", clip(param.Name)), leftOut)
	return false
}

// settleSecurity tells of schemes that nobody declares.
func (b *planner) settleSecurity(p *Plan) {
	at, raw := b.at+"/security", p.Operation.Field("security")
	if raw == nil {
		at, raw = "/security", b.doc.Field("security")
	}
	if raw == nil {
		return
	}
	err := eachItem(raw, func(item json.RawMessage) error {
		return eachMember(item, func(name string, _ json.RawMessage) error {
			if _, ok := b.doc.Component("securitySchemes", name); !ok {
				b.doc.repaired(at, fmt.Sprintf("nobody declares the security scheme %q", clip(name)), "a bearer token")
			}
			return nil
		})
	})
	if err != nil {
		b.doc.repaired(at, err.Error(), leftOut)
	}
}

// olderReply reads a response of OpenAPI 2, whose schema stands beside its description.
func (b *planner) olderReply(r *Reply, raw json.RawMessage, at string) *Reply {
	schema, ok := member(raw, "schema")
	switch {
	case ok:
		b.doc.repaired(at+"/schema", "a schema without content is OpenAPI 2", "the schema of "+jsonMedia)
		r.Media, r.Schema = jsonMedia, b.schema(schema, at+"/schema")
	case len(raw) > 0 && raw[0] != '{':
		b.doc.repaired(at, "want an object, have "+kindOf(raw), "a response without a body")
		r.raw = json.RawMessage(`{}`)
	}
	return r
}

// olderRequest reads a request body without content.
func (b *planner) olderRequest(p *Plan, body *Body, raw json.RawMessage, at string) {
	schema, ok := member(raw, "schema")
	if !ok {
		b.doc.repaired(at, "no content", "no request body")
		return
	}
	b.doc.repaired(at+"/schema", "a schema without content", "the schema of "+jsonMedia)
	body.Types = []string{jsonMedia}
	body.Media[jsonMedia] = b.schema(schema, at+"/schema")
	p.Body = body
}

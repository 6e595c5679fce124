package emulator_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/openapi"
)

// contractRequest is one call that a contract allows.
type contractRequest struct {
	op     *openapi.Operation
	params map[string]string
	path   string
	query  url.Values
	header map[string]string
	media  string
	body   any
	text   string
}

var instant = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// request invents a call: the path parameters given, others and what is required of the query by their schemas, and a body of the schema.
func (c *contractUnderTest) request(op *openapi.Operation, given map[string]string) *contractRequest {
	r := &contractRequest{op: op, params: map[string]string{}, query: url.Values{}, header: map[string]string{}, path: op.Path}
	plan, err := c.doc.Plan(op)
	if err != nil {
		c.t.Fatal(err)
	}
	h := fnv.New64a()
	io.WriteString(h, op.Key())
	c.requests++
	binary.Write(h, binary.BigEndian, c.requests) // no two bodies are the same
	fake := openapi.NewFaker(h.Sum64()|1, instant)
	for _, p := range plan.Params {
		if p.In != "path" && !p.Required {
			continue
		}
		text, ok := given[p.Name]
		if !ok || p.In != "path" {
			text = wireText(p.Schema.Sample(fake, nil))
			if other := fmt.Sprintf("%s%d", text, c.requests); p.In == "path" && p.Schema.Type() == "string" && p.Schema.Validate(other, "") == nil {
				text = other // what one request removes, another does not ask for
			}
		}
		switch p.In {
		case "path":
			r.params[p.Name] = text
		case "query":
			r.query.Set(p.Name, text)
		case "header":
			r.header[p.Name] = text
		}
	}
	for _, segment := range strings.Split(op.Path, "{")[1:] {
		name, _, _ := strings.Cut(segment, "}")
		if _, known := r.params[name]; !known {
			if r.params[name] = given[name]; given[name] == "" {
				r.params[name] = "x1"
			}
		}
	}
	for name, v := range r.params {
		r.path = strings.ReplaceAll(r.path, "{"+name+"}", url.PathEscape(v))
	}
	if plan.Body != nil && len(plan.Body.Types) > 0 {
		r.media = preferred(plan.Body.Types)
		r.body = plan.Body.Media[r.media].Sample(fake, nil)
		r.body = withoutReadOnly(plan.Body.Media[r.media], r.body)
		if r.media != "application/json" {
			r.body = withoutEmpty(plan.Body.Media[r.media], r.body, fake, true)
		}
		if ops, ok := r.body.([]any); ok && len(ops) > 0 {
			if first, _ := ops[0].(map[string]any); first != nil && first["op"] != nil && first["path"] != nil {
				r.body = []any{} // a patch of an object that nobody knows
			}
		}
		r.encode()
	}
	return r
}

func withoutReadOnly(s *openapi.Schema, v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name := range object {
		if p := s.Property(name); p != nil && p.ReadOnly() {
			delete(object, name)
		}
	}
	delete(object, "expand") // asks for what invented words do not name
	return object
}

// withoutEmpty gives every object something: a form cannot say {}.
func withoutEmpty(s *openapi.Schema, v any, fake openapi.Faker, top bool) any {
	object, ok := v.(map[string]any)
	if !ok || s == nil {
		return v
	}
	for _, variant := range s.Variants() {
		if len(object) == 0 && variant.Type() == "object" {
			s = variant
		}
	}
	names := s.Properties()
	for _, name := range slices.Sorted(maps.Keys(object)) {
		object[name] = withoutEmpty(s.Property(name), object[name], fake, false)
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "expand" })
	if len(object) == 0 && len(names) > 0 && !top {
		object[names[0]] = withoutEmpty(s.Property(names[0]), s.Property(names[0]).Sample(fake, nil), fake, false)
	}
	return object
}

func preferred(types []string) string {
	for _, want := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"} {
		if slices.Contains(types, want) {
			return want
		}
	}
	return types[0]
}

func wireText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		return wireText(list[0])
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

// encode writes the body in its media type.
func (r *contractRequest) encode() {
	switch {
	case r.media == "":
	case r.media == "application/x-www-form-urlencoded":
		var pairs []string
		formPairs("", r.body, &pairs)
		r.text = strings.Join(pairs, "&")
	case r.media == "multipart/form-data":
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		object, _ := r.body.(map[string]any)
		for name, v := range object {
			if text, ok := v.(string); ok && name == "file" {
				part, _ := w.CreateFormFile(name, "a.pdf")
				io.WriteString(part, text)
				continue
			}
			w.WriteField(name, wireText(v))
		}
		w.Close()
		r.text = b.String()
		r.header["Content-Type"] = w.FormDataContentType()
	case strings.Contains(r.media, "json") || r.media == "*/*":
		raw, _ := openapi.Marshal(r.body, nil)
		r.text = string(raw)
	default:
		r.text = wireText(r.body)
	}
}

// formPairs is the nesting that payment APIs have agreed on: a[b]=1, a[0]=2.
func formPairs(name string, v any, out *[]string) {
	in := func(key string) string {
		if name == "" {
			return key
		}
		return name + "[" + key + "]"
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			formPairs(in(key), v[key], out)
		}
	case []any:
		for i, item := range v {
			formPairs(in(strconv.Itoa(i)), item, out)
		}
	case nil:
		*out = append(*out, url.QueryEscape(name)+"=")
	default:
		*out = append(*out, url.QueryEscape(name)+"="+url.QueryEscape(wireText(v)))
	}
}

// contractReply is what came back, and what the contract says about it.
type contractReply struct {
	op       *openapi.Operation
	status   int
	media    string
	raw      []byte
	value    any
	declared *openapi.Reply
	schema   *openapi.Schema
	problem  string
}

func (c *contractUnderTest) send(r *contractRequest) *contractReply {
	target := r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req := httptest.NewRequest(r.op.Method, "http://localhost"+target, strings.NewReader(r.text))
	if r.text == "" {
		req = httptest.NewRequest(r.op.Method, "http://localhost"+target, nil)
	}
	if r.media != "" && r.text != "" {
		req.Header.Set("Content-Type", r.media)
	}
	for _, place := range c.provider.Scenario.Auth.Credentials {
		if place.Header != "" {
			req.Header.Set(place.Header, place.Prefix+"sk_test_1")
		}
		if place.Query != "" {
			q := req.URL.Query()
			q.Set(place.Query, "sk_test_1")
			req.URL.RawQuery = q.Encode()
		}
	}
	for name, v := range r.header {
		req.Header.Set(name, v)
	}
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, req)
	reply := &contractReply{op: r.op, status: rec.Code, media: rec.Header().Get("Content-Type"), raw: rec.Body.Bytes()}
	plan, _ := c.doc.Plan(r.op)
	reply.judge(plan)
	return reply
}

// judge holds the reply against the contract.
func (r *contractReply) judge(plan *openapi.Plan) {
	if r.declared = plan.Reply(r.status); r.declared == nil {
		r.problem = "the contract does not declare this status"
		return
	}
	r.schema = r.declared.Schema
	switch {
	case r.schema == nil && len(r.raw) > 0 && r.declared.Media == "" && r.status < 400: // what is wrong is said even where the contract is silent
		r.problem = "a body where none is declared"
	case r.schema == nil:
	case strings.Contains(r.media, "json"):
		v, bad := openapi.DecodeOwn(r.raw)
		if bad != nil {
			r.problem = "no JSON: " + bad.String()
			return
		}
		r.value = v
		if bad := r.schema.Validate(v, ""); len(bad) > 0 {
			r.problem = fmt.Sprint(bad)
		}
	case strings.Contains(r.declared.Media, "json") && len(r.raw) == 0:
		r.problem = "no body where one is declared"
	}
}

func (r *contractReply) broken() string {
	if r.status >= 500 {
		return "failed " + r.problem
	}
	return r.problem
}

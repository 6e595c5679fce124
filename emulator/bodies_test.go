package emulator_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// bodiesContract is a shop of our own: forms, files and replies of many kinds.
const bodiesContract = `openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/NewOrder'}}
      responses: {'201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
    get:
      responses:
        '200':
          description: All
          content:
            application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/Order'}}}}}
            text/csv: {schema: {type: string}}
  /orders/{id}:
    parameters: [{in: path, name: id, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: One
          content:
            application/json: {schema: {$ref: '#/components/schemas/Order'}}
            application/xml: {schema: {$ref: '#/components/schemas/Order'}}
            application/pdf: {schema: {type: string, format: binary}}
    patch:
      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'200': {description: One, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
    delete:
      responses: {'204': {description: Gone}}
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {'201': {description: Made, content: {'*/*': {schema: {$ref: '#/components/schemas/Note'}}}}}
  /files:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, required: [file, purpose], properties: {file: {type: string, format: binary}, purpose: {type: string}, link: {type: object, properties: {create: {type: boolean}}}}}
      responses: {'201': {description: Made, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}, purpose: {type: string}, size: {type: integer}}}}}}}
  /reports/{name}/pdf:
    get:
      parameters: [{in: path, name: name, required: true, schema: {type: string}}]
      responses: {'200': {description: A file, content: {application/pdf: {schema: {type: string, format: binary}}}}}
  /reports/{name}/image:
    get:
      parameters: [{in: path, name: name, required: true, schema: {type: string}}]
      responses: {'200': {description: A file, content: {'image/*': {schema: {type: string, format: binary}}}}}
  /reports/{name}/archive:
    get:
      parameters: [{in: path, name: name, required: true, schema: {type: string}}]
      responses: {'200': {description: A file, content: {application/zip: {schema: {type: string, format: binary}}}}}
  /reports/{name}/page:
    get:
      parameters: [{in: path, name: name, required: true, schema: {type: string}}]
      responses: {'200': {description: A page, content: {text/html: {schema: {type: string}}}}}
components:
  schemas:
    NewOrder:
      type: object
      additionalProperties: false
      required: [amount]
      properties: {amount: {type: integer}, title: {type: string}, lines: {type: array, items: {type: object, properties: {sku: {type: string}, count: {type: integer}}}}, metadata: {type: object, additionalProperties: {type: string}}}
    Order:
      type: object
      required: [id, amount]
      xml: {name: order}
      properties:
        id: {type: string, xml: {attribute: true}}
        amount: {type: integer}
        title: {type: string}
        lines: {type: array, xml: {wrapped: true}, items: {type: object, xml: {name: line}, properties: {sku: {type: string}, count: {type: integer}}}}
        metadata: {type: object, additionalProperties: {type: string}}
    Note: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
`

// caller sends requests to a contract of the user's own.
type caller struct {
	t *testing.T
	s *emulator.Server
}

func brought(t *testing.T, contract string) caller {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := emulator.New(emulator.Options{Specs: []string{path}, Clock: "manual", Seed: 5, Egress: "none", RateLimit: "off"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return caller{t, s}
}

// do sends a request; headers come in pairs.
func (c caller) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w
}

// order makes an order by a form and returns its path.
func (c caller) order(form string) string {
	c.t.Helper()
	w := c.do("POST", "/orders", form, "Content-Type", "application/x-www-form-urlencoded")
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); w.Code != 201 || err != nil || made.ID == "" {
		c.t.Fatalf("POST /orders: %d %s", w.Code, w.Body)
	}
	return "/orders/" + made.ID
}

func TestFormsThroughTheDoor(t *testing.T) {
	c := brought(t, bodiesContract)
	path := c.order("amount=1200&title=a+b&lines[0][sku]=x&lines[0][count]=2&lines[][sku]=y&metadata[k]=007")
	var got struct {
		Amount   int
		Title    string
		Lines    []struct{ Sku string }
		Metadata map[string]string
	}
	if w := c.do("GET", path, ""); json.Unmarshal(w.Body.Bytes(), &got) != nil || got.Amount != 1200 || got.Title != "a b" || len(got.Lines) != 2 || got.Lines[1].Sku != "y" || got.Metadata["k"] != "007" {
		t.Errorf("%s: %s", path, w.Body)
	}
	for body, want := range map[string]string{
		"amount=x&nobody=1": "/body/nobody", "amount=1&lines[0][count]=x": "/body/lines/0/count", "title=x": "/body/amount",
	} {
		w := c.do("POST", "/orders", body, "Content-Type", "application/x-www-form-urlencoded")
		if w.Code/100 != 4 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if w := c.do("POST", "/orders", `{"amount":1}`, "Content-Type", "application/json"); w.Code != 415 || !strings.Contains(w.Body.String(), "x-www-form-urlencoded") {
		t.Errorf("JSON for a form: %d %s", w.Code, w.Body)
	}
	if w := c.do("POST", "/orders", "amount=5"); w.Code != 201 {
		t.Errorf("a body without a type: %d %s", w.Code, w.Body)
	}
}

func TestConditionalRequests(t *testing.T) {
	c := brought(t, bodiesContract)
	path := c.order("amount=1&title=a")
	got := c.do("GET", path, "")
	tag := got.Header().Get("ETag")
	head := c.do("HEAD", path, "")
	if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != tag || len(tag) < 3 || head.Header().Get("Content-Length") != got.Header().Get("Content-Length") ||
		head.Header().Get("Content-Type") != got.Header().Get("Content-Type") || head.Header().Get("Accept-Ranges") != "" {
		t.Errorf("HEAD: %d %v, GET: %v", head.Code, head.Header(), got.Header())
	}
	const merge, changed = "application/merge-patch+json", `{"title":"b"}`
	for _, tc := range []struct {
		method, name, value string
		want                int
	}{
		{"GET", "If-None-Match", tag, 304},
		{"GET", "If-None-Match", `"x", W/` + tag, 304},
		{"HEAD", "If-None-Match", "*", 304},
		{"GET", "If-None-Match", `"x"`, 200},
		{"PATCH", "If-Match", `"x"`, 412},
		{"PATCH", "If-Match", "W/" + tag, 412},
		{"DELETE", "If-Match", `"x", "y"`, 412},
		{"PATCH", "If-None-Match", tag, 412},
		{"DELETE", "If-None-Match", "*", 412},
		{"PATCH", "If-Match", `"x", ` + tag, 200},
		{"PATCH", "If-Match", tag, 412}, // it has changed
		{"PATCH", "If-Match", "*", 200},
		{"DELETE", "If-Match", "*", 204},
		{"DELETE", "If-Match", "*", 404},
	} {
		body, media := "", ""
		if tc.method == "PATCH" {
			body, media = changed, merge
		}
		w := c.do(tc.method, path, body, tc.name, tc.value, "Content-Type", media)
		if w.Code != tc.want {
			t.Errorf("%s with %s: %s: %d, want %d: %s", tc.method, tc.name, tc.value, w.Code, tc.want, w.Body)
		}
		if (w.Code == 304 || w.Code == 204) && (w.Body.Len() > 0 || w.Header().Get("Content-Type") != "") {
			t.Errorf("%d with a body: %v %s", w.Code, w.Header(), w.Body)
		}
		if w.Code == 412 && !strings.Contains(w.Body.String(), tc.name) && w.Header().Get("Sandgate-Message") == "" {
			t.Errorf("412 does not name %s: %s", tc.name, w.Body)
		}
	}
	if w := c.do("OPTIONS", path, ""); w.Code != 204 || w.Header().Get("Allow") != "DELETE, GET, HEAD, PATCH, OPTIONS" {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	if w := c.do("OPTIONS", "/nowhere", ""); w.Code != 404 {
		t.Errorf("OPTIONS of nothing: %d", w.Code)
	}
}

func TestRepliesOfManyKinds(t *testing.T) {
	c := brought(t, bodiesContract)
	path := c.order("amount=1&title=a%2Cb%3C&lines[0][sku]=x")
	for _, tc := range []struct {
		path, accept, media string
		valid               func([]byte) bool
	}{
		{path, "", "application/json; charset=utf-8", json.Valid},
		{path, "text/html, application/json;q=0.2, */*;q=0.1", "application/json; charset=utf-8", json.Valid},
		{path, "image/png", "application/json; charset=utf-8", json.Valid},
		{path, "application/xml", "application/xml", func(b []byte) bool {
			var order struct {
				XMLName xml.Name `xml:"order"`
				ID      string   `xml:"id,attr"`
				Title   string   `xml:"title"`
				Line    []string `xml:"lines>line>sku"`
			}
			return xml.Unmarshal(b, &order) == nil && "/orders/"+order.ID == path && order.Title == "a,b<" && len(order.Line) == 1 && order.Line[0] == "x"
		}},
		{path, "application/json;q=0.5, application/pdf", "application/pdf", isPDF},
		{"/orders", "text/csv", "text/csv; charset=utf-8", func(b []byte) bool {
			rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
			return err == nil && len(rows) == 2 && strings.Join(rows[0], " ") == "id amount title lines metadata" && rows[1][2] == "a,b<"
		}},
		{"/reports/may/pdf", "", "application/pdf", isPDF},
		{"/reports/may/image", "", "image/png", func(b []byte) bool { _, err := png.Decode(bytes.NewReader(b)); return err == nil }},
		{"/reports/may/archive", "application/json", "application/zip", func(b []byte) bool { _, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); return err == nil }},
		{"/reports/may/page", "", "text/html; charset=utf-8", func(b []byte) bool { return bytes.HasPrefix(b, []byte("<!DOCTYPE html>")) }},
	} {
		w := c.do("GET", tc.path, "", "Accept", tc.accept)
		if w.Code != 200 || w.Header().Get("Content-Type") != tc.media || !tc.valid(w.Body.Bytes()) {
			t.Errorf("%s with %q: %d %s %q", tc.path, tc.accept, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	w := c.do("POST", "/notes", `{"text":"x"}`)
	if w.Code != 201 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("a reply of any type: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// isPDF checks that every offset of the cross-reference table is where an object begins.
func isPDF(b []byte) bool {
	at := bytes.Index(b, []byte("xref\n"))
	if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.HasSuffix(b, []byte("%%EOF\n")) || at < 0 {
		return false
	}
	for i := range 5 {
		line := b[at+len("xref\n0 6\n")+20*(i+1):]
		offset := 0
		for _, digit := range line[:10] {
			offset = 10*offset + int(digit-'0')
		}
		if !bytes.HasPrefix(b[offset:], []byte{byte('1' + i), ' ', '0', ' ', 'o', 'b', 'j'}) {
			return false
		}
	}
	return true
}

func TestUploadsAndCompressedBodies(t *testing.T) {
	c := brought(t, bodiesContract)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"purpose": "logo", "link[create]": "true"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("file", "a.png")
	if err == nil {
		_, err = file.Write([]byte("\x89PNG\x00\xff"))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if got := c.do("POST", "/files", b.String(), "Content-Type", w.FormDataContentType()); got.Code != 201 || !strings.Contains(got.Body.String(), `"purpose":"logo"`) {
		t.Errorf("upload: %d %s", got.Code, got.Body)
	}
	if got := c.do("POST", "/files", strings.Replace(b.String(), "true", "maybe", 1), "Content-Type", w.FormDataContentType()); got.Code/100 != 4 || !strings.Contains(got.Body.String(), "/body/link/create") {
		t.Errorf("upload with a wrong field: %d %s", got.Code, got.Body)
	}
	squeezed := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(s)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, tc := range []struct {
		body, coding string
		want         int
	}{
		{squeezed(`{"text":"x"}`), "gzip", 201},
		{squeezed(`{"text":"x"}`), "GZIP", 201},
		{squeezed(`{"text":"` + strings.Repeat("x", 1<<20) + `"}`), "gzip", http.StatusRequestEntityTooLarge},
		{`{"text":"x"}`, "gzip", 400},
		{`{"text":"x"}`, "br", 415},
		{`{"text":"x"}`, "identity", 201},
	} {
		if got := c.do("POST", "/notes", tc.body, "Content-Type", "application/json", "Content-Encoding", tc.coding); got.Code != tc.want {
			t.Errorf("%s of %d bytes: %d, want %d: %s", tc.coding, len(tc.body), got.Code, tc.want, got.Body)
		}
	}
}

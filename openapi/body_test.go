package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// mediaContract takes bodies of many types.
const mediaContract = `{"openapi":"3.0.3","paths":{
"/json":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}},
"/vendor":{"post":{"requestBody":{"content":{"application/vnd.shop+json":{"schema":{"$ref":"#/components/schemas/A"}}}}}},
"/patch":{"post":{"requestBody":{"content":{"application/json-patch+json":{"schema":{"type":"array"}},"application/merge-patch+json":{"schema":{"$ref":"#/components/schemas/A"}}}}}},
"/any":{"post":{"requestBody":{"content":{"*/*":{"schema":{"$ref":"#/components/schemas/A"}}}}}},
"/range":{"post":{"requestBody":{"content":{"image/*":{"schema":{"type":"string","format":"binary"}},"text/csv":{"schema":{"type":"string","maxLength":5}},"application/pdf":{}}}}},
"/xml":{"post":{"requestBody":{"content":{"application/xml":{"schema":{"$ref":"#/components/schemas/A"}}}}}},
"/mixed":{"post":{"requestBody":{"content":{"multipart/mixed":{"schema":{"type":"object","required":["about","file"],"properties":{"about":{"$ref":"#/components/schemas/A"},"file":{"type":"string","format":"binary"}}}}}}}},
"/parts":{"post":{"requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object","additionalProperties":false,"properties":{
	"documents":{"type":"array","items":{"type":"object","required":["file"],"properties":{"file":{"type":"string","format":"binary"},"label":{"type":"string"},"n":{"type":"integer"}}}},
	"pages":{"type":"array","minItems":2,"items":{"type":"string","format":"binary"}},"list":{"type":"array","items":{"$ref":"#/components/schemas/A"}},
	"a":{"$ref":"#/components/schemas/A"},"metadata":{"type":"object","additionalProperties":{"type":"string"}},"logo":{"type":"string","minLength":1},"count":{"type":"integer"}}}}}}}}
},"components":{"schemas":{"A":{"type":"object","properties":{"n":{"type":"integer"}}}}}}`

func mediaPlan(t *testing.T, path string) *openapi.Plan {
	t.Helper()
	d, err := openapi.Load([]byte(mediaContract))
	if err != nil {
		t.Fatal(err)
	}
	return plan(t, d, "POST "+path)
}

func TestMediaTypes(t *testing.T) {
	for _, tc := range []struct {
		path, media, body, want string
		bad                     []string
	}{
		{"/json", "application/json; charset=utf-8", `{"n":1}`, "application/json", nil},
		{"/json", "application/json;charset=\"UTF-8\"", `{"n":1}`, "application/json", nil},
		{"/json", "application/vnd.shop+json", `{"n":1}`, "", []string{"/header/content-type contentType"}},
		{"/json", "application/merge-patch+json", `{"n":1}`, "", []string{"/header/content-type contentType"}},
		{"/json", "", "", "", nil},
		{"/vendor", "application/vnd.shop+json", `{"n":"x"}`, "application/vnd.shop+json", []string{"/body/n type"}},
		{"/vendor", "application/json", `{"n":1}`, "application/json", nil},
		{"/patch", "application/json-patch+json", `[]`, "application/json-patch+json", nil},
		{"/patch", "Application/Merge-Patch+JSON", `{"n":1}`, "application/merge-patch+json", nil},
		{"/patch", "application/json", `{"n":1}`, "", []string{"/header/content-type contentType"}},
		{"/any", "application/json", `{"n":"x"}`, "application/json", []string{"/body/n type"}},
		{"/any", "application/x-www-form-urlencoded", `n=1`, "application/x-www-form-urlencoded", nil},
		{"/range", "image/png", "\x89PNG", "image/png", nil},
		{"/range", "application/pdf", "%PDF", "application/pdf", nil},
		{"/range", "text/csv; header=present", "a,b", "text/csv", nil},
		{"/range", "text/csv", "a,b,c,d", "text/csv", []string{"/body maxLength"}},
		{"/range", "text/plain", "a", "", []string{"/header/content-type contentType"}},
		{"/xml", "application/xml", "<a/>", "application/xml", nil},
	} {
		t.Run(tc.path+" "+tc.media, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, tc.path, nil)
			r.Header.Set("Content-Type", tc.media)
			v, bad := mediaPlan(t, tc.path).Decode(r, nil, []byte(tc.body))
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
			if v.Media != tc.want {
				t.Errorf("media type %q, want %q", v.Media, tc.want)
			}
		})
	}
}

// A body that is a file is described like one, and kept only where that is asked for and it is small enough.
func TestRawFile(t *testing.T) {
	p := mediaPlan(t, "/range")
	for keep, want := range map[int64]string{0: "", 3: "", 4: "\x89PNG", 99: "\x89PNG"} {
		r := httptest.NewRequest(http.MethodPost, "/range", nil)
		r.Header.Set("Content-Type", "image/png")
		r.Header.Set("Content-Disposition", `attachment; filename="a.png"`)
		v, bad := p.DecodeKeeping(r, nil, []byte("\x89PNG"), keep)
		f := v.Files["body"]
		if bad != nil || f.Name != "a.png" || f.ContentType != "image/png" || f.Size != 4 || len(f.SHA256) != 64 || string(f.Data) != want {
			t.Errorf("keeping %d: %v %+v", keep, bad, f)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/range", nil)
	r.Header.Set("Content-Type", "text/csv")
	if v, _ := p.DecodeKeeping(r, nil, []byte("a,b"), 9); v.Files != nil || v.Body != "a,b" {
		t.Errorf("text: %+v", v)
	}
}

func TestMultipartNests(t *testing.T) {
	p := mediaPlan(t, "/parts")
	for _, tc := range []struct {
		name, want, files string
		parts             []part
		bad               []string
	}{
		{"names in brackets", `{"a":{"n":2},"metadata":{"k":"1"}}`, "", []part{{"metadata[k]", "", "", "1"}, {"a[n]", "", "", "2"}}, nil},
		{"JSON without a type", `{"a":{"n":2}}`, "", []part{{"a", "", "", `{"n":2}`}}, nil},
		{"JSON in a list", `{"list":[{"n":1},{"n":2}]}`, "", []part{{"list", "", "application/json", `{"n":1}`}, {"list", "", "application/json", `{"n":2}`}}, nil},
		{"a list of JSON with one item", `{"list":[{"n":1}]}`, "", []part{{"list[]", "", "application/json", `{"n":1}`}}, nil},
		{"a list in one part", `{"list":[{"n":1}]}`, "", []part{{"list", "", "application/json; charset=utf-8", `[{"n":1}]`}}, nil},
		{"files in objects", `{"documents":[{"label":"x","n":1},{"n":2}]}`, "documents/0/file:a.pdf documents/1/file:b.pdf", []part{
			{"documents[0][file]", "a.pdf", "application/pdf", "1"},
			{"documents[0][label]", "", "", "x"},
			{"documents[0][n]", "", "", "1"},
			{"documents[1][file]", "b.pdf", "application/pdf", "2"},
			{"documents[1][n]", "", "", "2"},
		}, nil},
		{"files by brackets", `{}`, "pages:1 pages/1:2", []part{{"pages[]", "1", "", "1"}, {"pages[]", "2", "", "2"}}, nil},
		{"files by index", `{}`, "pages:1 pages/1:2", []part{{"pages[0]", "1", "", "1"}, {"pages[1]", "2", "", "2"}}, nil},
		{"files by repeating", `{}`, "pages:1 pages/1:2", []part{{"pages", "1", "", "1"}, {"pages", "2", "", "2"}}, nil},
		{"a file that the contract calls text", `{}`, "logo:a.png", []part{{"logo", "a.png", "image/png", "x"}}, nil},
		{"a file that is missing", ``, "", []part{{"documents[0][label]", "", "", "x"}}, []string{"/body/documents/0/file required"}},
		{"too few files", ``, "pages:1", []part{{"pages", "1", "", "1"}}, []string{"/body/pages minItems"}},
		{"undeclared", ``, "other:x", []part{{"other", "x", "", "1"}}, []string{"/body/other additionalProperties"}},
		{"undeclared field", ``, "", []part{{"nobody[x]", "", "", "1"}}, []string{"/body/nobody additionalProperties"}},
		{"wrong inside", ``, "", []part{{"a[n]", "", "", "x"}, {"count", "", "", "1"}, {"count", "", "", "2"}}, []string{"/body/count form", "/body/a/n type"}},
		{"a file where a number is", ``, "count:x", []part{{"count", "x", "", "1"}}, []string{"/body/count type"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body, media := multipartBody(t, tc.parts)
			r := httptest.NewRequest(http.MethodPost, "/parts", nil)
			r.Header.Set("Content-Type", media)
			v, bad := p.Decode(r, nil, body)
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.want, asText(t, v.Body)); tc.want != "" && diff != "" {
				t.Error(diff)
			}
			var files []string
			for _, name := range []string{"documents/0/file", "documents/1/file", "pages", "pages/1", "logo", "other", "count"} {
				if f, ok := v.Files[name]; ok {
					files = append(files, name+":"+f.Name)
				}
			}
			if got := strings.Join(files, " "); got != tc.files || len(files) != len(v.Files) {
				t.Errorf("files %s, want %s", got, tc.files)
			}
		})
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The parts of multipart/mixed have no names: they stand in the order of the contract.
func TestMultipartMixed(t *testing.T) {
	p := mediaPlan(t, "/mixed")
	const body = "--b\r\nContent-Type: application/json\r\n\r\n{\"n\":1}\r\n--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n"
	for _, streamed := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodPost, "/mixed", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/mixed; boundary=b")
		given := []byte(body)
		if streamed {
			given = nil
		}
		v, bad := p.DecodeKeeping(r, nil, given, 4)
		if diff := cmp.Diff(map[string]any{"about": map[string]any{"n": json.Number("1")}}, v.Body); bad != nil || diff != "" {
			t.Errorf("%v %s", bad, diff)
		}
		if f := v.Files["file"]; f.ContentType != "image/png" || string(f.Data) != "\x89PNG" {
			t.Errorf("file %+v", f)
		}
	}
}

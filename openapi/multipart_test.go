package openapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// part is one part of a multipart body; one with a file name is a file.
type part struct{ name, file, media, text string }

func multipartBody(t *testing.T, parts []part) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name=%q`, p.name)
		if p.file != "" {
			disposition += fmt.Sprintf(`; filename=%q`, p.file)
		}
		h.Set("Content-Disposition", disposition)
		if p.media != "" {
			h.Set("Content-Type", p.media)
		}
		out, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(p.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func TestDecodeMultipart(t *testing.T) {
	p := plan(t, shop(t), "PUT /orders/{order}/files/{name}")
	kind, front := part{"kind", "", "", "ID"}, part{"front", "a.png", "image/png", "pixels"}
	for _, tc := range []struct {
		name  string
		parts []part
		bad   []string
	}{
		{"good", []part{kind, front}, nil},
		{"everything", []part{kind, front, {"back", "", "", "raw"}, {"pages", "1.pdf", "", "1"}, {"pages", "2.pdf", "", "2"}, {"note", "", "application/json", `{"n":1}`}, {"count", "", "", "3"}, {"other", "", "", "x"}}, nil},
		{"empty file", []part{kind, {"front", "a.png", "image/png", ""}}, nil},
		{"missing", []part{{"count", "", "", "3"}}, []string{"/body/kind required", "/body/front required"}},
		{"bad fields", []part{{"kind", "", "", "VISA"}, front, {"count", "", "", "three"}}, []string{"/body/count type", "/body/kind enum"}},
		{"bad JSON part", []part{kind, front, {"note", "", "application/json", `{"n":`}}, []string{"/body/note/n json"}},
		{"bad value in a JSON part", []part{kind, front, {"note", "", "application/json", `{"n":"x"}`}}, []string{"/body/note/n type"}},
		{"wrong type of file", []part{kind, {"front", "a.gif", "image/gif", "x"}}, []string{"/body/front contentType"}},
		{"file too long", []part{kind, {"front", "a.png", "image/png", strings.Repeat("x", 21)}}, []string{"/body/front maxLength"}},
		{"file of just the length", []part{kind, {"front", "a.png", "image/png", strings.Repeat("x", 20)}}, nil},
		{"too many files", []part{kind, front, {"pages", "1", "", "1"}, {"pages", "2", "", "2"}, {"pages", "3", "", "3"}}, []string{"/body/pages maxItems"}},
		{"field too long", []part{kind, front, {"count", "", "", strings.Repeat("1", 1<<20+1)}}, []string{"/body/count limit"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body, media := multipartBody(t, tc.parts)
			r := httptest.NewRequest(http.MethodPut, "/", nil)
			r.Header.Set("Content-Type", media)
			_, bad := p.Decode(r, map[string]string{"order": "o", "name": "n"}, body)
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeMultipartValues(t *testing.T) {
	p := plan(t, shop(t), "PUT /orders/{order}/files/{name}")
	body, media := multipartBody(t, []part{
		{"kind", "", "", "ID"},
		{"front", "a.png", "image/png", "pixels"},
		{"pages", "1.pdf", "", "one"},
		{"pages", "2.pdf", "", ""},
		{"note", "", "application/json", `{"n":1}`},
		{"count", "", "", "3"},
	})
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	files := map[string]openapi.File{
		"front":   {Name: "a.png", ContentType: "image/png", Size: 6, SHA256: sum("pixels")},
		"pages":   {Name: "1.pdf", ContentType: "application/octet-stream", Size: 3, SHA256: sum("one")},
		"pages/1": {Name: "2.pdf", ContentType: "application/octet-stream", Size: 0, SHA256: sum("")},
	}
	fields := map[string]any{"kind": "ID", "note": map[string]any{"n": json.Number("1")}, "count": json.Number("3")}
	for _, streamed := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodPut, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", media)
		given := body
		if streamed {
			given = nil
		}
		v, bad := p.Decode(r, map[string]string{"order": "o", "name": "n"}, given)
		if bad != nil {
			t.Fatal(bad)
		}
		if diff := cmp.Diff(files, v.Files); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(fields, v.Body); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDecodeBrokenMultipart(t *testing.T) {
	p := plan(t, shop(t), "PUT /orders/{order}/files/{name}")
	body, media := multipartBody(t, []part{{"kind", "", "", "ID"}, {"front", "a.png", "image/png", strings.Repeat("x", 10_000)}})
	for _, tc := range []struct {
		name, media string
		body        []byte
		limit       int64
		bad         []string
	}{
		{"no boundary", "multipart/form-data", body, 0, []string{"/header/content-type contentType"}},
		{"cut", media, body[:len(body)/2], 0, []string{"/body form"}},
		{"no form", media, []byte("hello"), 0, []string{"/body form"}},
		{"over the caller's limit", media, body, 1000, []string{"/body limit"}},
		{"JSON instead", "application/json", []byte("{}"), 0, []string{"/header/content-type contentType"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPut, "/", bytes.NewReader(tc.body))
			r.Header.Set("Content-Type", tc.media)
			given := tc.body
			if tc.limit > 0 {
				r.Body, given = http.MaxBytesReader(nil, r.Body, tc.limit), nil
			}
			_, bad := p.Decode(r, map[string]string{"order": "o", "name": "n"}, given)
			if diff := cmp.Diff(tc.bad, rules(bad)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

package openapi_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

const replyContract = `{"openapi":"3.0.3","paths":{"/r":{"get":{"responses":{"200":{"description":"","content":{
	"text/csv":{"schema":{"type":"string"}},"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}},"application/vnd.pets+json":{},"image/*":{},"application/xml":{}}}}}},
"/p":{"get":{"responses":{"200":{"description":"","content":{"application/pdf":{},"image/png":{}}}}}}},
"components":{"schemas":{
	"Pet":{"type":"object","required":["id","name","tags"],"xml":{"name":"pet","prefix":"p","namespace":"urn:pets"},"properties":{"id":{"type":"integer","xml":{"attribute":true}},"name":{"type":"string","example":"a<b"},
		"tags":{"type":"array","minItems":2,"xml":{"wrapped":true,"name":"labels"},"items":{"type":"string","xml":{"name":"label"}}},"odd name":{"type":"boolean"}}},
	"Pets":{"type":"object","required":["total","items"],"properties":{"total":{"type":"integer"},"items":{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/Pet"}}}},
	"Text":{"type":"string"},"File":{"type":"string","format":"binary"}}}}`

func TestChoose(t *testing.T) {
	d, err := openapi.Load([]byte(replyContract))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ key, accept, want string }{
		{"GET /r", "", "application/json"},
		{"GET /r", "*/*", "application/json"},
		{"GET /r", "text/csv", "text/csv"},
		{"GET /r", "text/*", "text/csv"},
		{"GET /r", "text/csv, application/json", "application/json"},
		{"GET /r", "text/csv;q=0.9, application/json;q=0.8", "text/csv"},
		{"GET /r", "application/*;q=0.5, application/json;q=0", "application/vnd.pets+json"},
		{"GET /r", "Application/XML; Q=1.0", "application/xml"},
		{"GET /r", "image/webp", "image/*"},
		{"GET /r", "audio/ogg", "application/json"},
		{"GET /r", "text/csv;q=0", "application/json"},
		{"GET /r", "text/csv;q=nonsense, */*;q=0.1", "application/json"},
		{"GET /r", ",;,=", "application/json"},
		{"GET /p", "application/json", "application/pdf"},
		{"GET /p", "image/*", "image/png"},
	} {
		if got := plan(t, d, tc.key).Reply(200).Choose(tc.accept); got != tc.want {
			t.Errorf("%s with %q: %s, want %s", tc.key, tc.accept, got, tc.want)
		}
	}
}

func TestContent(t *testing.T) {
	d, err := openapi.Load([]byte(replyContract))
	if err != nil {
		t.Fatal(err)
	}
	picture := func(b []byte) bool {
		c, _, err := image.DecodeConfig(bytes.NewReader(b))
		return err == nil && c.Width == 1
	}
	for _, tc := range []struct {
		media, schema string
		valid         func([]byte) bool
	}{
		{"application/json", "Pet", json.Valid},
		{"application/hal+json", "Pet", json.Valid},
		{"*/*", "Pet", json.Valid},
		{"image/png", "File", picture},
		{"image/jpeg", "File", picture},
		{"image/gif", "File", picture},
		{"image/*", "File", picture},
		{"image/svg+xml", "File", func(b []byte) bool { return xml.Unmarshal(b, new(struct{})) == nil }},
		{"application/zip", "File", func(b []byte) bool { _, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); return err == nil }},
		{"application/gzip", "File", func(b []byte) bool {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return false
			}
			rest, err := io.ReadAll(r)
			return err == nil && len(rest) == 0
		}},
		{"application/octet-stream", "File", func(b []byte) bool { return len(b) > 0 }},
		{"*/*", "File", func(b []byte) bool { return bytes.IndexByte(b, 0) == 0 }},
		{"application/pdf", "File", func(b []byte) bool { return bytes.HasPrefix(b, []byte("%PDF-1")) }},
		{"text/plain", "Text", func(b []byte) bool { return len(b) > 0 && b[0] != '"' }},
		{"text/plain; charset=utf-8", "Pet", json.Valid},
		{"text/html", "Text", func(b []byte) bool { return bytes.Contains(b, []byte("</html>")) }},
		{"text/csv", "Text", func(b []byte) bool {
			rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
			return err == nil && len(rows) == 2
		}},
		{"text/csv", "Pets", func(b []byte) bool {
			rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
			return err == nil && len(rows) >= 2 && strings.Join(rows[0], ",") == "id,name,tags,odd name"
		}},
		{"application/x-ndjson", "Pet", func(b []byte) bool { return json.Valid(b) && b[len(b)-1] == '\n' }},
		{"text/event-stream", "Pet", func(b []byte) bool {
			return json.Valid(bytes.TrimSuffix(bytes.TrimPrefix(b, []byte("data: ")), []byte("\n\n")))
		}},
		{"application/xml", "Pet", func(b []byte) bool {
			var pet struct {
				XMLName xml.Name `xml:"urn:pets pet"`
				ID      int      `xml:"id,attr"`
				Label   []string `xml:"labels>label"`
			}
			return xml.Unmarshal(b, &pet) == nil && len(pet.Label) >= 2
		}},
		{"text/xml", "Pets", func(b []byte) bool {
			var pets struct {
				XMLName xml.Name `xml:"Pets"`
				Total   string   `xml:"total"`
				Items   []struct {
					Label []string `xml:"labels>label"`
				} `xml:"pet"`
			}
			return xml.Unmarshal(b, &pets) == nil && pets.Total != "" && len(pets.Items) >= 1
		}},
	} {
		t.Run(tc.media+" "+tc.schema, func(t *testing.T) {
			s := schema(t, d, tc.schema)
			one, err := openapi.Content(tc.media, s, nil, openapi.NewFaker(3, someday))
			if err != nil || !tc.valid(one) {
				t.Errorf("%v: %q", err, one)
			}
			two, _ := openapi.Content(tc.media, s, nil, openapi.NewFaker(3, someday))
			if !bytes.Equal(one, two) {
				t.Errorf("twice, not the same: %q %q", one, two)
			}
		})
	}
	text, err := openapi.Content("application/xml", schema(t, d, "Pet"), value(t, `{"id":1,"name":"a<b","tags":["x","y"],"odd name":true}`), openapi.NewFaker(1, someday))
	const want = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<p:pet xmlns:p="urn:pets" id="1"><name>a&lt;b</name><labels><label>x</label><label>y</label></labels><odd_name>true</odd_name></p:pet>` + "\n"
	if err != nil || string(text) != want {
		t.Errorf("%v: %s", err, text)
	}
	if text, err := openapi.Content("text/plain", nil, "x", openapi.NewFaker(1, someday)); err != nil || string(text) != "x" {
		t.Errorf("%v: %s", err, text)
	}
}

package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strings"
)

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
	stream := body == nil && d.request.Body != nil && d.request.Body != http.NoBody && isMultipart(media)
	if len(body) == 0 && !stream {
		d.bodiless(b)
		return
	}
	declared, schema := b.find(media)
	if charset := strings.ToLower(params["charset"]); schema == nil || charset != "" && charset != "utf-8" && charset != "utf8" && charset != "us-ascii" {
		got := show(header)
		if header == "" {
			got = "nothing"
		}
		d.add(contentType, "contentType", strings.Join(b.Types, " or "), got)
		return
	}
	d.values.Media = media
	switch {
	case isJSON(media):
		v, bad := DecodeJSON(body)
		if bad != nil {
			d.add("/body"+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
			return
		}
		d.values.Body = v
		d.found = append(d.found, schema.validate(v, "/body", true)...)
	case isMultipart(media):
		d.multipart(body, params["boundary"], schema, b.parts[declared])
	case media == formMedia:
		d.form(body, schema, b.encoding[declared])
	default:
		d.raw(body, media, schema)
	}
}

// bodiless says what an empty body lacks. An empty form is no bytes, so what it lacks is named.
func (d *decoder) bodiless(b *Body) {
	if !b.Required {
		return
	}
	if schema := b.Media[formMedia]; len(b.Media) == 1 && schema != nil {
		d.form(nil, schema, nil)
		return
	}
	d.add("/body", "required", "a body", "nothing")
}

// raw takes a text or binary body as a value of its own; nothing of a contract applies to it but a string's keywords.
func (d *decoder) raw(body []byte, media string, s *Schema) {
	d.values.Body = string(body)
	if t := s.Type(); t == "" || t == "string" {
		d.found = append(d.found, s.validate(d.values.Body, "/body", true)...)
	}
	if isText(media) {
		return
	}
	sum := sha256.Sum256(body)
	file := File{ContentType: media, Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
	if _, params, err := mime.ParseMediaType(d.request.Header.Get("Content-Disposition")); err == nil {
		file.Name = params["filename"]
	}
	if file.Size <= d.keepUpTo {
		file.Data = bytes.Clone(body)
	}
	d.values.Files = map[string]File{"body": file}
}

func isMultipart(media string) bool { return strings.HasPrefix(media, "multipart/") }

// isText tells the media types that a person can read.
func isText(media string) bool {
	media = plainMedia(media)
	return strings.HasPrefix(media, "text/") || isJSON(media) || media == formMedia || media == "application/xml" || strings.HasSuffix(media, "+xml") ||
		media == "application/yaml" || media == "application/x-ndjson" || media == "application/jsonl"
}

// find returns the declared media type that covers the one given, and its schema. Plain JSON stands for the only kind of JSON that is declared,
// unless that kind says how a change is written.
func (b *Body) find(media string) (declared string, s *Schema) {
	if media == "" {
		return "", nil
	}
	major, _, _ := strings.Cut(media, "/")
	for _, declared := range []string{media, major + "/*", "*/*", "*"} {
		if s := b.Media[declared]; s != nil {
			return declared, s
		}
	}
	if media != "application/json" {
		return "", nil
	}
	only := ""
	for _, declared := range b.Types {
		if isJSON(declared) && only != "" {
			return "", nil
		} else if isJSON(declared) {
			only = declared
		}
	}
	return only, b.Media[only]
}

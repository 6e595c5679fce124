package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// The limits of a multipart body beside its size, which is the caller's.
const (
	maxParts = 1_000
	maxField = 1 << 20 // bytes of a part that is no file
)

// form collects the parts of one multipart body.
type form struct {
	*decoder
	schema  *Schema
	allowed map[string]string   // property → content types
	fields  map[string][]string // text parts
	values  map[string]any      // JSON parts and the names of files
	files   []string            // properties that are files, in order
}

// multipart reads the parts in order. A part is a file if it has a file name or if its schema is binary; files are hashed as they pass and not kept.
func (d *decoder) multipart(body []byte, boundary string, s *Schema, allowed map[string]string) {
	if boundary == "" {
		d.add(contentType, "contentType", "a boundary", "none")
		return
	}
	var source io.Reader = bytes.NewReader(body)
	if body == nil {
		source = d.request.Body
	}
	f := &form{decoder: d, schema: s, allowed: allowed, fields: map[string][]string{}, values: map[string]any{}}
	reader := multipart.NewReader(source, boundary)
	for n := 0; ; n++ {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err == nil && n == maxParts {
			d.add("/body", "limit", "at most "+plural(maxParts, "part"), "more")
			return
		}
		if err == nil {
			err = f.part(part)
		}
		if err != nil {
			d.readFault(err)
			return
		}
	}
	f.finish()
}

func (d *decoder) readFault(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		d.add("/body", "limit", "at most "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes", "more")
		return
	}
	d.add("/body", "form", "a multipart form", "text that is not one")
}

func (f *form) part(part *multipart.Part) error {
	name := strings.TrimSuffix(part.FormName(), "[]")
	if name == "" {
		return nil
	}
	property := f.schema.Property(name)
	media := part.Header.Get("Content-Type")
	if part.FileName() != "" || isBinary(property) {
		return f.file(name, media, part, property)
	}
	text, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return err
	}
	if len(text) > maxField {
		f.add("/body/"+escapeToken(name), "limit", "at most "+strconv.Itoa(maxField)+" bytes", "more")
		return nil
	}
	if isJSON(media) {
		v, bad := DecodeJSON(text)
		if bad != nil {
			f.add("/body/"+escapeToken(name)+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
			return nil
		}
		f.values[name] = v
		return nil
	}
	f.fields[name] = append(f.fields[name], string(text))
	return nil
}

func isBinary(s *Schema) bool {
	if s == nil {
		return false
	}
	if items := s.Items(); items != nil {
		return items.facets().Format == "binary"
	}
	return s.facets().Format == "binary"
}

func (f *form) file(name, media string, part *multipart.Part, property *Schema) error {
	hash := sha256.New()
	size, err := io.Copy(hash, part)
	if err != nil {
		return err
	}
	if media == "" {
		media = "application/octet-stream"
	}
	pointer := "/body/" + escapeToken(name)
	if allowed := f.allowed[name]; allowed != "" && !contentAllowed(media, allowed) {
		f.add(pointer, "contentType", allowed, show(media))
	}
	if isBinary(property) && property.facets().MaxLength != nil && size > int64(*property.facets().MaxLength) {
		f.add(pointer, "maxLength", "at most "+plural(int(*property.facets().MaxLength), "byte"), plural(int(size), "byte"))
	}
	key := name
	for n := 1; ; n++ {
		if _, taken := f.decoder.values.Files[key]; !taken {
			break
		}
		key = name + "/" + strconv.Itoa(n)
	}
	if f.decoder.values.Files == nil {
		f.decoder.values.Files = map[string]File{}
	}
	f.decoder.values.Files[key] = File{Name: part.FileName(), ContentType: media, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
	f.files = append(f.files, name)
	return nil
}

func contentAllowed(media, allowed string) bool {
	media, _, _ = mime.ParseMediaType(media)
	for want := range strings.SplitSeq(allowed, ",") {
		want = strings.ToLower(strings.TrimSpace(want))
		if want == media || want == "*/*" || strings.HasSuffix(want, "/*") && strings.HasPrefix(media, strings.TrimSuffix(want, "*")) {
			return true
		}
	}
	return false
}

// finish types the text parts and validates the whole. A file stands in as an empty text while that happens: its content is nowhere to be looked at.
func (f *form) finish() {
	for name, given := range f.fields {
		f.values[name] = typed(given, f.schema.Property(name), ",")
	}
	checked := make(map[string]any, len(f.values)+len(f.files))
	for name, v := range f.values {
		checked[name] = v
	}
	for _, name := range f.files {
		if property := f.schema.Property(name); property != nil && property.Type() == "array" {
			list, _ := checked[name].([]any)
			checked[name] = append(list, "")
		} else {
			checked[name] = ""
		}
	}
	f.decoder.values.Body = f.values
	for _, v := range f.schema.validate(checked, "/body", true) {
		if !f.aboutFile(v) {
			f.found = append(f.found, v)
		}
	}
}

// aboutFile tells the violations that only the stand-in of a file has.
func (f *form) aboutFile(v Violation) bool {
	if v.Rule == "required" {
		return false
	}
	for _, name := range f.files {
		pointer, property := "/body/"+escapeToken(name), f.schema.Property(name)
		if !isBinary(property) {
			continue
		}
		if strings.HasPrefix(v.Pointer, pointer+"/") || v.Pointer == pointer && property.Type() != "array" {
			return true
		}
	}
	return false
}

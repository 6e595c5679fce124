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
	"slices"
	"strconv"
	"strings"
)

// The limits of a multipart body beside its size, which is the caller's.
const (
	maxParts = 1_000
	maxField = 1 << 20 // bytes of a part that is no file
)

// parts collects the parts of one multipart body, once as they are and once with an empty text where each file is: that is what can be validated.
type parts struct {
	*decoder
	schema  *Schema
	allowed map[string]string // property → content types
	reader  formReader
	fields  branch
	whole   branch
	files   []upload
}

// upload is where a file was put.
type upload struct {
	pointer  string
	property *Schema
}

// multipart reads the parts in order. A part is a file if it has a file name or if its schema is binary; files are hashed as they pass and kept in
// memory only where that is asked for.
func (d *decoder) multipart(body []byte, boundary string, s *Schema, allowed map[string]string) {
	if boundary == "" {
		d.add(contentType, "contentType", "a boundary", "none")
		return
	}
	var source io.Reader = bytes.NewReader(body)
	if body == nil {
		source = d.request.Body
	}
	p := &parts{decoder: d, schema: s, allowed: allowed, reader: formReader{base: "/body"}}
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
			err = p.part(part, n)
		}
		if err != nil {
			d.readFault(err)
			return
		}
	}
	p.finish()
}

func (d *decoder) readFault(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		d.add("/body", "limit", "at most "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes", "more")
		return
	}
	d.add("/body", "form", "a multipart form", "text that is not one")
}

// nameOf is a part's name; one without is the property that the schema has in its place.
func (p *parts) nameOf(part *multipart.Part, n int) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if name := params["name"]; err == nil && name != "" {
		return name
	}
	if names := p.schema.Properties(); n < len(names) && part.FormName() == "" && !strings.HasPrefix(part.Header.Get("Content-Disposition"), "form-data") {
		return names[n]
	}
	return ""
}

func (p *parts) part(part *multipart.Part, n int) error {
	name := p.nameOf(part, n)
	if name == "" {
		return nil
	}
	tokens := p.reader.tokens(name, p.schema)
	property := p.at(tokens)
	media := part.Header.Get("Content-Type")
	if part.FileName() != "" || isBinary(property) {
		return p.file(tokens, media, part, property)
	}
	text, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return err
	}
	pointer := pathTo(tokens)
	if len(text) > maxField {
		p.add(pointer, "limit", "at most "+strconv.Itoa(maxField)+" bytes", "more")
		return nil
	}
	if isJSON(media) {
		v, bad := DecodeJSON(text)
		if bad != nil {
			p.add(pointer+bad.Pointer, bad.Rule, bad.Expected, bad.Got)
			return nil
		}
		p.put(&p.fields, tokens, v)
		p.put(&p.whole, tokens, v)
		return nil
	}
	p.put(&p.fields, tokens, string(text))
	p.put(&p.whole, tokens, string(text))
	return nil
}

func (p *parts) put(at *branch, tokens []string, v any) {
	if !p.reader.put(at, tokens, v) {
		p.found, p.reader.found = append(p.found, p.reader.found...), nil
	}
}

// at is the schema of what stands under the names.
func (p *parts) at(tokens []string) *Schema {
	s := p.schema
	for _, token := range tokens {
		if s == nil {
			return nil
		}
		if items := s.itemsOf(); items != nil && (token == "" || isIndex(token)) {
			s = items
		} else {
			s = fieldOf(s, token)
		}
	}
	return s
}

func pathTo(tokens []string) string {
	pointer := "/body"
	for _, token := range tokens {
		if token != "" {
			pointer += "/" + escapeToken(token)
		}
	}
	return pointer
}

// isBinary tells whether a schema, or its items, are the content of a file.
func isBinary(s *Schema) bool {
	if s == nil {
		return false
	}
	if items := s.Items(); items != nil {
		s = items
	}
	if s.Format() == "binary" {
		return true
	}
	return s.Format() == "" && s.Type() != "object" && s.Field("contentMediaType") != nil && s.Field("contentEncoding") == nil
}

func maxLengthOf(s *Schema) *uint64 {
	if s == nil {
		return nil
	}
	return s.facets().MaxLength
}

// kept is a writer that keeps what it is given up to a limit, and nothing beyond it.
type kept struct {
	buffer bytes.Buffer
	most   int64
	over   bool
}

func (k *kept) Write(b []byte) (int, error) {
	if k.over = k.over || int64(k.buffer.Len()+len(b)) > k.most; k.over {
		k.buffer = bytes.Buffer{}
		return len(b), nil
	}
	return k.buffer.Write(b)
}

func (p *parts) file(tokens []string, media string, part *multipart.Part, property *Schema) error {
	hash, copied := sha256.New(), &kept{most: p.keepUpTo}
	size, err := io.Copy(io.MultiWriter(hash, copied), part)
	if err != nil {
		return err
	}
	if media == "" {
		media = "application/octet-stream"
	}
	pointer := pathTo(tokens)
	if allowed := p.allowed[tokens[0]]; allowed != "" && !contentAllowed(media, allowed) {
		p.add(pointer, "contentType", allowed, show(media))
	}
	if most := maxLengthOf(property); isBinary(property) && most != nil && size > int64(*most) {
		p.add(pointer, "maxLength", "at most "+plural(int(*most), "byte"), plural(int(size), "byte"))
	}
	file := File{Name: part.FileName(), ContentType: media, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
	if p.keepUpTo > 0 && !copied.over {
		file.Data = copied.buffer.Bytes()
	}
	p.keepFile(strings.TrimPrefix(pathTo(stem(tokens)), "/body/"), file)
	p.files = append(p.files, upload{pathTo(stem(tokens)), property})
	if last := tokens[len(tokens)-1]; last != "" && property != nil && property.Type() == "array" {
		tokens = append(slices.Clip(tokens), "") // one of several
	}
	p.put(&p.whole, tokens, "")
	return nil
}

// stem are the names without the index of an item.
func stem(tokens []string) []string {
	for n := len(tokens); n > 1; n-- {
		if last := tokens[n-1]; last != "" && !isIndex(last) {
			return tokens[:n]
		}
	}
	return tokens[:1]
}

func (p *parts) keepFile(name string, file File) {
	files := p.decoder.values.Files
	if files == nil {
		files = map[string]File{}
		p.decoder.values.Files = files
	}
	key := name
	for n := 1; ; n++ {
		if _, taken := files[key]; !taken {
			break
		}
		key = name + "/" + strconv.Itoa(n)
	}
	files[key] = file
}

func contentAllowed(media, allowed string) bool {
	media = plainMedia(media)
	for want := range strings.SplitSeq(allowed, ",") {
		want = plainMedia(want)
		if want == media || want == "*/*" || strings.HasSuffix(want, "/*") && strings.HasPrefix(media, strings.TrimSuffix(want, "*")) {
			return true
		}
	}
	return false
}

// finish types the parts and validates the whole. A file stands in as an empty text while that happens: its content is nowhere to be looked at.
func (p *parts) finish() {
	p.decoder.values.Body = p.reader.fields(&p.fields, p.schema, "/body")
	p.reader.found = nil // the whole says the same again
	checked := p.reader.fields(&p.whole, p.schema, "/body")
	p.found = append(p.found, p.reader.found...)
	for _, v := range p.schema.validate(checked, "/body", true) {
		if !p.aboutFile(v) {
			p.found = append(p.found, v)
		}
	}
}

// aboutFile tells the violations that only the stand-in of a file has.
func (p *parts) aboutFile(v Violation) bool {
	if v.Rule == "required" {
		return false
	}
	for _, f := range p.files {
		if !isBinary(f.property) && !slices.Contains([]string{"minLength", "format", "pattern"}, v.Rule) {
			continue
		}
		list := f.property != nil && f.property.Type() == "array"
		if strings.HasPrefix(v.Pointer, f.pointer+"/") || v.Pointer == f.pointer && !list {
			return true
		}
	}
	return false
}

package openapi

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"
)

// Content writes v as a body of the media type: JSON, text, or a small file that is valid for its type. Where v is nil, something is invented.
func Content(media string, s *Schema, v any, f Faker) ([]byte, error) {
	media = Concrete(media, s)
	if v == nil && s != nil {
		v = s.Sample(f, nil)
	}
	base := plainMedia(media)
	if file, ok := smallFiles[base]; ok {
		return []byte(file), nil
	}
	text, isText := v.(string)
	switch {
	case isJSON(base):
		return Marshal(v, s)
	case base == "application/pdf":
		return onePage(headline(v)), nil
	case base == "text/csv":
		return asCSV(s, v)
	case base == "application/xml" || base == "text/xml" || strings.HasSuffix(base, "+xml"):
		if isText && strings.HasPrefix(text, "<") {
			return []byte(text), nil
		}
		return asXML(s, v), nil
	case base == "text/html":
		if isText && strings.HasPrefix(text, "<") {
			return []byte(text), nil
		}
		return []byte("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + html.EscapeString(headline(v)) + "</title></head><body><p>" +
			html.EscapeString(headline(v)) + "</p></body></html>\n"), nil
	case isText:
		return []byte(text), nil
	}
	line, err := Marshal(v, s)
	switch base {
	case "application/x-ndjson", "application/jsonl":
		line = append(line, '\n')
	case "text/event-stream":
		line = append(append([]byte("data: "), line...), '\n', '\n')
	}
	return line, err
}

// Concrete is the media type that a range stands for. What JSON can say is JSON.
func Concrete(media string, s *Schema) string {
	major, minor, _ := strings.Cut(plainMedia(media), "/")
	switch {
	case minor != "*" && minor != "" && major != "*":
		return media
	case major == "image":
		return "image/png"
	case major == "text":
		return "text/plain"
	case isBinary(s):
		return "application/octet-stream"
	}
	return "application/json"
}

// headline is a line that says what a value is about.
func headline(v any) string {
	switch v := v.(type) {
	case string:
		if v != "" && len(v) < 200 {
			return v
		}
	case map[string]any:
		for _, name := range []string{"title", "name", "description", "number", "id"} {
			if text, ok := v[name].(string); ok && text != "" {
				return text
			}
		}
	}
	return "A document of the sandbox"
}

// onePage is a PDF of one page with one line on it.
func onePage(line string) []byte {
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, line)
	line = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line)
	stream := "BT /F1 18 Tf 72 720 Td (" + line + ") Tj ET"
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		"<</Length " + strconv.Itoa(len(stream)) + ">>\nstream\n" + stream + "\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}

// asCSV writes a list of objects, wherever in v it is: a header of the schema's fields, and a line for each.
func asCSV(s *Schema, v any) ([]byte, error) {
	if text, ok := v.(string); ok {
		if strings.ContainsAny(text, ",\n") {
			return []byte(text), nil
		}
		return []byte("id,description\n1," + strings.ReplaceAll(text, ",", " ") + "\n"), nil
	}
	rows, of := table(s, v)
	var header []string
	if of != nil {
		header = of.Properties()
	}
	if len(header) == 0 && len(rows) > 0 {
		object, _ := rows[0].(map[string]any)
		header = sortedNames(object)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.Write(header)
	for _, row := range rows {
		object, _ := row.(map[string]any)
		line := make([]string, len(header))
		for i, name := range header {
			line[i] = cell(object[name])
		}
		if err == nil {
			err = w.Write(line)
		}
	}
	w.Flush()
	return b.Bytes(), err
}

// table finds the rows of a value: itself, or the first of its properties that is a list of objects.
func table(s *Schema, v any) ([]any, *Schema) {
	if list, ok := v.([]any); ok {
		if s != nil {
			s = s.itemsOf()
		}
		return list, s
	}
	object, _ := v.(map[string]any)
	if s != nil {
		for _, name := range s.Properties() {
			list, isList := object[name].([]any)
			if items := s.Property(name).itemsOf(); isList && items != nil && isKind(items, "object") {
				return list, items
			}
		}
	}
	return []any{v}, s
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	text, _ := Marshal(v, nil)
	return string(text)
}

package openapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxTries bounds the work of choosing among variants inside variants.
const maxTries = 500

// value gives a branch the type that its schema asks for; without a schema texts stay texts.
func (f *formReader) value(b *branch, s *Schema, pointer string) any {
	if b.bare() {
		return f.nested(b, s, pointer)
	}
	if len(b.names)+len(b.pushed) > 0 {
		f.add(pointer, "form", "either a value or names in brackets", "both")
		return f.nested(b, s, pointer)
	}
	if len(b.values) > 0 {
		return whatCame(b, s)
	}
	if len(b.texts) == 1 {
		return formText(b.texts[0], s)
	}
	if s != nil && !isKind(s, "array") && s.Type() != "" {
		f.add(pointer, "form", "the name once", strconv.Itoa(len(b.texts))+" times")
		return formText(b.texts[0], s)
	}
	return formItems(b.texts, s)
}

// whatCame is a value that was JSON already, or the list of several.
func whatCame(b *branch, s *Schema) any {
	_, list := b.values[0].([]any)
	if len(b.values)+len(b.texts) == 1 && (list || s == nil || !isKind(s, "array") || isKind(s, "object")) {
		return b.values[0]
	}
	var items *Schema
	if s != nil {
		items = s.itemsOf()
	}
	all := slices.Clone(b.values)
	for _, text := range b.texts {
		all = append(all, formText(text, items))
	}
	return all
}

func formItems(texts []string, s *Schema) []any {
	var items *Schema
	if s != nil {
		items = s.itemsOf()
	}
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = formText(text, items)
	}
	return list
}

// formText types one text: the narrowest of what the schema allows that is valid.
func formText(text string, s *Schema) any {
	if s == nil {
		return text
	}
	if len(variantsOf(s)) == 0 && !s.Nullable() {
		switch s.Type() {
		case "string":
			return text
		case "number", "integer", "boolean":
			return scalar(text, s)
		}
	}
	for _, v := range readings(text, s) {
		if s.fits(v) {
			return v
		}
	}
	if isKind(s, "array") && !wants(s, "string", maxHops) {
		if text == "" {
			return []any{}
		}
		return formItems([]string{text}, s)
	}
	return scalar(text, s)
}

// readings are what a text may mean to a schema, the narrowest first.
func readings(text string, s *Schema) (list []any) {
	open := s.Type() == "" && len(variantsOf(s)) == 0
	if open {
		list = append(list, text)
	}
	if isNumber(text) && (open || wants(s, "number", maxHops) || wants(s, "integer", maxHops)) {
		list = append(list, json.Number(text))
	}
	if (text == "true" || text == "false") && (open || wants(s, "boolean", maxHops)) {
		list = append(list, text == "true")
	}
	if !open && wants(s, "string", maxHops) {
		list = append(list, text)
	}
	if text == "" && s.Nullable() {
		list = append(list, nil)
	}
	array := isKind(s, "array")
	if text != "" && (text[0] == '{' && isKind(s, "object") || text[0] == '[' && array) {
		if v, bad := DecodeJSON([]byte(text)); bad == nil {
			list = append(list, v)
		}
	}
	if array && text != "" {
		list = append(list, formItems([]string{text}, s))
		if strings.Contains(text, ",") {
			list = append(list, formItems(strings.Split(text, ","), s))
		}
	}
	return list
}

// nested makes an array or an object of a branch: what the schema asks for, if the names can be read so.
func (f *formReader) nested(b *branch, s *Schema, pointer string) any {
	indexed := len(b.names) == 0
	if !indexed {
		indexed = !slices.ContainsFunc(b.names, func(name string) bool { return !isIndex(name) })
	}
	array, object := s == nil || isKind(s, "array"), s != nil && isKind(s, "object")
	switch {
	case len(b.pushed) > 0 && !indexed:
		f.add(pointer, "form", "either items or names in brackets", "both")
		return f.fields(b, s, pointer)
	case len(b.pushed) > 0:
		return f.list(b, s, pointer)
	case !indexed || object && !array:
		return f.fields(b, s, pointer)
	case !object:
		return f.list(b, s, pointer)
	}
	was := len(f.found)
	if v := f.list(b, s, pointer); f.may(s, v) {
		return v
	}
	f.found = f.found[:was]
	return f.fields(b, s, pointer)
}

func isIndex(name string) bool {
	if name == "" || len(name) > 1 && name[0] == '0' {
		return false
	}
	return strings.Trim(name, "0123456789") == ""
}

// list puts items in the order of their indexes, without holes, and those without an index after them.
func (f *formReader) list(b *branch, s *Schema, pointer string) any {
	var items *Schema
	if s != nil {
		items = s.itemsOf()
	}
	names := slices.Clone(b.names)
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	list := make([]any, 0, len(names)+len(b.pushed))
	for _, name := range names {
		if n, err := strconv.Atoi(name); err != nil || n >= MaxMembers {
			f.add(pointer+"/"+show(name), "limit", "an index below "+strconv.Itoa(MaxMembers), "a greater one")
			continue
		}
		list = append(list, f.value(b.under(name), items, pointer+"/"+strconv.Itoa(len(list))))
	}
	for _, item := range b.pushed {
		list = append(list, f.value(item, items, pointer+"/"+strconv.Itoa(len(list))))
	}
	return list
}

// fields makes an object. Where several variants are objects, the first one that leads to a valid value says what its fields are.
func (f *formReader) fields(b *branch, s *Schema, pointer string) any {
	if s == nil {
		return f.object(b, nil, pointer, nil)
	}
	forms := objectForms(nil, s, maxHops)
	if len(forms) > 1 {
		was := len(f.found)
		for _, form := range forms {
			if f.tries++; f.tries > maxTries {
				break
			}
			if v := f.object(b, s, pointer, form); f.may(s, v) {
				return v
			}
			f.found = f.found[:was]
		}
	}
	return f.object(b, s, pointer, s)
}

func (f *formReader) may(s *Schema, v any) bool {
	return s.fits(v) || len(s.validate(v, "", true)) == 0
}

// object types the fields of an object by form, which is s or a variant of it.
func (f *formReader) object(b *branch, s *Schema, pointer string, form *Schema) map[string]any {
	object := make(map[string]any, len(b.names))
	for _, name := range b.names {
		var field *Schema
		if form != nil {
			if field = fieldOf(form, name); field == nil {
				field = fieldOf(s, name)
			}
		}
		at := pointer + "/" + escapeToken(name)
		if how, ok := f.how[name]; ok && pointer == "/body" {
			object[name] = f.encoded(b.under(name), field, at, how)
		} else {
			object[name] = f.value(b.under(name), field, at)
		}
	}
	return object
}

// fieldOf is the schema of a property, declared or additional, of a schema or one of its variants.
func fieldOf(s *Schema, name string) *Schema {
	if p := s.Property(name); p != nil {
		return p
	}
	return extraIn(s, maxHops)
}

func extraIn(s *Schema, hops int) *Schema {
	if extra := s.merged().extra; extra != nil || hops == 0 {
		return extra
	}
	for _, variant := range variantsOf(s) {
		if extra := extraIn(variant, hops-1); extra != nil {
			return extra
		}
	}
	return nil
}

func variantsOf(s *Schema) []*Schema { return s.merged().variants }

// objectForms are the variants of a schema that are objects, those inside variants included.
func objectForms(forms []*Schema, s *Schema, hops int) []*Schema {
	variants := variantsOf(s)
	if len(variants) == 0 || hops == 0 {
		if isKind(s, "object") && !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
		return forms
	}
	for _, variant := range variants {
		forms = objectForms(forms, variant, hops-1)
	}
	return forms
}

// isKind tells whether a schema, a part or a variant of it is of the type, by its word or by its keywords.
func isKind(s *Schema, t string) bool {
	return s.Type() == t || wants(s, t, maxHops) || kindWithin(s, t, maxHops)
}

func kindWithin(s *Schema, t string, hops int) bool {
	for _, variant := range variantsOf(s) {
		if variant.Type() == t || hops > 0 && kindWithin(variant, t, hops-1) {
			return true
		}
	}
	return false
}

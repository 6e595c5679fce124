package openapi

import (
	"bytes"
	"encoding/json"
	"path"
	"strconv"
	"strings"
)

// document writes the document: its own parts, then what they brought along.
func (b *bundler) document(text []byte) error {
	root, _ := b.list(part{raw: text, file: b.root}, true)
	var kinds []entry
	for i := range root {
		if root[i].name == "components" {
			kinds, _ = b.list(root[i].part, true)
			root = append(root[:i], root[i+1:]...)
			break
		}
	}
	for _, kind := range kinds {
		if kind.name == "schemas" {
			b.settle(kind.part)
		}
	}
	b.out = append(make([]byte, 0, 2*len(text)), '{')
	for _, m := range root {
		b.name(m.name)
		if m.name == "paths" {
			b.members(m.part, []string{"paths"}, true)
		} else {
			b.value(m.part.raw, m.part.file, []string{m.name})
		}
	}
	b.name("components")
	b.components(kinds)
	b.out = append(b.out, '}')
	return nil
}

// settle gives the document's own schemas their names before anything else asks for one.
func (b *bundler) settle(p part) {
	members, _ := b.list(p, false)
	for _, m := range members {
		b.taken[m.name] = true
	}
	for _, m := range members {
		if ref, ok := onlyReference(m.part.raw); ok {
			if to, err := b.find(ref, m.part.file); err == nil && to.file != b.root && b.homes[to.file+"#"+to.at] == "" {
				b.homes[to.file+"#"+to.at] = m.name
			}
		}
		if m.part.file != b.root {
			b.homes[m.part.file+"#"+m.part.at] = m.name
		}
	}
}

func (b *bundler) components(kinds []entry) {
	b.out = append(b.out, '{')
	seen := false
	for _, kind := range kinds {
		b.name(kind.name)
		if kind.name == "schemas" {
			seen = true
			b.schemas(kind.part)
		} else {
			b.members(kind.part, []string{"components", kind.name}, true)
		}
	}
	if !seen {
		b.name("schemas")
		b.schemas(part{raw: json.RawMessage(`{}`), file: b.root})
	}
	b.name(filesSection)
	b.out = append(b.out, '{')
	for i := 0; i < len(b.kept) && !b.full; i++ {
		b.name(b.kept[i])
		b.value(b.files[b.kept[i]].raw, b.kept[i], []string{"components", filesSection, b.kept[i]})
	}
	b.out = append(b.out, '}', '}')
	b.late()
}

// schemas writes the document's schemas, and leaves room for those that come from other files.
func (b *bundler) schemas(p part) {
	members, ok := b.list(p, false)
	if !ok {
		b.value(p.raw, p.file, []string{"components", "schemas"})
		return
	}
	b.out = append(b.out, '{')
	for _, m := range members {
		b.name(m.name)
		if ref, ok := onlyReference(m.part.raw); ok {
			if to, err := b.find(ref, m.part.file); err == nil && b.homes[to.file+"#"+to.at] == m.name {
				m.part = to
			}
		}
		b.value(m.part.raw, m.part.file, []string{"components", "schemas", m.name})
	}
	b.out = append(b.out, lateMark...)
	b.out = append(b.out, '}')
}

// lateMark stands where schemas of other files go. No document holds it: it is no JSON.
const lateMark = "\x00schemas\x00"

// late writes the schemas that were asked for, which may ask for more, and the files that these need.
func (b *bundler) late() {
	kept, before := len(b.kept), b.out
	b.out = nil
	for i := 0; i < len(b.queue) && !b.full; i++ {
		h := b.queue[i]
		b.name(h.name)
		b.value(h.part.raw, h.part.file, []string{"components", "schemas", h.name})
		if i == len(b.queue)-1 {
			b.lateFiles(&before, &kept)
		}
	}
	more := b.out
	i := bytes.Index(before, []byte(lateMark))
	if i < 0 {
		b.out = before
		return
	}
	if len(more) > 0 && before[i-1] != '{' {
		more = append([]byte{','}, more...)
	}
	b.out = append(append(bytes.Clone(before[:i]), more...), before[i+len(lateMark):]...)
}

// lateFiles appends files that only a schema of another file asked for, which may ask for further schemas.
func (b *bundler) lateFiles(before *[]byte, kept *int) {
	mine := b.out
	b.out = (*before)[:len(*before)-2] // the brackets of the files and of the components
	for ; *kept < len(b.kept) && !b.full; *kept++ {
		name := b.kept[*kept]
		b.name(name)
		b.value(b.files[name].raw, name, []string{"components", filesSection, name})
	}
	*before = append(b.out, '}', '}')
	b.out = mine
}

// name writes a member's name, and a comma where one belongs.
func (b *bundler) name(name string) {
	if n := len(b.out); n > 0 && b.out[n-1] != '{' {
		b.out = append(b.out, ',')
	}
	b.out = append(appendString(b.out, name), ':')
}

// members writes an object whose members may be other files.
func (b *bundler) members(p part, place []string, deep bool) {
	list, ok := b.list(p, deep)
	if !ok {
		b.value(p.raw, p.file, place)
		return
	}
	b.out = append(b.out, '{')
	for _, m := range list {
		b.name(m.name)
		b.value(m.part.raw, m.part.file, append(place, m.name))
	}
	b.out = append(b.out, '}')
}

// value writes a value of a file with its references written anew.
func (b *bundler) value(raw json.RawMessage, file string, place []string) {
	if len(b.out) > MaxDocument {
		b.full = true
	}
	if b.full {
		b.out = append(b.out, "null"...)
		return
	}
	small := len(raw) < 2048 && place[len(place)-1] != "mapping" && !bytes.Contains(raw, []byte(`"$ref"`)) && !bytes.Contains(raw, []byte(`"mapping"`))
	switch {
	case small || len(raw) == 0 || raw[0] != '{' && raw[0] != '[':
		b.out = append(b.out, raw...)
	case raw[0] == '[':
		b.out = append(b.out, '[')
		i := 0
		_ = eachItem(raw, func(item json.RawMessage) error {
			if i > 0 {
				b.out = append(b.out, ',')
			}
			b.value(item, file, append(place, strconv.Itoa(i)))
			i++
			return nil
		})
		b.out = append(b.out, ']')
	default:
		b.object(raw, file, place)
	}
}

func (b *bundler) object(raw json.RawMessage, file string, place []string) {
	mapping := len(place) > 1 && place[len(place)-1] == "mapping" && place[len(place)-2] == "discriminator"
	if ref, ok := onlyReference(raw); ok && isProse(ref) {
		if to, err := b.find(ref, file); err == nil {
			b.out = append(b.out, to.raw...) // a description in a file of its own
			return
		}
	}
	b.out = append(b.out, '{')
	_ = eachMember(raw, func(name string, value json.RawMessage) error {
		b.name(name)
		ref, err := text(value)
		switch {
		case err == nil && name == "$ref":
			b.out = appendString(b.out, b.rewritten(ref, file, place, isSchemaPlace(place)))
		case err == nil && mapping && (isFileName(ref) || strings.HasPrefix(ref, "#") && file != b.root):
			b.out = appendString(b.out, b.rewritten(ref, file, append(place, name), true))
		default:
			b.value(value, file, append(place, name))
		}
		return nil
	})
	b.out = append(b.out, '}')
}

func isProse(ref string) bool {
	ext := strings.ToLower(path.Ext(ref))
	return ext == ".md" || ext == ".txt"
}

// isSchemaPlace says whether a schema belongs at a place, by the names that lead to it.
func isSchemaPlace(place []string) bool {
	n := len(place)
	if n == 0 {
		return false
	}
	switch place[n-1] {
	case "schema", "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems":
		return true
	}
	if n < 2 {
		return false
	}
	switch place[n-2] {
	case "properties", "patternProperties", "schemas", "allOf", "oneOf", "anyOf", "prefixItems", "$defs", "definitions", "dependentSchemas":
		return true
	}
	return false
}

// rewritten is what a reference becomes in the one text.
func (b *bundler) rewritten(ref, from string, place []string, schema bool) string {
	if strings.HasPrefix(ref, "#") && from == b.root {
		return ref
	}
	if from == b.root && b.taken[ref] {
		b.repaired(place, "the reference "+strconv.Quote(clip(ref))+" is a name only", "the schema of that name")
		return schemaRef(ref)
	}
	to, err := b.find(ref, from)
	if err != nil {
		b.repaired(append(place, "$ref"), err.Error(), "whatever it is, it is not known")
		return ref
	}
	if to.file == b.root {
		return "#" + to.at
	}
	key := to.file + "#" + to.at
	if b.homes[key] == "" && schema {
		b.homes[key] = b.homeName(to)
		b.queue = append(b.queue, home{b.homes[key], to})
	}
	if name := b.homes[key]; name != "" {
		return strings.ReplaceAll(schemaRef(name), "%", "%25")
	}
	if !b.names[to.file] {
		b.names[to.file] = true
		b.kept = append(b.kept, to.file)
	}
	return "#/components/" + filesSection + "/" + strings.ReplaceAll(escapeToken(to.file), "%", "%25") + to.at
}

// homeName is the name of a schema of another file: the last one on the way to it that is free.
func (b *bundler) homeName(p part) string {
	name := strings.TrimSuffix(path.Base(p.file), path.Ext(p.file))
	if i := strings.LastIndexByte(p.at, '/'); i >= 0 {
		name = unescapeToken(p.at[i+1:])
	}
	free := name
	for n := 2; b.taken[free]; n++ {
		free = name + "_" + strconv.Itoa(n)
	}
	b.taken[free] = true
	return free
}

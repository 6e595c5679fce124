package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// bundle makes one text of a document and the files that it refers to. A schema of another file becomes a schema of the document, under the name that
// the file gives it; anything else is kept with its file, under components/x-sandgate-files. References are written anew, everything else stays as
// it is, in its order.
func bundle(f *folder, root string, text []byte) ([]byte, []Repair, error) {
	b := &bundler{
		folder: f, root: root, files: map[string]*bundled{root: {raw: text}}, homes: map[string]string{}, taken: map[string]bool{}, names: map[string]bool{},
	}
	if !hasOutside(text) {
		return text, nil, nil
	}
	err := b.document(text)
	if err == nil && b.full {
		err = fmt.Errorf("the document is too large: more than %d bytes with the files that it refers to", MaxDocument)
	}
	return b.out, b.repairs, err
}

// hasOutside says whether any reference leaves the text.
func hasOutside(text []byte) bool {
	for _, name := range []string{`"$ref"`, `"mapping"`} {
		for rest := text; ; {
			i := bytes.Index(rest, []byte(name))
			if i < 0 {
				break
			}
			rest = rest[i+len(name):]
			j := skipSpace(rest, 0)
			if j >= len(rest) || rest[j] != ':' {
				continue
			}
			if j = skipSpace(rest, j+1); name == `"mapping"` {
				if outsideMapping(rest[j:]) {
					return true
				}
			} else if j+1 < len(rest) && rest[j] == '"' && rest[j+1] != '#' {
				return true
			}
		}
	}
	return false
}

func outsideMapping(raw []byte) (outside bool) {
	end := skipValue(raw, 0)
	if end < 0 || raw[0] != '{' {
		return false
	}
	_ = eachMember(raw[:end], func(_ string, value json.RawMessage) error {
		s, err := text(value)
		outside = outside || err == nil && isFileName(s)
		return nil
	})
	return outside
}

// isFileName tells a file from the name of a schema, where both may stand.
func isFileName(s string) bool {
	name, _, _ := strings.Cut(s, "#")
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../")
}

type bundler struct {
	folder  *folder
	root    string
	files   map[string]*bundled
	homes   map[string]string // file and fragment → the schema of the document that it is
	taken   map[string]bool   // schemas of the document
	names   map[string]bool   // files that are kept whole
	queue   []home
	kept    []string
	out     []byte
	full    bool
	repairs []Repair
}

type bundled struct {
	raw json.RawMessage
	err error
}

// home is a schema of another file that becomes one of the document.
type home struct {
	name string
	part part
}

// part is a value and the file that its references start from.
type part struct {
	raw      json.RawMessage
	file, at string // at is the fragment, "" for the whole file
}

type entry struct {
	name string
	part part
}

func (b *bundler) repaired(place []string, problem, meaning string) {
	pointer := ""
	for _, token := range place {
		pointer += "/" + escapeToken(token)
	}
	if len(b.repairs) < maxRepairs {
		b.repairs = append(b.repairs, Repair{pointer, problem, meaning})
	}
}

// load reads another file, once.
func (b *bundler) load(name string) (json.RawMessage, error) {
	if f := b.files[name]; f != nil {
		return f.raw, f.err
	}
	data, err := b.folder.read(name)
	var raw []byte
	if err == nil {
		switch strings.ToLower(path.Ext(name)) {
		case ".md", ".txt":
			raw = appendString(nil, string(data))
		default:
			var found []Repair
			raw, found, err = readText(data)
			b.repairs = append(b.repairs, found...)
		}
	}
	b.files[name] = &bundled{raw, err}
	return raw, err
}

// locate says which file and fragment a reference names.
func (b *bundler) locate(ref, from string) (file, fragment string, err error) {
	name, fragment, _ := strings.Cut(ref, "#")
	if name == "" {
		return from, fragment, nil
	}
	if i := strings.IndexByte(name, ':'); i > 0 && strings.IndexByte(name[:i], '/') < 0 || strings.HasPrefix(name, "//") {
		return "", "", fmt.Errorf("the reference %q is a URL: nothing is fetched", clip(ref))
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	name = strings.ReplaceAll(name, `\`, "/")
	file = path.Join(path.Dir(from), name)
	if path.IsAbs(name) || file == ".." || strings.HasPrefix(file, "../") {
		return "", "", fmt.Errorf("the reference %q leaves the document's folder", clip(ref))
	}
	return file, fragment, nil
}

// find is the value that a reference names.
func (b *bundler) find(ref, from string) (part, error) {
	file, fragment, err := b.locate(ref, from)
	if err != nil {
		return part{}, err
	}
	raw, err := b.load(file)
	if err != nil {
		return part{}, err
	}
	if fragment == "" {
		return part{raw, file, ""}, nil
	}
	tokens, ok := strings.CutPrefix(fragment, "/")
	for _, token := range strings.Split(tokens, "/") {
		if ok {
			raw, ok = step(raw, unescapeToken(token))
		}
	}
	if !ok {
		return part{}, fmt.Errorf("reference %q has no target", clip(ref))
	}
	return part{raw, file, fragment}, nil
}

// enter follows a part that is nothing but a reference to another file.
func (b *bundler) enter(p part) part {
	for range maxHops {
		ref, ok := onlyReference(p.raw)
		if !ok || strings.HasPrefix(ref, "#") && p.file == b.root {
			return p
		}
		next, err := b.find(ref, p.file)
		if err != nil || next.file == b.root {
			return p
		}
		p = next
	}
	return p
}

// onlyReference tells an object with a $ref and nothing else.
func onlyReference(raw json.RawMessage) (string, bool) {
	ref, ok := reference(raw)
	n := 0
	if ok {
		_ = eachMember(raw, func(string, json.RawMessage) error { n++; return nil })
	}
	return ref, ok && n == 1
}

// list takes an object apart, entering those members that are other files if deep.
func (b *bundler) list(p part, deep bool) ([]entry, bool) {
	p = b.enter(p)
	var members []entry
	err := eachMember(p.raw, func(name string, value json.RawMessage) error {
		at := part{value, p.file, p.at + "/" + escapeToken(name)}
		if deep {
			at = b.enter(at)
		}
		if i := slices.IndexFunc(members, func(m entry) bool { return m.name == name }); i >= 0 && len(members) < 1000 {
			members[i].part = at
			return nil
		}
		members = append(members, entry{name, at})
		return nil
	})
	return members, err == nil
}

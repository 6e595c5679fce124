package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const (
	maxOperations = 50_000
	maxPath       = 4_096 // bytes of a path
	maxSegments   = 100
)

// What is said of a name that comes twice in one object.
const (
	twice      = "the name comes twice"
	lastCounts = "the last one counts"
)

// linkedItem is a path item that is a reference; what it refers to may come later in the text.
type linkedItem struct {
	path string
	at   string // JSON pointer
	ref  string
	to   int // where its operations go
}

func (d *Document) readPaths(i int) (int, error) {
	seen, again := map[string]bool{}, 0
	d.operations, d.linked = nil, nil
	return d.readObject("/paths", "no operations", i, func(path string, start int) (int, error) {
		if strings.HasPrefix(path, "x-") {
			return skipValue(d.raw, start), nil
		}
		at := "/paths/" + escapeToken(path)
		if seen[path] {
			if again++; again > maxTwice {
				return -1, fmt.Errorf("paths: more than %d names come twice", maxTwice)
			}
			d.repaired(at, twice, lastCounts)
			d.operations = slices.DeleteFunc(d.operations, func(o *Operation) bool { return strings.HasPrefix(o.at, at+"/") })
		}
		seen[path] = true
		fixed, problem := repairPath(path)
		if problem != "" {
			d.repaired(clip(at), problem, meaningOf(fixed))
		}
		if fixed == "" || len(d.operations) >= maxOperations {
			if fixed != "" {
				d.repaired("/paths", fmt.Sprintf("more than %d operations", maxOperations), "the others are left out")
			}
			return skipValue(d.raw, start), nil
		}
		return d.readItem(fixed, at, start)
	})
}

func meaningOf(path string) string {
	if path == "" {
		return "left out"
	}
	return "the path " + clip(path)
}

// repairPath makes a template of what stands where one belongs; "" if nothing can be made of it.
func repairPath(path string) (fixed, problem string) {
	fixed = strings.TrimSpace(path)
	if fixed != path {
		problem = "blanks around a path"
	}
	if _, rest, ok := strings.Cut(fixed, "://"); ok && strings.HasPrefix(fixed, "http") {
		_, rest, _ = strings.Cut(rest, "/")
		fixed, problem = "/"+rest, "a path is no URL"
	}
	if i := strings.IndexAny(fixed, "?#"); i >= 0 && !strings.Contains(fixed[:i], "{") || i >= 0 && strings.Count(fixed[:i], "{") == strings.Count(fixed[:i], "}") {
		fixed, problem = fixed[:i], "a path has no query and no fragment"
	}
	if !strings.HasPrefix(fixed, "/") {
		fixed, problem = "/"+fixed, "the path does not start with /"
	}
	if strings.Contains(fixed, "/:") {
		segments := strings.Split(fixed, "/")
		for i, s := range segments {
			if len(s) > 1 && s[0] == ':' && !strings.ContainsAny(s[1:], ":{}.") {
				segments[i], problem = "{"+s[1:]+"}", "a path parameter stands in braces"
			}
		}
		fixed = strings.Join(segments, "/")
	}
	switch {
	case len(fixed) > maxPath:
		return "", fmt.Sprintf("a path of more than %d bytes", maxPath)
	case strings.Count(fixed, "/") > maxSegments:
		return "", fmt.Sprintf("a path of more than %d segments", maxSegments)
	}
	return fixed, problem
}

// readItem reads the path item at i.
func (d *Document) readItem(path, at string, i int) (int, error) {
	var shared json.RawMessage
	first := len(d.operations)
	segments := strings.Split(path[1:], "/")
	names := templateNames(segments)
	for n, name := range names {
		if slices.Contains(names[:n], name) {
			d.repaired(at, fmt.Sprintf("the parameter %q stands in the path twice", name), "the last one counts")
		}
	}
	add := func(name string, start int) (int, error) {
		o := &Operation{Method: strings.ToUpper(name), Path: path, Segments: segments, names: names, at: at + "/" + escapeToken(name)}
		return d.readOperation(o, start)
	}
	end, err := d.readObject(at, "no operations", i, func(name string, start int) (end int, err error) {
		switch {
		case slices.Contains(methods, name):
			return add(name, start)
		case name == "additionalOperations":
			return d.readObject(at+"/"+name, "no operations", start, add)
		case name == "$ref":
			if end = skipValue(d.raw, start); end >= 0 {
				if ref := d.wantText(at+"/$ref", d.raw[start:end]); ref != "" {
					d.linked = append(d.linked, linkedItem{path, at, ref, len(d.operations)})
				}
			}
			return end, nil
		}
		if end = skipValue(d.raw, start); end < 0 {
			return -1, errScan
		}
		switch value := d.raw[start:end:end]; {
		case name == "parameters" && value[0] == '[':
			shared = value
		case name == "parameters":
			d.repaired(at+"/parameters", "want an array, have "+kindOf(value), "left out")
		case isMethod(name, value):
			d.repaired(at+"/"+name, "OpenAPI has no method "+name, "the method "+strings.ToUpper(name))
			return add(name, start)
		case !slices.Contains(itemFields, name) && !strings.HasPrefix(name, "x-") && value[0] == '{':
			d.repaired(at+"/"+escapeToken(clip(name)), "neither a method nor a field of a path", "left out")
		}
		return end, nil
	})
	for _, o := range d.operations[first:] {
		o.shared = shared
	}
	return end, err
}

// isMethod tells an operation under a name that is no method of OpenAPI's: one in capitals, or one that is newer than OpenAPI.
func isMethod(name string, value json.RawMessage) bool {
	if len(value) == 0 || value[0] != '{' || len(name) > 20 || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz-") != "" || slices.Contains(itemFields, name) {
		return false
	}
	if slices.Contains(methods, strings.ToLower(name)) {
		return true
	}
	_, answers := member(value, "responses")
	return answers && !strings.HasPrefix(name, "x-")
}

// readLinked reads the path items that are references, the last one first so that the places of the others stay.
func (d *Document) readLinked() {
	for _, item := range slices.Backward(d.linked) {
		raw, err := d.at(item.ref)
		if err == nil {
			raw, err = d.follow(raw)
		}
		if err != nil {
			d.repaired(item.at+"/$ref", err.Error(), "a path without operations of its own")
			continue
		}
		part := &Document{raw: raw}
		if _, err = part.readItem(item.path, item.at, skipSpace(raw, 0)); err != nil {
			d.repaired(item.at+"/$ref", err.Error(), "left out")
		}
		for r := range part.repairs.seen {
			d.repaired(r.Pointer, r.Problem, r.Meaning)
		}
		d.operations = slices.Insert(d.operations, min(item.to, len(d.operations)), part.operations...)
	}
}

// readOperation reads what an operation says about itself.
func (d *Document) readOperation(o *Operation, i int) (int, error) {
	end, err := d.readObject(o.at, "left out", i, func(name string, start int) (end int, err error) {
		if end = skipValue(d.raw, start); end < 0 {
			return -1, errScan
		}
		switch value := d.raw[start:end]; name {
		case "operationId":
			o.ID = d.wantText(o.at+"/operationId", value)
		case "summary":
			o.Summary = d.wantText(o.at+"/summary", value)
		case "tags":
			o.Tags = d.readTags(o.at+"/tags", value)
		}
		return end, nil
	})
	if err == nil && end >= 0 && d.raw[i] == '{' {
		o.raw = d.raw[i:end:end]
		d.operations = append(d.operations, o)
	}
	return end, err
}

func (d *Document) readTags(pointer string, raw json.RawMessage) []string {
	tags, err := texts(raw)
	if err == nil {
		return tags
	}
	if tag, no := text(raw); no == nil {
		d.repaired(pointer, err.Error(), "a list of one")
		return []string{tag}
	}
	d.repaired(pointer, err.Error(), "left out")
	return nil
}

// settle looks at the operations together: which have one shape, and that no two have the same name.
func (d *Document) settle() error {
	if len(d.operations) == 0 {
		d.settleEmpty()
	}
	shapes := make(map[string]*Operation, len(d.operations))
	ids := make(map[string]*Operation, len(d.operations))
	d.operations = slices.DeleteFunc(d.operations, func(o *Operation) bool {
		shape := o.Method + shapeOf(o.Path)
		if other := shapes[shape]; other != nil {
			d.repaired(o.at, "its path has the shape of "+other.Key(), "the one whose parameters fit, else the first")
		} else {
			shapes[shape] = o
		}
		if other := ids[o.ID]; other != nil && o.ID != "" {
			d.repaired(o.at+"/operationId", fmt.Sprintf("%s has the operationId %q too", other.Key(), clip(o.ID)), "only the first one has it; METHOD /path names an operation")
			o.ID = ""
		}
		ids[o.ID] = o
		d.byKey[o.Key()] = o
		return false
	})
	return nil
}

// settleEmpty says why a document without operations has none.
func (d *Document) settleEmpty() {
	switch _, ok := d.root["paths"]; {
	case ok: // an empty object is allowed, and anything else has been told
	case d.root["webhooks"] != nil:
		d.repaired("/paths", "missing: the document describes webhooks only", "there is nothing to answer")
	default:
		d.repaired("/paths", "missing", "there is nothing to answer")
	}
}

// shapeOf is a path without the names of its parameters: two paths of one shape answer the same requests.
func shapeOf(path string) string {
	if strings.IndexByte(path, '{') < 0 && strings.IndexByte(path, '%') < 0 {
		return path
	}
	var b strings.Builder
	for _, segment := range strings.Split(path, "/")[1:] {
		fixed, names := splitTemplate(segment)
		b.WriteByte('/')
		if len(names) == 0 {
			if decoded, err := url.PathUnescape(segment); err == nil {
				segment = decoded
			}
			b.WriteString(segment)
			continue
		}
		b.WriteString(strings.Join(fixed, "{}"))
	}
	return b.String()
}

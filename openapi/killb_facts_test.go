package openapi_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// The interface facts of a provider, in the line notation that their own README explains.
type facts struct {
	schemas map[string]*factSchema
	ops     []*factOp
}

type factSchema struct {
	fields []factField
	free   bool      // "= map"
	typ    *factType // of a schema that is no object
	base   string    // what the fields are added to
}

type factField struct {
	name               string
	typ                *factType
	required, nullable bool
	byDefault          bool // required in a reply, optional in a request
}

// factType has one of the kinds of the notation; "ref", "array", "map", "object", "enum", "oneOf" and "allOf" say more in the other fields.
type factType struct {
	kind   string
	ref    string
	item   *factType
	words  []string
	of     []*factType
	fields []factField
	bounds map[string]any // keyword of the schema -> float64, string or bool
}

type factOp struct {
	method, path, id string
	tag              string
	params           []factParam
	body             *factBody
	replies          map[string]*factBody
	errors           []string
}

type factParam struct {
	in string
	factField
}

// factBody is a request or a reply; a nil type is a reply without a body.
type factBody struct {
	required bool
	typ      *factType
	media    string
}

// readFacts reads the facts beside the module. They are not part of it, so a clone has no such file; a build server must have it.
func readFacts(t *testing.T, names ...string) *facts {
	t.Helper()
	f := &facts{schemas: map[string]*factSchema{}}
	for _, name := range names {
		file, err := os.Open(filepath.Join("..", "..", "shared", "contracts", filepath.FromSlash(name)))
		if os.IsNotExist(err) {
			if os.Getenv("CI") == "true" {
				t.Fatal("the interface facts are missing, and CI=true demands them")
			}
			t.Skip("skipped: the interface facts are not on this machine")
		}
		if err == nil {
			err = f.parse(file)
			_ = file.Close()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return f
}

func (f *facts) parse(r io.Reader) error {
	var schema *factSchema
	var op *factOp
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		var err error
		switch {
		case line == "":
			schema, op = nil, nil
		case strings.HasPrefix(line, "## schema "):
			schema = &factSchema{}
			f.schemas[strings.TrimPrefix(line, "## schema ")] = schema
		case strings.HasPrefix(line, "## op "):
			op, err = parseOp(line)
			f.ops = append(f.ops, op)
		case strings.HasPrefix(line, "#"):
		case schema != nil:
			err = schema.parse(line)
		case prose(line):
		case op != nil:
			err = op.parse(line)
		case strings.HasPrefix(line, "type http"): // of the security
		default:
			err = fmt.Errorf("belongs to nothing")
		}
		if err != nil {
			return fmt.Errorf("line %d: %q: %w", n, line, err)
		}
	}
	return lines.Err()
}

// prose says whether a line is for people only.
func prose(line string) bool {
	return strings.HasPrefix(line, "note: ") || strings.HasPrefix(line, "?? ") || strings.HasPrefix(line, "SOURCE: ")
}

var opTag = regexp.MustCompile(` tag=("[^"]*"|\S+)`)

func parseOp(line string) (*factOp, error) {
	op := &factOp{replies: map[string]*factBody{}}
	_, err := fmt.Sscanf(line, "## op %s %s %s", &op.method, &op.path, &op.id)
	op.id = strings.Trim(op.id, "{}")
	if tag := opTag.FindStringSubmatch(line); tag != nil {
		op.tag = strings.Trim(tag[1], `"`)
	}
	return op, err
}

// parse reads one line of a schema: a field, or what the schema is instead of an object of its own. Two notes say such a thing.
func (s *factSchema) parse(line string) (err error) {
	array, isArray := strings.CutPrefix(line, "note: the schema is itself an array: ")
	base, extends := strings.CutPrefix(line, "note: allOf(Ref(")
	switch {
	case line == "= map":
		s.free = true
	case isArray:
		s.typ, _, err = parseType(array)
	case extends:
		s.base, _, _ = strings.Cut(base, ")")
	case prose(line):
	case strings.HasPrefix(line, "anyOf("):
		s.typ, _, err = parseType(line)
	default:
		var field factField
		field, err = parseField(line)
		s.fields = append(s.fields, field)
	}
	return err
}

// paged is what PAGED stands for.
const paged = "query page int(min 1 default 1); query per_page int(1..100 default 20); " +
	"query sort_by string; query sort_order enum[asc desc] (default desc)"

// parse reads one line of an operation: parameters, the body, a reply or the errors.
func (o *factOp) parse(line string) error {
	key, rest, ok := strings.Cut(line, ": ")
	switch {
	case !ok:
		return fmt.Errorf("no colon")
	case key == "param":
		return o.parseParams(strings.Replace(rest, "PAGED", paged, 1))
	case key == "errors":
		codes, _, _ := strings.Cut(rest, " -> ")
		o.errors = strings.Fields(codes)
		return nil
	}
	body := &factBody{required: strings.HasSuffix(key, "!"), media: "application/json"}
	if rest != "-" {
		typ, left, err := parseType(rest)
		if err != nil {
			return fmt.Errorf("type %q: %w", rest, err)
		}
		for _, word := range []string{"content-type=", "content "} {
			left = strings.TrimPrefix(strings.TrimSpace(left), word)
		}
		if left != "" {
			body.media = left
		}
		body.typ = typ
	}
	if strings.TrimSuffix(key, "!") == "body" {
		o.body = body
	} else {
		o.replies[key] = body
	}
	return nil
}

// parseParams reads "in name type", or several of that with semicolons between; those after the first may leave out where they are.
func (o *factOp) parseParams(s string) error {
	where := ""
	return eachPart(s, ';', func(part string) error {
		in, rest, _ := strings.Cut(part, " ")
		switch in {
		case "query", "path", "header":
			where = in
		default:
			rest = part
		}
		field, err := parseField(rest)
		o.params = append(o.params, factParam{where, field})
		return err
	})
}

// addParams adds those that are not there yet.
func (o *factOp) addParams(common string) error {
	more := &factOp{}
	err := more.parseParams(common)
	for _, p := range more.params {
		if !slices.ContainsFunc(o.params, func(q factParam) bool { return q.in == p.in && q.name == p.name }) {
			o.params = append(o.params, p)
		}
	}
	return err
}

// parseField reads "name type[!][?] [default=…] [ex=…]"; the mark of a required field may stand behind the name, bounds in brackets anywhere behind
// the type.
func parseField(s string) (factField, error) {
	name, rest, _ := strings.Cut(s, " ")
	bare := strings.TrimSuffix(name, "!")
	typ, rest, err := parseType(rest)
	if err != nil {
		return factField{}, err
	}
	field := factField{name: bare, typ: typ, required: bare != name, nullable: typ.kind == "allOf" && strings.Contains(s, "object?")}
	for rest != "" {
		switch {
		case rest[0] == '!':
			field.required = true
		case rest[0] == '?':
			field.nullable = true
		case rest[0] == '(':
			inside, left, err := enclosed(rest)
			if err != nil {
				return field, err
			}
			typ.bound(inside)
			rest = left
			continue
		case strings.HasPrefix(rest, " default="):
			field.byDefault = true
			return field, nil
		case strings.HasPrefix(rest, " ex="):
			return field, nil
		case rest[0] != ' ':
			return field, fmt.Errorf("marks %q", rest)
		}
		rest = rest[1:]
	}
	return field, nil
}

var (
	rangeBound = regexp.MustCompile(`(\d+)\.\.(\d+)`)
	wordBound  = regexp.MustCompile(`\b(min|default|minLength|maxLength|minItems|maxItems|exclusiveMinimum|pattern|format) ([^\s,]+)`)
)

// bound reads what stands in brackets behind a type; what is none of the known words is prose.
func (t *factType) bound(text string) {
	low, high := "minimum", "maximum"
	switch t.kind {
	case "string":
		low, high = "minLength", "maxLength"
	case "array":
		low, high = "minItems", "maxItems"
	}
	set := func(keyword, value string) {
		if t.bounds == nil {
			t.bounds = map[string]any{}
		}
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			t.bounds[keyword] = n
		} else {
			t.bounds[keyword] = value
		}
	}
	if m := rangeBound.FindStringSubmatch(text); m != nil {
		set(low, m[1])
		set(high, m[2])
	}
	for _, m := range wordBound.FindAllStringSubmatch(text, -1) {
		if m[2] == "the" { // "default the subscription's …" is prose
			continue
		}
		switch m[1] {
		case "min":
			set("minimum", m[2])
		case "exclusiveMinimum":
			set("minimum", m[2])
			set("exclusiveMinimum", "true")
		case "format":
			t.kind = m[2]
		default:
			set(m[1], m[2])
		}
	}
}

func parseType(s string) (*factType, string, error) {
	word := s
	if end := strings.IndexAny(s, "[({!? ;"); end >= 0 {
		word = s[:end]
	}
	t := &factType{kind: word}
	inside, rest, err := enclosed(s[len(word):])
	if err != nil {
		return nil, "", err
	}
	switch {
	case word == "" && strings.HasPrefix(s, "["):
		t.kind = "array"
		t.item, _, err = parseType(inside)
	case word == "" && strings.HasPrefix(s, "{"):
		t.kind = "object"
		err = eachPart(inside, ';', func(part string) error {
			field, err := parseField(part)
			t.fields = append(t.fields, field)
			return err
		})
	case word == "enum":
		t.words = strings.Fields(strings.ReplaceAll(inside, `"`, ""))
	case word == "Ref":
		t.kind, t.ref = "ref", inside
	case word == "map" && inside != "":
		t.item, _, err = parseType(inside)
	case word == "oneOf" || word == "allOf" || word == "anyOf":
		err = eachPart(inside, ',', func(part string) error {
			variant, left, err := parseType(part)
			if words, ok := strings.CutPrefix(left, " enum["); ok { // "number enum[1]"
				variant.words = strings.Fields(strings.TrimSuffix(words, "]"))
			}
			t.of = append(t.of, variant)
			return err
		})
	case word == "UUID":
		t.kind = "uuid"
	case word != "" && unicode.IsUpper(rune(word[0])):
		t.kind, t.ref = "ref", word
	default:
		t.bound(inside)
	}
	return t, rest, err
}

// enclosed splits "(…)rest" into what is between the first bracket and its partner, and the rest. Without a bracket all is rest.
func enclosed(s string) (inside, rest string, err error) {
	if s == "" || !strings.ContainsRune("[({", rune(s[0])) {
		return "", s, nil
	}
	depth := 0
	for i, r := range s {
		switch r {
		case '[', '(', '{':
			depth++
		case ']', ')', '}':
			depth--
		}
		if depth == 0 {
			return s[1:i], s[i+1:], nil
		}
	}
	return "", "", fmt.Errorf("bracket not closed in %q", s)
}

// eachPart calls do with the parts of s between separators that stand outside of brackets.
func eachPart(s string, separator rune, do func(string) error) error {
	if s == "" {
		return nil
	}
	depth, start := 0, 0
	for i, r := range s + string(separator) {
		switch {
		case strings.ContainsRune("[({", r):
			depth++
		case strings.ContainsRune("])}", r):
			depth--
		case r == separator && depth == 0:
			if err := do(strings.TrimSpace(s[start:i])); err != nil {
				return err
			}
			start = i + 1
		}
	}
	return nil
}

// sent returns the names of the schemas that a request can hold.
func (f *facts) sent() map[string]bool {
	names := map[string]bool{}
	for _, op := range f.ops {
		if op.body != nil {
			f.reach(op.body.typ, names)
		}
	}
	return names
}

func (f *facts) reach(t *factType, names map[string]bool) {
	if t == nil || names[t.ref] {
		return
	}
	if t.kind == "ref" {
		names[t.ref] = true
		for _, field := range f.schemas[t.ref].fields {
			f.reach(field.typ, names)
		}
	}
	f.reach(t.item, names)
	for _, variant := range t.of {
		f.reach(variant, names)
	}
	for _, field := range t.fields {
		f.reach(field.typ, names)
	}
}

package openapi_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The interface facts of a provider, in the line notation that their own README explains.
type facts struct {
	schemas map[string]*factSchema
	ops     []*factOp
}

type factSchema struct {
	fields []factField
	free   bool // "= map"
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
}

type factOp struct {
	method, path, id string
	params           []factParam
	body             *factBody
	replies          map[string]*factBody
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
func readFacts(t *testing.T) *facts {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "shared", "contracts", "killb", "killb.facts"))
	if os.IsNotExist(err) {
		if os.Getenv("CI") == "true" {
			t.Fatal("the interface facts are missing, and CI=true demands them")
		}
		t.Skip("skipped: the interface facts are not on this machine")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f, err := parseFacts(file)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func parseFacts(r io.Reader) (*facts, error) {
	f := &facts{schemas: map[string]*factSchema{}}
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
			op = &factOp{replies: map[string]*factBody{}}
			_, err = fmt.Sscanf(line, "## op %s %s %s", &op.method, &op.path, &op.id)
			op.id = strings.Trim(op.id, "{}")
			f.ops = append(f.ops, op)
		case schema != nil && line == "= map":
			schema.free = true
		case schema != nil:
			var field factField
			field, err = parseField(line)
			schema.fields = append(schema.fields, field)
		case op != nil:
			err = op.parse(line)
		default:
			err = fmt.Errorf("belongs to nothing")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", n, line, err)
		}
	}
	return f, lines.Err()
}

// parse reads one line of an operation: a parameter, the body or a reply.
func (o *factOp) parse(line string) error {
	key, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return fmt.Errorf("no colon")
	}
	if key == "param" {
		in, rest, _ := strings.Cut(rest, " ")
		field, err := parseField(rest)
		o.params = append(o.params, factParam{in, field})
		return err
	}
	rest, media, ok := strings.Cut(rest, " content-type=")
	if !ok {
		media = "application/json"
	}
	body := &factBody{required: strings.HasSuffix(key, "!"), media: media}
	if rest != "-" {
		typ, left, err := parseType(rest)
		if err != nil || left != "" {
			return fmt.Errorf("type %q: left %q: %w", rest, left, err)
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

// parseField reads "name type[!][?] [default=…] [ex=…]".
func parseField(s string) (factField, error) {
	name, rest, _ := strings.Cut(s, " ")
	typ, rest, err := parseType(rest)
	if err != nil {
		return factField{}, err
	}
	marks, rest, _ := strings.Cut(rest, " ")
	if strings.Trim(marks, "!?") != "" {
		return factField{}, fmt.Errorf("marks %q", marks)
	}
	return factField{
		name: name, typ: typ, required: strings.Contains(marks, "!"), nullable: strings.Contains(marks, "?"),
		byDefault: strings.HasPrefix(rest, "default="),
	}, nil
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
		t.words = strings.Fields(inside)
	case word == "Ref":
		t.kind, t.ref = "ref", inside
	case word == "map" && inside != "":
		t.item, _, err = parseType(inside)
	case word == "oneOf" || word == "allOf":
		err = eachPart(inside, ',', func(part string) error {
			variant, _, err := parseType(part)
			t.of = append(t.of, variant)
			return err
		})
	case word == "UUID":
		t.kind = "uuid"
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

package openapi_test

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/sandgate/sandgate/openapi"
)

const sourceMark = "x-sandgate-source"

// contract is a document that we wrote, and what its facts are.
type contract struct {
	name                string
	facts               []string // files of the shared folder
	operations, schemas int
	common              string // parameters of every operation, which most of the facts leave out
	strict              bool   // the facts name every bound, default, refusal and tag
	examples            int    // at least so many
}

var contracts = []contract{
	{name: "killb", facts: []string{"killb/killb.facts"}, operations: 99, schemas: 185, examples: 800},
	{name: "kobana-billing", facts: kobanaFacts, operations: 260, schemas: 307, common: kobanaCommon, strict: true, examples: 1200},
	{name: "kobbopay", examples: 80}, // nothing is published: every part of it is marked
}

func eachContract(t *testing.T, test func(t *testing.T, c contract, doc *openapi3.T)) {
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) { test(t, c, loadContract(t, c.name)) })
	}
}

func loadContract(t *testing.T, name string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(name + ".json")
	if err != nil {
		t.Fatalf("%s.json: %v (go generate ./openapi makes it)", name, err)
	}
	return doc
}

func loadKillB(t *testing.T) *openapi3.T { return loadContract(t, "killb") }

func TestContractsAreStrictlyValid(t *testing.T) {
	eachContract(t, func(t *testing.T, _ contract, doc *openapi3.T) {
		if err := doc.Validate(t.Context(), openapi3.ProhibitExtensionsWithRef()); err != nil {
			t.Fatal(err)
		}
		if doc.OpenAPI != "3.0.3" {
			t.Errorf("openapi is %s, not 3.0.3", doc.OpenAPI)
		}
	})
}

func TestContractsSayWhatTheFactsSay(t *testing.T) {
	eachContract(t, func(t *testing.T, contract contract, doc *openapi3.T) {
		f := readFacts(t, contract.facts...)
		if len(f.ops) != contract.operations || len(f.schemas) != contract.schemas {
			t.Fatalf("the facts have %d operations and %d schemas, not %d and %d", len(f.ops), len(f.schemas), contract.operations, contract.schemas)
		}
		c := &comparison{t: t, sent: f.sent(), strict: contract.strict}
		for name, want := range f.schemas {
			if got := doc.Components.Schemas[name]; got == nil {
				t.Errorf("schema %s is missing", name)
			} else {
				c.schema(name, want, got)
			}
		}
		for name, got := range doc.Components.Schemas {
			if f.schemas[name] == nil && len(got.Value.Enum) == 0 && sourceOf(got.Value.Extensions) == "" {
				t.Errorf("schema %s is neither in the facts, nor a shared enum, nor marked with %s", name, sourceMark)
			}
		}
		known := map[string]bool{}
		for _, want := range f.ops {
			known[want.id] = true
			if err := want.addParams(contract.common); err != nil {
				t.Fatal(err)
			}
			c.operation(doc, want)
		}
		for _, op := range documentOperations(doc) {
			if !known[op.OperationID] && sourceOf(op.Extensions) == "" {
				t.Errorf("operation %s is neither in the facts nor marked with %s", op.OperationID, sourceMark)
			}
		}
	})
}

// Every operation is planned and found, and what is invented for its replies fits them.
func TestContractsAreServed(t *testing.T) {
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			d, err := openapi.Embedded(c.name)
			if err != nil {
				t.Fatal(err)
			}
			all := d.Operations()
			published := 0
			for _, o := range all {
				if o.Field(sourceMark) == nil {
					published++
				}
			}
			if published != c.operations {
				t.Errorf("%d operations beside marked ones, not %d", published, c.operations)
			}
			r := openapi.NewRouter(all)
			for _, o := range all {
				if got, _, _ := r.Find(o.Method, fill(o.Path, "0zz")); got == nil || got.Key() != o.Key() {
					t.Errorf("%s is not found", o.Key())
				}
				p, err := d.Plan(o)
				if err != nil {
					t.Errorf("%s: %v", o.Key(), err)
					continue
				}
				samplesFit(t, p)
			}
		})
	}
}

func TestKillBRefusesInOneShape(t *testing.T) {
	all := documentOperations(loadKillB(t))
	if len(all) != 99 {
		t.Errorf("%d operations, not 99", len(all))
	}
	for _, op := range all {
		for _, status := range []string{"400", "401", "403", "404", "409", "413", "429", "500"} {
			schema, reply := "BadRequestResponse", op.Responses.Value(status)
			if status == "500" {
				schema = "InternalServerErrorResponse"
			}
			switch {
			case reply == nil:
				t.Errorf("%s: %s is missing", op.OperationID, status)
			case reply.Value.Content["application/json"] == nil, refName(reply.Value.Content["application/json"].Schema) != schema:
				t.Errorf("%s: %s is not a %s", op.OperationID, status, schema)
			case status != "400" && status != "500" && sourceOf(reply.Value.Extensions) != "docs":
				t.Errorf("%s: %s is not marked %s: docs", op.OperationID, status, sourceMark)
			}
		}
	}
}

func TestContractsAreDescribed(t *testing.T) {
	eachContract(t, func(t *testing.T, _ contract, doc *openapi3.T) { described(t, doc) })
}

func described(t *testing.T, doc *openapi3.T) {
	t.Helper()
	for _, op := range documentOperations(doc) {
		if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || doc.Tags.Get(op.Tags[0]) == nil {
			t.Errorf("%s: needs a summary, a description and one declared tag", op.OperationID)
		}
	}
	for name, schema := range doc.Components.Schemas {
		if schema.Value.Description == "" {
			t.Errorf("schema %s: needs a description", name)
		}
	}
}

func TestContractExamplesAreValid(t *testing.T) {
	eachContract(t, func(t *testing.T, c contract, doc *openapi3.T) {
		if seen := examplesFit(t, doc); seen < c.examples {
			t.Errorf("only %d examples were checked", seen)
		}
	})
}

// examplesFit counts the examples that it checked.
func examplesFit(t *testing.T, doc *openapi3.T) int {
	t.Helper()
	seen := 0
	check := func(at string, schema *openapi3.Schema, example any) {
		seen++
		if err := schema.VisitJSON(example, exampleFormats()...); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	fields := func(at string, schema *openapi3.Schema) {
		for name, property := range schema.Properties {
			if example := property.Value.Example; example != nil {
				check(at+"."+name, property.Value, example)
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		fields(name, schema.Value)
		if schema.Value.Example != nil {
			check(name, schema.Value, schema.Value.Example)
		}
	}
	content := func(at string, content openapi3.Content) (found bool) {
		for _, media := range content {
			if media.Example != nil {
				check(at, media.Schema.Value, media.Example)
				found = true
			}
			for name, example := range media.Examples {
				check(at+" "+name, media.Schema.Value, example.Value.Value)
				found = true
			}
		}
		return found
	}
	for _, op := range documentOperations(doc) {
		if op.RequestBody != nil && !content(op.OperationID, op.RequestBody.Value.Content) {
			t.Errorf("%s: the request body has no example", op.OperationID)
		}
		for _, p := range op.Parameters {
			if p.Value.Example != nil {
				check(op.OperationID+" "+p.Value.Name, p.Value.Schema.Value, p.Value.Example)
			}
		}
	}
	for name, reply := range doc.Components.Responses {
		content(name, reply.Value.Content)
	}
	return seen
}

func TestKillBVariantsAreComplete(t *testing.T) {
	doc := loadKillB(t)
	holders := 0
	for name, ref := range doc.Components.Schemas {
		mark, ok := ref.Value.Extensions["x-sandgate-variants"].(map[string]any)
		if !ok {
			continue
		}
		holders++
		by, _ := mark["by"].(string)
		of, _ := mark["of"].(string)
		forms, _ := mark["map"].(map[string]any)
		if ref.Value.Properties[by] == nil || ref.Value.Properties[of] == nil {
			t.Errorf("%s: %q or %q is not a field", name, by, of)
			continue
		}
		words, offered := ref.Value.Properties[by].Value.Enum, variantNames(ref.Value.Properties[of].Value)
		for word, form := range forms {
			if len(words) > 0 && !slices.Contains(words, any(word)) {
				t.Errorf("%s: %s does not take %q", name, by, word)
			}
			if !slices.Contains(offered, form.(string)) {
				t.Errorf("%s: %s does not take a %s", name, of, form)
			}
		}
		for _, form := range offered {
			if !slices.ContainsFunc(slices.Collect(maps.Values(forms)), func(v any) bool { return v == form }) {
				t.Errorf("%s: no value of %s asks for a %s", name, by, form)
			}
		}
	}
	if holders != 9 {
		t.Errorf("%d schemas choose a form by a field, not 9", holders)
	}
}

// What must take null and what must not, because kin-openapi has its own idea of nullable beside allOf.
func TestKillBNulls(t *testing.T) {
	doc := loadKillB(t)
	for _, c := range []struct {
		schema string
		value  any
		ok     bool
	}{
		{"GetFavoriteUserResponseDto", map[string]any{"favoriteUserId": nil, "favoriteUser": nil}, true},
		{"GetFavoriteUserResponseDto", map[string]any{"favoriteUserId": nil, "favoriteUser": "x"}, false},
		{"GetFavoriteUserResponseDto", map[string]any{"favoriteUserId": nil}, false},
		{"SetFavoriteUserDto", map[string]any{"userId": nil}, true},
		{"RefreshDto", map[string]any{"refreshToken": nil}, false},
	} {
		err := doc.Components.Schemas[c.schema].Value.VisitJSON(c.value)
		if (err == nil) != c.ok {
			t.Errorf("%s %v: %v", c.schema, c.value, err)
		}
	}
}

// exampleFormats makes the formats count that kin-openapi passes over.
func exampleFormats() []openapi3.SchemaValidationOption {
	check := func(name string, f func(string) error) openapi3.SchemaValidationOption {
		return openapi3.WithStringFormatValidator(name, openapi3.NewCallbackValidator(f))
	}
	return []openapi3.SchemaValidationOption{
		openapi3.EnableFormatValidation(), openapi3.MultiErrors(),
		check("uuid", func(s string) error { return uuid.Validate(s) }),
		check("email", func(s string) error { _, err := mail.ParseAddress(s); return err }),
		check("uri", func(s string) error {
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				return fmt.Errorf("not an absolute address")
			}
			return nil
		}),
		check("password", func(string) error { return nil }),
		check("binary", func(string) error { return nil }),
	}
}

// documentOperations returns every operation in the order of paths and methods.
func documentOperations(doc *openapi3.T) []*openapi3.Operation {
	var all []*openapi3.Operation
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path).Operations()
		methods := slices.Sorted(maps.Keys(item))
		for _, method := range methods {
			all = append(all, item[method])
		}
	}
	return all
}

func sourceOf(extensions map[string]any) string {
	s, _ := extensions[sourceMark].(string)
	return s
}

// refName is the name behind a reference, also when an allOf of one wraps it to say more.
func refName(ref *openapi3.SchemaRef) string {
	if ref.Ref == "" && len(ref.Value.AllOf) == 1 {
		return refName(ref.Value.AllOf[0])
	}
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}

// variantNames returns the names that a union offers.
func variantNames(schema *openapi3.Schema) []string {
	var names []string
	for _, variant := range slices.Concat(schema.OneOf, schema.AnyOf) {
		names = append(names, refName(variant))
	}
	return names
}

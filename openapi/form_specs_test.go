package openapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// formStyle is one habit of writing forms.
type formStyle struct {
	name    string
	item    func(i int) string // the name of the i-th item
	escaped bool               // brackets are percent-encoded
}

var formStyles = []formStyle{
	{"indexes", func(i int) string { return fmt.Sprint(i) }, false},
	{"indexes, escaped", func(i int) string { return fmt.Sprint(i) }, true},
	{"no indexes", func(int) string { return "" }, false},
}

// encode writes a value the way the clients of form APIs do: names in brackets, in the order of the alphabet.
func (s formStyle) encode(pairs []string, name string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner := s.bracket(name, key)
			if name == "" {
				inner = url.QueryEscape(key)
			}
			pairs = s.encode(pairs, inner, v[key])
		}
		return pairs
	case []any:
		for i, item := range v {
			inner := s.bracket(name, s.item(i))
			if name == "" {
				inner = fmt.Sprint(i)
			}
			pairs = s.encode(pairs, inner, item)
		}
		return pairs
	}
	return append(pairs, name+"="+url.QueryEscape(fmt.Sprint(v)))
}

func (s formStyle) bracket(name, key string) string {
	if s.escaped {
		return name + url.QueryEscape("["+key+"]")
	}
	return name + "[" + url.QueryEscape(key) + "]"
}

// sayable takes out what a form has no way to say: nothing, an empty list, an empty object.
func sayable(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return nil, false
	case map[string]any:
		for key, item := range v {
			if said, ok := sayable(item); ok {
				v[key] = said
			} else {
				delete(v, key)
			}
		}
		return v, len(v) > 0
	case []any:
		var list []any
		for _, item := range v {
			if said, ok := sayable(item); ok {
				list = append(list, said)
			}
		}
		return list, len(list) > 0
	}
	return v, true
}

// without an index, what belongs to one item and what begins the next is told by names that repeat; items that share no name cannot be told apart.
func repeats(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if !repeats(item) {
				return false
			}
		}
	case []any:
		for i, item := range v {
			if object, ok := item.(map[string]any); !repeats(item) || ok && i > 0 && !sameFirst(v[i-1], object) {
				return false
			}
			if _, ok := item.([]any); ok {
				return false
			}
		}
	}
	return true
}

// sameFirst tells whether the first name written of b is one of a, and a text in both.
func sameFirst(a any, b map[string]any) bool {
	first := slices.Sorted(maps.Keys(b))[0]
	was, _ := a.(map[string]any)
	switch b[first].(type) {
	case map[string]any, []any:
		return false
	}
	_, ok := was[first]
	return ok
}

// Every form that the real contracts take: what is written by a client is read as it was meant.
func TestFormsOfRealContracts(t *testing.T) {
	folder := realContracts(t)
	for _, file := range []string{"stripe.json", "paystack.yaml"} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			d, err := openapi.Load(data)
			if err != nil {
				t.Fatal(err)
			}
			count := map[string]int{}
			for _, o := range d.Operations() {
				p, err := d.Plan(o)
				if err != nil || p.Body == nil || p.Body.Media["application/x-www-form-urlencoded"] == nil {
					continue
				}
				count["operations"]++
				for seed := range uint64(2) {
					formsRoundTrip(t, p, seed, count)
				}
			}
			t.Logf("%d operations take forms (%d values with something in them, up to %d levels deep); %d of %d forms are read as they were meant (%d not invented validly)", count["operations"], count["filled"], count["deepest"], count["read"], count["written"], count["skipped"])
			if count["read"] != count["written"] || count["operations"] == 0 || count["skipped"] > 0 {
				t.Error("not all of them")
			}
		})
	}
}

// grower invents values that go deeper than samples do.
type grower struct {
	rand *rand.Rand
	fake openapi.Faker
	left int
}

func (g *grower) grow(s *openapi.Schema, depth int) any {
	variants := s.Variants()
	switch {
	case len(s.Enum()) > 0:
		return s.Sample(g.fake, nil)
	case len(variants) > 0 && len(s.Properties()) == 0 || len(variants) > 0 && g.rand.IntN(2) == 0:
		return g.grow(variants[g.rand.IntN(len(variants))], depth)
	case s.Type() == "array" && s.Items() != nil:
		list := []any{}
		for range 1 + g.rand.IntN(3) {
			list = append(list, g.grow(s.Items(), depth+1))
		}
		return list
	case s.Type() != "object" || len(s.Properties()) == 0:
		return s.Sample(g.fake, nil)
	}
	object := map[string]any{}
	for _, name := range s.Properties() {
		must := slices.Contains(s.Required(), name)
		if g.left--; must || g.left > 0 && depth < 7 && g.rand.IntN(1+depth) == 0 {
			object[name] = g.grow(s.Property(name), depth+1)
		}
	}
	if names := s.Properties(); len(object) == 0 && depth < 12 {
		object[names[0]] = g.grow(s.Property(names[0]), depth+1)
	}
	return object
}

func depthOf(v any) (deepest int) {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			deepest = max(deepest, 1+depthOf(item))
		}
	case []any:
		for _, item := range v {
			deepest = max(deepest, 1+depthOf(item))
		}
	}
	return deepest
}

func formsRoundTrip(t *testing.T, p *openapi.Plan, seed uint64, count map[string]int) {
	s := p.Body.Media["application/x-www-form-urlencoded"]
	g := grower{rand.New(rand.NewPCG(seed, 1)), openapi.NewFaker(seed, someday), 400}
	said, _ := sayable(g.grow(s, 0))
	if s.Validate(said, "") != nil {
		said, _ = sayable(s.Sample(g.fake, nil))
	}
	if said == nil {
		said = map[string]any{}
	}
	if bad := s.Validate(said, ""); bad != nil {
		count["skipped"]++
		t.Logf("%s: %v", p.Operation.Key(), bad)
		return
	}
	for _, style := range formStyles {
		if style.item(0) == "" && !repeats(said) {
			continue
		}
		count["written"]++
		if style.name == formStyles[0].name {
			count["filled"] += min(1, depthOf(said))
			count["deepest"] = max(count["deepest"], depthOf(said))
		}
		form := strings.Join(style.encode(nil, "", said), "&")
		got, bad := decodeForm(p, form)
		bad = slices.DeleteFunc(bad, func(v openapi.Violation) bool { return !strings.HasPrefix(v.Pointer, "/body") })
		if form == "" && got == nil {
			got = map[string]any{}
		}
		diff := cmp.Diff(said, got)
		if len(bad) == 0 && diff == "" {
			count["read"]++
			continue
		}
		t.Errorf("%s, %s: %v\n%s\n%s", p.Operation.Key(), style.name, bad, form, diff)
	}
}

func BenchmarkForm(b *testing.B) {
	p := formPlan(b)
	const form = "amount=1000&rate=1.50&live=true&name=x&address[line]=a&address[zip]=0123&metadata[order]=12&metadata[who]=you&items[0][price]=p&items[0][quantity]=2&items[1][price]=q&expand[]=a&expand[]=b"
	v, bad := decodeForm(p, form)
	if bad != nil {
		b.Fatal(bad)
	}
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("form", func(b *testing.B) {
		r := httptest.NewRequest(http.MethodPost, "/f", nil)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		body := []byte(form)
		for b.Loop() {
			p.Decode(r, nil, body)
		}
	})
	b.Run("json", func(b *testing.B) {
		s := p.Body.Media["application/x-www-form-urlencoded"]
		for b.Loop() {
			v, _ := openapi.DecodeJSON(text)
			s.Validate(v, "/body")
		}
	})
}

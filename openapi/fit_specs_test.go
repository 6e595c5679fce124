package openapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// realDocuments are the published contracts that are at hand, by file.
func realDocuments(t *testing.T) map[string]*openapi.Document {
	t.Helper()
	const folder = "../../shared/specs"
	files, _ := filepath.Glob(folder + "/*.*")
	out := map[string]*openapi.Document{}
	for _, file := range files {
		if strings.HasSuffix(file, ".md") || testing.Short() && strings.Contains(file, "stripe") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := openapi.Load(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[filepath.Base(file)] = d
	}
	if len(out) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the folder of real contracts is not there")
		}
		t.Skip("the folder of real contracts is not there")
	}
	return out
}

// eachSchema goes through all named schemas of a document and those of its bodies and replies.
func eachSchema(d *openapi.Document, fn func(name string, s *openapi.Schema)) {
	for _, name := range d.Names("schemas") {
		if s, err := d.Schema(name); err == nil {
			fn(name, s)
		}
	}
	for _, o := range d.Operations() {
		p, err := d.Plan(o)
		if err != nil {
			continue
		}
		for status, r := range p.Replies {
			if r.Schema != nil && r.Schema.Name() == "" {
				fn(fmt.Sprint(o.Key(), " ", status), r.Schema)
			}
		}
	}
}

// garbage spoils a value: members go, change their kind, or come from elsewhere.
func garbage(r *rand.Rand, v any, depth int) any {
	junk := []any{nil, "x", json.Number("7"), json.Number("-1.5e3"), true, map[string]any{"id": "cus_1"}, []any{}, []any{"a", nil}, strings.Repeat("long ", 200), map[string]any{}}
	if r.Intn(6) == 0 || depth > 8 {
		return junk[r.Intn(len(junk))]
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			if r.Intn(5) > 0 {
				out[name] = garbage(r, item, depth+1)
			}
		}
		if r.Intn(3) == 0 {
			out["nobody_knows"] = junk[r.Intn(len(junk))]
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, garbage(r, item, depth+1))
		}
		return out
	case json.Number:
		if r.Intn(3) == 0 {
			return string(v)
		}
	case bool:
		if r.Intn(3) == 0 {
			return fmt.Sprint(v)
		}
	}
	return v
}

var fitSeeds = flag.Int64("fit-seeds", 1, "how many values are made for each schema of the real contracts")

// Whatever comes in, what comes out fits; what fits stays as it is. A schema that no value fits (a pattern that contradicts itself, a type that two parts
// of an allOf disagree about) is counted and must be rare.
func TestFitOnRealContracts(t *testing.T) {
	for file, d := range realDocuments(t) {
		t.Run(file, func(t *testing.T) {
			schemas, tried, never, bad := 0, 0, []string{}, map[string]string{}
			eachSchema(d, func(name string, s *openapi.Schema) {
				schemas++
				if v := s.Validate(s.Sample(openapi.NewFaker(1, someday), nil), ""); v != nil {
					never = append(never, fmt.Sprint(name, v[0]))
					return
				}
				for seed := range *fitSeeds {
					tried++
					faker := func() openapi.Faker { return openapi.NewFaker(uint64(seed), someday) }
					valid := s.Sample(openapi.NewFaker(uint64(seed)+7, someday), nil)
					if same := s.Fit(valid, faker()); valid != nil && !cmp.Equal(valid, same) {
						bad["changed "+name] = cmp.Diff(valid, same)
					}
					in := garbage(rand.New(rand.NewSource(seed)), valid, 0)
					for how, out := range map[string]any{
						"fit": s.Fit(in, faker()), "fill": s.Fill(in, faker()), "nothing": s.Fill(nil, faker()), "whole": s.Fill(valid, faker()),
						"lean": s.FitWith(in, faker(), openapi.FitOptions{Lean: true}),
					} {
						if v := s.Validate(out, ""); v != nil {
							bad[how+" "+name] = fmt.Sprint(v[0])
						}
					}
					if once := s.Fit(in, faker()); once != nil && !cmp.Equal(once, s.Fit(once, faker())) {
						bad["twice "+name] = "changes"
					}
				}
			})
			t.Logf("%d of %d schemas can be sampled, %d values fitted; not: %v", schemas-len(never), schemas, tried, never)
			if len(never)*100 > schemas {
				t.Errorf("%d of %d schemas have no sample: %v", len(never), schemas, never)
			}
			for name, why := range bad {
				t.Errorf("%s: %s", name, why)
			}
		})
	}
}

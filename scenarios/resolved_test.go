package scenarios

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The embedded form gives back the scenario that was read, to the last null.
func TestResolvedRoundTrip(t *testing.T) {
	s := loadSample(t)
	data, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeResolved(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, again); diff != "" {
		t.Error(diff)
	}
	if twice, err := Resolve(again); err != nil || !bytes.Equal(data, twice) {
		t.Errorf("not the same bytes twice: %v", err)
	}
	if diff := cmp.Diff(loadSample(t), s); diff != "" {
		t.Errorf("Resolve left traces: %s", diff)
	}
}

// What is embedded is what the YAML says: `go generate ./scenarios` was run.
func TestGeneratedIsUpToDate(t *testing.T) {
	sources, err := filepath.Glob("*.yaml")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	var names []string
	for _, source := range sources {
		name := strings.TrimSuffix(source, ".yaml")
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Load(source, data)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Resolve(s)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(name + ".json"); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s.json is not what %s gives (%v); run go generate ./scenarios", name, source, err)
			}
			embedded, err := Embedded(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s, embedded); diff != "" {
				t.Errorf("embedded differs from what was read: %s", diff)
			}
			for _, p := range Check(embedded, openContract{}) {
				t.Error(p)
			}
			if _, err := embedded.Settings(nil); err != nil {
				t.Error(err)
			}
		})
	}
	if !slices.Equal(names, Names()) {
		t.Errorf("sources %v, embedded %v", names, Names())
	}
}

func TestEmbeddedUnknown(t *testing.T) {
	name := Names()[0]
	if _, err := Embedded(name + "x"); err == nil || !strings.Contains(err.Error(), `did you mean "`+name+`"?`) {
		t.Errorf("%v", err)
	}
}

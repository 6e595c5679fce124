package scenarios

import (
	"bytes"
	"encoding/json"
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

// standard reads the embedded form with encoding/json.
func standard(t testing.TB, data []byte) *Scenario {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	s := new(Scenario)
	if err := d.Decode(s); err != nil {
		t.Fatal(err)
	}
	eachTemplate(s, func(t *Template) {
		if t.Const != nil {
			if _, null := (*t.Const).(map[string]any); null {
				*t.Const = nil
			}
		}
	})
	return s
}

// Our reader and the standard one agree on everything that is embedded.
func TestReaderAgainstStandard(t *testing.T) {
	sample, err := Resolve(loadSample(t))
	if err != nil {
		t.Fatal(err)
	}
	inputs := [][]byte{sample}
	for _, name := range Names() {
		data, err := os.ReadFile(name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, data)
	}
	for _, data := range inputs {
		got, err := decodeResolved(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(standard(t, data), got); diff != "" {
			t.Error(diff)
		}
	}
	for i := range len(sample) - 1 { // a file that was cut off is an error, not a panic
		if _, err := decodeResolved(sample[:i]); err == nil {
			t.Fatalf("read from %d bytes of %d", i, len(sample))
		}
	}
	for _, bad := range []string{"", "[]", "null", `{"x":1}`, `{"provider":1}`, `{"provider":"a"}x`, `{"provider":"a",,}`, `{"errors":{"a":{"status":"x"}}}`, `{"seed":[{"line":1.5}]}`, `{"seed":[{"set":{"z":1}}]}`, `{"data":{"a":tru}}`, `{"provider":"\x"}`} {
		if s, err := decodeResolved([]byte(bad)); err == nil {
			t.Errorf("%s was read: %+v", bad, s)
		}
	}
}

// loadSource reads a file, or a folder.
func loadSource(source string) (*Scenario, error) {
	if !strings.HasSuffix(source, ".yaml") {
		return LoadFolder(source, os.DirFS(source))
	}
	data, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	return Load(source, data)
}

// What is embedded is what the YAML says: `go generate ./scenarios` was run.
func TestGeneratedIsUpToDate(t *testing.T) {
	sources, err := filepath.Glob("*.yaml")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	roots, err := filepath.Glob("*/" + RootFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range roots {
		sources = append(sources, filepath.Dir(root))
	}
	var names []string
	for _, source := range sources {
		name := strings.TrimSuffix(source, ".yaml")
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			s, err := loadSource(source)
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
	if slices.Sort(names); !slices.Equal(names, Names()) {
		t.Errorf("sources %v, embedded %v", names, Names())
	}
}

// What an outline leaves out is there when it is asked for.
func TestOutline(t *testing.T) {
	inputs := map[string]*Scenario{"sample": loadSample(t), "folder": loadFolder(t)}
	for _, name := range Names() {
		s, err := Embedded(name)
		if err != nil {
			t.Fatal(err)
		}
		inputs[name] = s
		if o, err := Outline(name); err != nil || len(o.Operations) != len(s.Operations) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range inputs {
		data, err := Resolve(s)
		if err != nil {
			t.Fatal(err)
		}
		outline, err := decodeOutline(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range outline.Operations {
			want := s.Operations[i]
			head := &Operation{Key: want.Key, Line: want.Line, File: want.File, Verb: want.Verb, Kind: want.Kind, Rest: o.Rest}
			if diff := cmp.Diff(head, o); diff != "" || o.Rest == "" {
				t.Errorf("%s: %s", name, diff)
			}
			if outline.Operations[i], err = o.Whole(); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(s, outline); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for i := 0; i < len(data)-1; i += len(data)/200 + 1 {
			if _, err := decodeOutline(data[:i]); err == nil {
				t.Fatalf("%s: read from %d bytes of %d", name, i, len(data))
			}
		}
	}
	if _, err := (&Operation{Key: "GET /", Rest: `{"key":1}`}).Whole(); err == nil {
		t.Error("a broken rest was read")
	}
	if o := (&Operation{Key: "GET /"}); func() bool { w, err := o.Whole(); return w != o || err != nil }() {
		t.Error("one that is whole is itself")
	}
}

func TestEmbeddedUnknown(t *testing.T) {
	name := Names()[0]
	if _, err := Embedded(name + "x"); err == nil || !strings.Contains(err.Error(), `did you mean "`+name+`"?`) {
		t.Errorf("%v", err)
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sandgate/sandgate/openapi"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunMergesAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"shop/_root.yaml":  "openapi: 3.0.3\ninfo: {title: <Shop>, version: '1'}\ntags: [{name: A & B}]\n",
		"shop/b.yaml":      "paths:\n  /b:\n    post: {responses: {200: {description: b}}}\n    get: {responses: {200: {description: b}}}\ncomponents:\n  schemas:\n    Z: {type: object, properties: {y: {type: string}, a: {type: number, maximum: 10.50}}}\n  responses: {R: {description: r}}\n",
		"shop/a.yaml":      "tags: [{name: C}]\npaths:\n  /a:\n    get: {responses: {200: {description: a}}}\ncomponents:\n  schemas: {A: {type: string}}\n",
		"one.yaml":         "openapi: 3.0.3\ninfo: {title: One, version: '1'}\npaths: {}\n",
		"one.overlay.yaml": "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions: [{target: $.info, update: {title: Two}}]\n",
		"testdata/x.yaml":  "not: a contract\n",
		"code/code.go":     "package code\n",
	})
	for range 2 {
		if err := run(dir); err != nil {
			t.Fatal(err)
		}
		want := `{"openapi":"3.0.3","info":{"title":"<Shop>","version":"1"},"tags":[{"name":"A & B"},{"name":"C"}],` +
			`"paths":{"/a":{"get":{"responses":{"200":{"description":"a"}}}},"/b":{"post":{"responses":{"200":{"description":"b"}}},"get":{"responses":{"200":{"description":"b"}}}}},` +
			`"components":{"schemas":{"A":{"type":"string"},"Z":{"type":"object","properties":{"y":{"type":"string"},"a":{"type":"number","maximum":10.50}}}},"responses":{"R":{"description":"r"}}}}` + "\n"
		got, err := os.ReadFile(filepath.Join(dir, "shop.json"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(made) != 3 {
		t.Errorf("made %v, %v", made, err)
	}
}

func TestRunRefuses(t *testing.T) {
	const root = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\n"
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"path twice", map[string]string{"a.yaml": "paths: {/a: {}}", "b.yaml": "paths: {/a: {}}"}, "shop: b.yaml: /a is there twice"},
		{"schema twice", map[string]string{"a.yaml": "components: {schemas: {A: {}}}", "b.yaml": "components: {schemas: {A: {}}}"}, "b.yaml: components/schemas: A is there twice"},
		{"root field twice", map[string]string{"a.yaml": "info: {}"}, "a.yaml: info is there twice"},
		{"broken YAML", map[string]string{"a.yaml": "paths: ["}, "a.yaml: 1:8:"},
		{"overlay without a target", map[string]string{"a.yaml": "paths: {}", "../x.overlay.yaml": "overlay: 1.0.0\nactions: [{update: {}}]"}, "x.overlay.yaml: actions/0: target: missing"},
		{"not a mapping", map[string]string{"a.yaml": "[a]"}, "a.yaml: want an object"},
		{"reference without target", map[string]string{"a.yaml": "paths: {/a: {get: {responses: {200: {$ref: '#/components/responses/R'}}}}}"}, `/paths/~1a/get/responses/200: reference "#/components/responses/R" has no target`},
		{"schema nobody uses", map[string]string{"a.yaml": "components: {schemas: {A: {$ref: '#/components/schemas/B'}}}"}, `reference "#/components/schemas/B" has no target`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "shop"), tc.files)
			write(t, dir, map[string]string{"shop/_root.yaml": root})
			if err := run(dir); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
			if strings.Contains(tc.want, "overlay") {
				return
			}
			if _, err := os.Stat(filepath.Join(dir, "shop.json")); err == nil {
				t.Error("a broken contract was written")
			}
		})
	}
}

// What is embedded is what the YAML says.
func TestEmbeddedIsUpToDate(t *testing.T) {
	list, err := sources("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		want, err := s.build()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", s.name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s.json is not what go generate makes of the YAML", s.name)
		}
		packed, err := os.ReadFile(filepath.Join("..", s.name+".json.gz"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := openapi.Unpack(packed); err != nil || !bytes.Equal(want, got) {
			t.Errorf("%s.json.gz is not what go generate makes of the YAML: %v", s.name, err)
		}
	}
}

func TestEmbeddedOverlaysAreUpToDate(t *testing.T) {
	files, err := filepath.Glob("../*.overlay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		want, err := overlay(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".overlay.yaml")
		if got, ok := openapi.Overlay(name); !ok || !bytes.Equal(want, got) {
			t.Errorf("%s is not what go generate makes of the YAML", name)
		}
	}
}

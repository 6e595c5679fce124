package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

const overlayBase = `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"tags":[{"name":"a"},{"name":"b"}],"paths":{"/z":{"get":{"tags":["x"],"responses":{}}},"/a":{"get":{"responses":{}},"post":{"x-internal":true,"responses":{}}}},"components":{"schemas":{"S":{"type":"object","required":["a"],"properties":{"b":{"type":"string"},"a":{"enum":[1.50,2]}}}}}}`

func TestOverlay(t *testing.T) {
	for _, tc := range []struct{ name, actions, change string }{
		{"a member is added behind the others", `{"target":"$.info","update":{"license":{"name":"MIT"}}}`, `"version":"1"} → "version":"1","license":{"name":"MIT"}}`},
		{"a member is replaced where it is", `{"target":"$.info","update":{"title":"Two"}}`, `"title":"T" → "title":"Two"`},
		{"merging goes deep and keeps the order", `{"target":"$","update":{"components":{"schemas":{"S":{"properties":{"a":{"type":"number"},"c":{}}}}}}}`, `{"enum":[1.50,2]}} → {"enum":[1.50,2],"type":"number"},"c":{}}`},
		{"a list inside an update is longer", `{"target":"$.components.schemas.S","update":{"required":["b"]}}`, `["a"] → ["a","b"]`},
		{"an item is appended", `{"target":"$.tags","update":{"name":"c"}}`, `{"name":"b"} → {"name":"b"},{"name":"c"}`},
		{"a list is appended", `{"target":"$.tags","update":[{"name":"c"},{"name":"d"}]}`, `{"name":"b"} → {"name":"b"},{"name":"c"},{"name":"d"}`},
		{"a text is appended", `{"target":"$.paths['/z'].get.tags","update":"y"}`, `["x"] → ["x","y"]`},
		{"several targets", `{"target":"$.paths.*.get","update":{"x-a":1}}`, `{"tags":["x"],"responses":{}} → {"tags":["x"],"responses":{},"x-a":1} | "/a":{"get":{"responses":{}} → "/a":{"get":{"responses":{},"x-a":1}`},
		{"a kind changes", `{"target":"$.info","update":{"version":{"is":2}}}`, `"version":"1" → "version":{"is":2}`},
		{"null stays null", `{"target":"$.info","update":{"title":null}}`, `"title":"T" → "title":null`},
		{"a member is removed", `{"target":"$.paths['/a'].post","remove":true}`, `,"post":{"x-internal":true,"responses":{}} → `},
		{"removed by a filter", `{"target":"$.paths.*[?@['x-internal'] == true]","remove":true}`, `,"post":{"x-internal":true,"responses":{}} → `},
		{"an item is removed", `{"target":"$.tags[?@.name=='a']","remove":true}`, `{"name":"a"}, → `},
		{"remove goes before update", `{"target":"$.tags","update":{"name":"c"},"remove":true}`, `"tags":[{"name":"a"},{"name":"b"}], → `},
		{"remove: false is an update", `{"target":"$.info","update":{"title":"Two"},"remove":false}`, `"title":"T" → "title":"Two"`},
		{"everything of a name", `{"target":"$..responses","update":{"200":{}}}`, `"responses":{} → "responses":{"200":{}}`},
		{"one after the other", `{"target":"$.info","update":{"x":{}}},{"target":"$.info.x","update":{"y":1}}`, `"version":"1"} → "version":"1","x":{"y":1}}`},
		{"removed and put back", `{"target":"$.info.title","remove":true},{"target":"$.info","update":{"title":"N"}}`, `"title":"T","version":"1" → "version":"1","title":"N"`},
		{"twice the same value", `{"target":"$.tags[0,0]","update":{"x":[1]}}`, `{"name":"a"} → {"name":"a","x":[1]}`},
		{"nothing changes", `{"target":"$.info","update":{}}`, ``},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := openapi.Load([]byte(overlayBase))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := d.Overlaid([]byte(`{"overlay":"1.0.0","info":{"title":"o","version":"1"},"actions":[` + tc.actions + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			want := overlayBase
			for _, change := range strings.Split(tc.change, " | ") {
				from, to, _ := strings.Cut(change, " →")
				if from != "" && !strings.Contains(want, from) {
					t.Fatalf("%q is not there", from)
				}
				if from != "" {
					want = strings.ReplaceAll(want, from, strings.TrimPrefix(to, " "))
				}
			}
			if diff := cmp.Diff(want, string(changed.Raw())); diff != "" {
				t.Error(diff)
			}
			if string(d.Raw()) != overlayBase {
				t.Error("the document itself changed")
			}
		})
	}
}

func TestOverlayRefuses(t *testing.T) {
	d, err := openapi.Load([]byte(overlayBase))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, overlay, want string }{
		{"a target without a match", "overlay: 1.0.0\nactions:\n  - target: $.info\n    update: {}\n  - target: $.paths['/none']\n    update: {}", "line 5: target $.paths['/none']: nothing is there"},
		{"the second of two alike", "overlay: 1.0.0\nactions:\n  - target: $.info.title\n    remove: true\n  - target: $.info.title\n    remove: true", "line 5: target $.info.title: nothing is there"},
		{"no path", "overlay: 1.0.0\nactions:\n  - target: info\n    update: {}", "line 3: target info: character 1: a path starts with $"},
		{"a path with a fault", "overlay: 1.0.0\nactions:\n  - target: $.paths[/a]\n    update: {}", "line 3: target $.paths[/a]: character 9: want a name in quotes"},
		{"a primitive", "overlay: 1.0.0\nactions: [{target: $.info.title, update: {}}]", "an update goes into an object or a list, /info/title is a string"},
		{"a text into an object", "overlay: 1.0.0\nactions: [{target: $.info, update: x}]", "/info is an object: the update wants to be one, and is a string"},
		{"the whole", "overlay: 1.0.0\nactions: [{target: $, remove: true}]", "cannot be removed"},
		{"a field that is not there", "overlay: 1.0.0\nactions: [{target: $, updat: {}}]", "actions/0: updat: an action has no such field"},
		{"no target", "overlay: 1.0.0\nactions: [{update: {}}]", "actions/0: target: missing"},
		{"nothing to do", "overlay: 1.0.0\nactions: [{target: $.info}]", "actions/0: target $.info: want update or remove"},
		{"no actions", "overlay: 1.0.0\nactions: []", "want at least one"},
		{"no overlay", "openapi: 3.0.3", `an overlay has no field "openapi"`},
		{"no version", "actions: [{target: $, update: {}}]", "no field overlay"},
		{"a later version", "overlay: 2.0.0\nactions: [{target: $, update: {}}]", "want version 1.0.0, have 2.0.0"},
		{"broken", "overlay: [", "1:10:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := d.Overlaid([]byte(tc.overlay)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
}

func TestOverlayFiles(t *testing.T) {
	const contract = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {}}\n"
	dir := files(t, "\n-- openapi.yaml --\n"+contract+"\n-- overlay.yaml --\noverlay: 1.0.0\nextends: ./openapi.yaml\nactions: [{target: $.info, update: {title: Beside}}]\n"+
		"\n-- more/second.json --\n"+`{"overlay":"1.0.0","actions":[{"target":"$.info","update":{"version":"2"}},{"target":"$.info[?@ == 'Beside']","remove":true}]}`)
	d, err := openapi.Open(dir, openapi.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Title() != "Beside" || len(d.Repairs()) != 1 {
		t.Errorf("title %q, repairs %v", d.Title(), d.Repairs())
	}
	second := filepath.Join(dir, "more", "second.json")
	if d, err = openapi.Open(dir, openapi.OpenOptions{Overlays: []string{second}}); err != nil || d.Title() != "" || d.Version() != "2" {
		t.Fatalf("%v %v", d, err)
	}
	if d, err = openapi.Open(filepath.Join(dir, "openapi.yaml"), openapi.OpenOptions{}); err != nil || d.Title() != "T" {
		t.Errorf("a file by itself took an overlay, or %v", err)
	}
	if err := os.WriteFile(second, []byte("overlay: 1.0.0\nactions:\n- target: $.none\n  remove: true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err = openapi.Open(dir, openapi.OpenOptions{Overlays: []string{second}}); err == nil || !strings.Contains(err.Error(), "second.json: line 3: target $.none: nothing is there") {
		t.Errorf("error: %v", err)
	}
	if _, ok := openapi.Overlay("nobody"); ok {
		t.Error("there is an overlay for nobody")
	}
}

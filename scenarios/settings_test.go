package scenarios

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func settingsScenario() *Scenario {
	return &Scenario{Provider: "sample", Config: []Setting{
		{Path: "quotations.expiresAt", Default: "ms", Enum: []any{"ms", "s"}},
		{Path: "quotations.life", Default: json.Number("30")},
		{Path: "ramps.auto", Default: false},
		{Path: "level", Default: json.Number("1"), Enum: []any{json.Number("1"), json.Number("2")}},
	}}
}

func TestSettings(t *testing.T) {
	got, err := settingsScenario().Settings(map[string]string{"quotations.expiresAt": "s", "ramps.auto": "true", "level": "2.0"})
	want := map[string]any{
		"quotations": map[string]any{"expiresAt": "s", "life": json.Number("30")},
		"ramps":      map[string]any{"auto": true},
		"level":      json.Number("2.0"),
	}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v %s", err, cmp.Diff(want, got))
	}
}

func TestSettingsRefused(t *testing.T) {
	for path, c := range map[string][2]string{
		"quotations.expireAt":  {"s", `sample has no setting "quotations.expireAt"; did you mean "quotations.expiresAt"?`},
		"quotations":           {"s", `sample has no setting "quotations"`},
		"nothing.alike":        {"s", `sample has no setting "nothing.alike"; one of level, quotations.expiresAt, quotations.life, ramps.auto`},
		"quotations.expiresAt": {"m", `setting quotations.expiresAt cannot be "m"; one of ms, s`},
		"quotations.life":      {"long", `setting quotations.life is a number, not "long"`},
		"ramps.auto":           {"yes", `setting ramps.auto is true or false, not "yes"`},
		"level":                {"3", `setting level cannot be "3"; `},
	} {
		if _, err := settingsScenario().Settings(map[string]string{path: c[0]}); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s=%s: %v", path, c[0], err)
		}
	}
	_, err := settingsScenario().Settings(map[string]string{"a.b": "1", "ramps.auto": "x"})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not all at once: %v", err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"require", "reply", "resource", "status", "create", "update"}
	for word, want := range map[string]string{"requir": "require", "rquire": "require", "Resource": "resource", "stauts": "status", "crate": "create", "xyz": "", "": "", "udpate": "update"} {
		if got := Nearest(word, known); got != want {
			t.Errorf("nearest(%s) = %q, want %q", word, got, want)
		}
	}
}

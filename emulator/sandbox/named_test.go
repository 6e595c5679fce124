package sandbox_test

import (
	"strings"
	"testing"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func TestNamedIn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"sk_test_sandgate":                "",
		"sk_test_ws_checkout17_x":         "checkout17",
		"sk_test_ws_checkout17":           "checkout17",
		"ws_a":                            "a",
		"ws_0":                            "0",
		"ws_a-b":                          "a-b",
		"sgt_access_ws_alpha_00ff":        "alpha",
		"dev+ws_alpha@sandgate.test":      "alpha",
		"dev+ws_alpha+more@sandgate.test": "alpha",
		"dev.ws_alpha@sandgate.test":      "", // somebody's name, not a mark
		"news_letter":                     "",
		"news_letter@example.com":         "",
		"dev+news_alpha@example.com":      "",
		"dev@ws_alpha.test":               "",
		"sk_ws_one_ws_two":                "one",
		"ws_" + strings.Repeat("a", 63):   strings.Repeat("a", 63),
		"sk_ws_" + strings.Repeat("a", 63) + "_x": strings.Repeat("a", 63),
	} {
		if got := sandbox.NamedIn(text); got != want {
			t.Errorf("NamedIn(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLiveShaped(t *testing.T) {
	for credential, want := range map[string]bool{
		"sk_live_1": true, "rk_live_1": true, "pk_live_1": true, "whsec_live_1": true, "prod_1": true,
		"sk_test_1": false, "sk_test_sandgate": false, "": false, "alive_": false, "sk_test_live_1": false,
	} {
		if got := sandbox.LiveShaped(credential); got != want {
			t.Errorf("LiveShaped(%q) = %v", credential, got)
		}
	}
}

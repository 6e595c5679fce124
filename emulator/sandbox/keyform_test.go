package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/scenarios"
)

func keyProvider(t *testing.T, prefix string) *Provider {
	t.Helper()
	return &Provider{Scenario: &scenarios.Scenario{Auth: scenarios.Auth{Keys: scenarios.Keys{Prefix: prefix}}}}
}

func drawKey(t *testing.T, head string, seed uint64) string {
	t.Helper()
	key, err := scenarios.NewKey(&scenarios.Env{KeyHead: head, Random: rand.NewChaCha8([32]byte{byte(seed)})})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestK1TyposAreCaught makes every typo of one character in issued keys:
// another character, one too few, one too many, two that changed places. None
// may be taken for an issued key or for somebody's own test key.
func TestK1TyposAreCaught(t *testing.T) {
	for n, head := range []string{"sk_test_", "sk_test_ws_checkout17_", "kp_"} {
		prefix, _, _ := strings.Cut(head, "ws_")
		p := keyProvider(t, prefix)
		key := drawKey(t, head, uint64(n))
		if p.formOf(key) != formIssued {
			t.Fatalf("%s is not known", key)
		}
		tried := 0
		wrong := func(typo, what string) {
			if typo == key {
				return
			}
			tried++
			if got := p.formOf(typo); got != formMistyped {
				t.Errorf("%s of %s: %s is taken for %v", what, key, typo, got)
			}
		}
		for i := range len(key) + 1 {
			for c := '!' + rune(min(n, 1)*i%5); c <= '~'; c += 1 + 4*rune(min(n, 1)) { // all in one key, some in the others
				wrong(key[:i]+string(c)+key[i:], "one too many")
				if i < len(key) {
					wrong(key[:i]+string(c)+key[i+1:], "another character")
				}
			}
			for _, c := range "é€😀" {
				wrong(key[:i]+string(c)+key[i:], "one too many")
			}
			if i < len(key) {
				wrong(key[:i]+key[i+1:], "one too few")
			}
		}
		if tried < 2*len(key)*15 {
			t.Errorf("only %d typos", tried)
		}
		tail := key[len(head):]
		wrong(head+strings.Repeat("0", scenarios.KeyTail), "a made up tail")
		wrong(head+tail[1:2]+tail[:1]+tail[2:], "two that changed places")
	}
}

// TestK1FormsOfOthers: what people and vendors use as test keys is theirs, and
// costs no search.
func TestK1FormsOfOthers(t *testing.T) {
	p := keyProvider(t, "")
	for _, theirs := range []string{
		"", "x", "sk_test_", "sk_test_sandgate", "sk_test_ws_one_x", "sk_test_ws_two", "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
		"sk_test_51" + strings.Repeat("aB3", 32), "rk_test_" + strings.Repeat("a", 99), "sgt_access_" + strings.Repeat("0f", 24),
		"ghp_" + strings.Repeat("A1", 18), "eyJhbGciOiJIUzI1NiJ9." + strings.Repeat("a", 38), "sk_test_" + strings.Repeat("a", 37), "sk_test_" + strings.Repeat("a", 39),
		"sk_test_" + strings.Repeat("a", 40), strings.Repeat("a", 38), strings.Repeat("é", 40), "sk_test_ws_" + strings.Repeat("a", 300),
	} {
		if got := p.formOf(theirs); got != formForeign {
			t.Errorf("%s is taken for %v", theirs, got)
		}
	}
	for _, ours := range []string{"sk_test_" + strings.Repeat("a", 38), "sk_test_ws_a_" + strings.Repeat("a", 38)} {
		if got := p.formOf(ours); got != formMistyped {
			t.Errorf("%s is taken for %v", ours, got)
		}
	}
}

// TestK1NoLivePrefix: no key of ours looks like a live one, and no scenario
// can make it.
func TestK1NoLivePrefix(t *testing.T) {
	for seed := range uint64(200) {
		for _, head := range []string{"sk_test_", "sk_test_ws_live_", "kp_test_"} {
			if key := drawKey(t, head, seed); LiveShaped(key) {
				t.Errorf("%s looks live", key)
			}
		}
	}
	for _, prefix := range livePrefixes {
		s := &scenarios.Scenario{Provider: "p", File: "p.yaml", Auth: scenarios.Auth{Keys: scenarios.Keys{Prefix: prefix}}}
		if err := (&Provider{Scenario: s}).sound(); err == nil || !strings.Contains(err.Error(), "live") {
			t.Errorf("prefix %s: %v", prefix, err)
		}
	}
}

func TestGrants(t *testing.T) {
	for granted, table := range map[string]map[string]bool{
		"*":                            {"a:read": true, "a:write": true, "*:write": true},
		"*:read":                       {"a:read": true, "a:write": false, "*:read": true, "*:write": false},
		"*:write":                      {"a:read": true, "a:write": true, "*": true},
		"a:read":                       {"a:read": true, "a:write": false, "b:read": false, "*:read": false},
		"a:write":                      {"a:read": true, "a:write": true, "b:write": false, "*:write": false},
		"a:read b:write":               {"a:read": true, "a:write": false, "b:read": true, "b:write": true, "c:read": false},
		"a:read a:write a:read":        {"a:write": true},
		"*:read a:write":               {"b:read": true, "b:write": false, "a:write": true, "*:write": false},
		"a :read a:READ a:rw a * :x a": {"a:read": true}, // "*" stands alone in it
		"":                             {"a:read": false, "*": false},
	} {
		g := newGrants(strings.Fields(granted))
		for needed, want := range table {
			need, ok := parsePermission(needed)
			if !ok {
				t.Fatal(needed)
			}
			if got := g.allow(need); got != want {
				t.Errorf("%q for %s: %v", granted, needed, got)
			}
			if _, beyond := g.beyond([]string{needed}); beyond == want {
				t.Errorf("%q to give %s: %v", granted, needed, !beyond)
			}
		}
	}
	for _, bad := range []string{"", ":", ":read", "a", "a:", "a:admin", "a:read:write", "*:", "a:Read"} {
		if one, ok := parsePermission(bad); ok {
			t.Errorf("%q is read as %v", bad, one)
		}
	}
	if !(*grants)(nil).allow(permission{"a", toWrite}) {
		t.Error("a session may do everything")
	}
}

func BenchmarkFormOf(b *testing.B) {
	p := &Provider{Scenario: &scenarios.Scenario{}}
	for _, credential := range []string{"sk_test_sandgate", "sgt_access_" + strings.Repeat("0f", 24), "sk_test_51" + strings.Repeat("aB3", 32), "sk_test_" + strings.Repeat("a", 38), "sk_test_" + strings.Repeat("a", 39)} {
		b.Run(fmt.Sprint(len(credential)), func(b *testing.B) {
			for b.Loop() {
				p.formOf(credential)
			}
		})
	}
}

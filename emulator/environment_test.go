package emulator_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/testcards"
)

func inProduction(t *testing.T, provider string, set map[string]string) func(path, body string) (int, string) {
	t.Helper()
	s, err := emulator.New(emulator.Options{
		Providers: []string{provider}, Clock: "manual", Seed: 5, Egress: "none", RateLimit: "off", Environment: emulator.InProduction, Keys: "open", Set: set,
		Log: slog.New(slog.NewTextHandler(testLog{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// the saved cards that every fresh file has are charged by the clock as before
		if _, err := s.Advance(40 * 24 * time.Hour); err != nil {
			t.Error(err)
		}
		if err := replay(s); err != nil {
			t.Error(err)
		}
		s.Close()
	})
	return func(path, body string) (int, string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer sk_test_sandgate")
		r.Header.Set("User-Agent", "tests")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if name := w.Header().Get("Sandgate-Environment"); name != emulator.InProduction {
			t.Errorf("the reply says %q", name)
		}
		return w.Code, w.Body.String()
	}
}

// TestProductionRefusesEveryTestCard: every number and token of every deck, in
// the provider's own error.
func TestProductionRefusesEveryTestCard(t *testing.T) {
	onebyone(t)
	deck, err := testcards.Embedded("kobana-billing")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, set := range deck.SetNames() {
		call := inProduction(t, "kobana-billing", map[string]string{"cards.set": set})
		cards, _ := deck.InPlay(set)
		for _, c := range cards {
			for _, what := range []string{`"number":"` + c.Number + `","expMonth":12,"expYear":2030,"cvv":"123"`, `"cardToken":"` + c.Token + `"`} {
				if strings.Contains(what, `:""`) {
					continue
				}
				status, body := call("/v1/payments", `{"invoiceId":"b0000000-0000-4000-8000-000000000001","amountCents":101,"paymentMethod":{"type":"card","card":{`+what+`,"holderName":"ANA LIMA"}}}`)
				if status != 422 || !strings.Contains(body, `"code":"test_card_in_production"`) || strings.Contains(body, c.Number) {
					t.Errorf("%s: %d %s", what, status, body)
				}
				refused++
			}
		}
		if status, body := call("/v1/invoices/b0000000-0000-4000-8000-000000000001/pay", `{"payment_method":"pix"}`); status >= 300 {
			t.Errorf("PIX is no test card: %d %s", status, body)
		}
	}
	accounts, err := testcards.Embedded("killb")
	if err != nil {
		t.Fatal(err)
	}
	call := inProduction(t, "killb", nil)
	for _, set := range accounts.SetNames() {
		cards, _ := accounts.InPlay(set)
		for _, c := range cards {
			status, body := call("/api/v2/accounts", fmt.Sprintf(`{"type":"SPEI","userId":"b0000000-0000-4000-8000-000000000001",
				"data":{"firstName":"Ana","lastName":"Ruiz","email":"ana@example.com","phone":"+576015555555",
				"document":{"type":"PASSPORT","number":"GE04292393","issuedCountryCode":"CO"},"clabe":%q,"clabeType":"DEBIT_CARD","countryCode":"MX"}}`, c.Number))
			if status != 400 || !strings.Contains(body, "ACCOUNT.0010") || strings.Contains(body, c.Number) {
				t.Errorf("%s: %d %s", testcards.Mask(c.Number), status, body)
			}
			refused++
		}
	}
	if refused < 50 {
		t.Errorf("only %d cards were tried", refused)
	}
	t.Logf("%d refused", refused)
}

// TestEnvironmentSetting: the name goes where a scenario declares the setting,
// and what was set by hand wins.
func TestEnvironmentSetting(t *testing.T) {
	for _, c := range []struct {
		environment string
		set         map[string]string
		want        any
	}{
		{"", nil, "sandbox"},
		{"sandbox", nil, "sandbox"},
		{"staging", nil, "staging"},
		{"production", nil, "production"},
		{"production", map[string]string{"environment": "staging"}, "staging"},
		{"", map[string]string{"kobana-billing.environment": "production"}, "production"},
	} {
		s, err := emulator.New(emulator.Options{Environment: c.environment, Set: c.set, Data: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.World().Providers() {
			want := c.want
			if c.set["kobana-billing.environment"] != "" && p.Name() != "kobana-billing" {
				want = "sandbox" // that one was said of one provider
			}
			if got, has := p.Config["environment"]; has && got != want {
				t.Errorf("%+v: %s has %v", c, p.Name(), got)
			}
		}
		if name, about := s.Environment(); name != c.environment || (about == "") != (name == "") {
			t.Errorf("%+v: %q, %q", c, name, about)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, o := range []emulator.Options{
		{Environment: "test"},
		{Environment: emulator.InStaging},
		{Environment: emulator.InStaging, Data: t.TempDir(), ResetCron: "0 2 * * *"},
		{Environment: emulator.InProduction, ResetCron: "0 2 * * *"},
	} {
		if s, err := emulator.New(o); err == nil {
			s.Close()
			t.Errorf("%+v is served", o)
		}
	}
}

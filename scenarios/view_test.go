package scenarios

import (
	"strings"
	"testing"
)

// viewDoc is a contract whose payments are pending or paid.
type viewDoc struct{}

func (viewDoc) HasOperation(string) bool { return true }
func (viewDoc) HasSchema(string) bool    { return true }
func (viewDoc) Keys() []string           { return nil }
func (viewDoc) Properties(string) []string {
	return []string{"status", "amount"}
}

func (viewDoc) Enum(_, property string) []string {
	if property == "status" {
		return []string{"pending", "paid"}
	}
	return nil
}

const viewScenario = `
provider: shop
contract: shop
config: {header: {default: x-shop, about: Header of the signature.}}
webhooks: {signature: {header: '${config.HEADER}', scheme: "'hmac-sha256-hex'"}, body: {id: event.id}}
view: {path: PATH, kind: KIND, show: {amount: resource.AMOUNT}, states: {pending: {title: Pending}, STATE: {title: Paid, final: true}}}
resources: {payment: {schema: [Payment], status: {field: status, start: pending}, moves: {pay: {from: pending, to: paid}}}}
operations: {}
`

func TestViewsAreChecked(t *testing.T) {
	good := []string{"HEADER", "header", "PATH", "/pay/", "KIND", "payment", "AMOUNT", "amount", "STATE", "paid"}
	for _, c := range []struct{ place, value, want string }{
		{"", "", ""},
		{"PATH", "pay", "with a / at both ends"},
		{"KIND", "paymnt", `no resource "paymnt"; did you mean "payment"?`},
		{"AMOUNT", "amont", "amont"},
		{"STATE", "payd", `has no state "payd"`},
		{"STATE", "payd", "nothing is said of paid"},
		{"HEADER", "haeder", "haeder"},
	} {
		pairs := append([]string{c.place, c.value}, good...)
		if c.place == "" {
			pairs = good
		}
		s, err := Load("shop.yaml", []byte(strings.NewReplacer(pairs...).Replace(viewScenario)))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, p := range Check(s, viewDoc{}) {
			all = append(all, p.String())
		}
		got := strings.Join(all, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.place, c.value, got, c.want)
		}
	}
}

func TestViewsNeedTheirParts(t *testing.T) {
	_, err := Load("shop.yaml", []byte("provider: shop\ncontract: shop\nview: {path: /pay/, kind: payment, states: {pending: {abuot: x}}}\n"))
	if err == nil || !strings.Contains(err.Error(), "needs show") || !strings.Contains(err.Error(), "abuot") {
		t.Error(err)
	}
}

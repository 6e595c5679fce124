package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

// realContracts is the folder of published documents. A clone may lack it, CI may not.
func realContracts(t *testing.T) string {
	t.Helper()
	const folder = "../../shared/specs"
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the folder of real contracts is not there: %v", err)
		}
		t.Skip("the folder of real contracts is not there")
	}
	return folder
}

// Real contracts, as they are published: they load, their operations are planned and found, and what is invented for their replies fits.
func TestRealContracts(t *testing.T) {
	folder := realContracts(t)
	for file, broken := range map[string]int{
		"paypal-orders-v2.json": 0, "bacen-pix.yaml": 0, "paystack.yaml": 0, "mercadopago.json": 0, "adyen-checkout-v72.json": 0,
		"kobana-banking-v1.json": 0, "kobana-banking-v2.json": 0,
	} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			d, err := openapi.Load(data)
			if err != nil {
				t.Fatal(err)
			}
			r := openapi.NewRouter(d.Operations())
			faults := 0
			for _, o := range d.Operations() {
				if got, _, _ := r.Find(o.Method, fill(o.Path, "0zz")); got == nil || got.Method != o.Method {
					t.Errorf("%s is not found", o.Key())
				}
				p, err := d.Plan(o)
				if err != nil {
					faults++
					continue
				}
				samplesFit(t, p)
			}
			if faults != broken {
				t.Errorf("%d operations cannot be planned, want %d", faults, broken)
			}
		})
	}
}

func samplesFit(t *testing.T, p *openapi.Plan) {
	t.Helper()
	for status, r := range p.Replies {
		if r.Schema == nil || !strings.Contains(r.Media, "json") {
			continue
		}
		v := r.Schema.Sample(openapi.NewFaker(uint64(status), someday), nil)
		if bad := r.Schema.Validate(v, ""); bad != nil {
			t.Errorf("%s %d: %v", p.Operation.Key(), status, bad)
		}
	}
}

package openapi_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// What of the real contracts has to be repaired, by what is wrong. None of it keeps an operation from being served.
func TestRealContractsRepairs(t *testing.T) {
	folder := realContracts(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		d, err := openapi.Open(file, openapi.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		planned := 0
		for _, o := range d.Operations() {
			if _, err := d.Plan(o); err == nil {
				planned++
			}
		}
		repairs := d.Inspect()
		fmt.Fprintf(&table, "%-26s %3d operations, %3d planned, %3d repairs\n", filepath.Base(file), len(d.Operations()), planned, len(repairs))
	}
	t.Log("\n" + table.String())
	if diff := cmp.Diff(realRepairs, table.String()); diff != "" {
		t.Error(diff)
	}
}

const realRepairs = `adyen-checkout-v72.json     28 operations,  28 planned,   0 repairs
bacen-pix.yaml              51 operations,  51 planned,  17 repairs
kobana-banking-v1.json      90 operations,  90 planned,  22 repairs
kobana-banking-v2.json     222 operations, 222 planned,   9 repairs
mercadopago.json           136 operations, 136 planned,   0 repairs
paypal-orders-v2.json        8 operations,   8 planned,   0 repairs
paystack.yaml              163 operations, 163 planned,   0 repairs
stripe.json                594 operations, 594 planned,   0 repairs
`

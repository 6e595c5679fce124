package openapi_test

import (
	"slices"
	"testing"
)

// Every part of a contract that nobody published says whose word it is, and every refusal has one shape.
func TestKobbopayIsMarkedAndRefusesInOneShape(t *testing.T) {
	doc := loadContract(t, "kobbopay")
	for name, schema := range doc.Components.Schemas {
		if !slices.Contains([]string{"seed", "ours"}, sourceOf(schema.Value.Extensions)) {
			t.Errorf("schema %s has no mark", name)
		}
	}
	for _, op := range documentOperations(doc) {
		if !slices.Contains([]string{"seed", "ours"}, sourceOf(op.Extensions)) {
			t.Errorf("%s has no mark", op.OperationID)
		}
		for _, status := range []string{"429", "500"} {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s: %s is missing", op.OperationID, status)
			}
		}
		for status, reply := range op.Responses.Map() {
			if media := reply.Value.Content["application/json"]; status >= "400" && (media == nil || refName(media.Schema) != "Error" || media.Example == nil) {
				t.Errorf("%s: %s is no Error, or has no example", op.OperationID, status)
			}
		}
	}
}

// What a payer may see is part of what the merchant sees, and none of it is the merchant's.
func TestKobbopayShowsPayersNothingOfTheMerchant(t *testing.T) {
	doc := loadContract(t, "kobbopay")
	all := doc.Components.Schemas["Payment"].Value.Properties
	for name := range doc.Components.Schemas["PublicPayment"].Value.Properties {
		if all[name] == nil || slices.Contains([]string{"orderId", "transfers", "public_url"}, name) {
			t.Errorf("a payer sees %s", name)
		}
	}
	op := doc.Paths.Value("/v1/public/payments/{payment_id}").Get
	if op.Security == nil || len(*op.Security) != 0 {
		t.Error("the public view asks for a credential")
	}
}

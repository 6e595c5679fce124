package openapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestKobanaRefusesInOneShape(t *testing.T) {
	for _, op := range documentOperations(loadContract(t, "kobana-billing")) {
		for _, status := range []string{"400", "401", "403", "404", "413", "422", "429", "500"} {
			reply := op.Responses.Value(status)
			if reply == nil {
				t.Errorf("%s: %s is missing", op.OperationID, status)
			}
		}
		for status, reply := range op.Responses.Map() {
			media := reply.Value.Content["application/json"]
			switch {
			case status < "400":
			case media == nil, refName(media.Schema) != "ApiV1Error":
				t.Errorf("%s: %s is not an ApiV1Error", op.OperationID, status)
			case (strings.Contains(reply.Ref, "Undeclared") || status == "413") != (sourceOf(reply.Value.Extensions) == "ours"):
				t.Errorf("%s: the name and the mark of %s disagree", op.OperationID, status)
			}
		}
	}
}

func TestKobanaAnswersNotModified(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			reply := op.Responses.Value("304")
			switch {
			case (reply != nil) != (method == "GET"):
				t.Errorf("%s %s: 304 belongs to GET", method, path)
			case reply != nil && (len(reply.Value.Content) > 0 || sourceOf(reply.Value.Extensions) != "docs"):
				t.Errorf("%s %s: 304 has a body or no mark", method, path)
			}
		}
	}
}

func TestKobanaTakesEitherIdempotencyHeaderAndAnyID(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			params := slices.Concat(item.Parameters, op.Parameters)
			for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
				p := params.GetByInAndName("header", name)
				if p == nil || p.Required || p.Schema.Value.Format != "" || *p.Schema.Value.MaxLength != 255 || sourceOf(p.Extensions) == "" {
					t.Errorf("%s %s: %s is missing, required, too narrow or not marked", method, path, name)
				}
			}
			for _, p := range params {
				if p.Value.In == "path" && (p.Value.Schema.Value.Format != "" || p.Value.Schema.Value.MinLength != 1) {
					t.Errorf("%s %s: %s takes uuids only, or nothing", method, path, p.Value.Name)
				}
			}
		}
	}
}

// A body that has required fields is required; the mark says that the facts forget it.
func TestKobanaRequiresItsBodies(t *testing.T) {
	var demands func(s *openapi3.Schema) bool
	demands = func(s *openapi3.Schema) bool {
		for _, form := range s.AnyOf {
			if !demands(form.Value) {
				return false
			}
		}
		return len(s.AnyOf) > 0 || len(s.Required) > 0
	}
	for _, op := range documentOperations(loadContract(t, "kobana-billing")) {
		if op.RequestBody == nil {
			continue
		}
		for _, media := range op.RequestBody.Value.Content {
			if body := op.RequestBody.Value; body.Required != demands(media.Schema.Value) || body.Required != (sourceOf(body.Extensions) == "ours") {
				t.Errorf("%s: required is %v", op.OperationID, body.Required)
			}
		}
	}
}

func TestKobanaFieldsHaveAShapeOrADescription(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	var walk func(at string, s *openapi3.SchemaRef)
	walk = func(at string, s *openapi3.SchemaRef) {
		if s == nil || s.Ref != "" {
			return
		}
		v := s.Value
		if v.Type == nil && len(v.AllOf)+len(v.AnyOf) == 0 && v.Description == "" {
			t.Errorf("%s: has neither a type nor a description", at)
		}
		if unit := at[strings.LastIndexByte(at, '.')+1:]; (strings.HasSuffix(unit, "cents") || strings.HasSuffix(unit, "Cents")) && v.Description == "" {
			t.Errorf("%s: does not say its unit", at)
		}
		for name, property := range v.Properties {
			walk(at+"."+name, property)
		}
		walk(at+"[]", v.Items)
		for _, part := range v.AllOf {
			walk(at, part)
		}
	}
	for name, schema := range doc.Components.Schemas {
		walk(name, schema)
	}
	for _, op := range documentOperations(doc) {
		for _, p := range op.Parameters {
			if p.Value.Description == "" {
				t.Errorf("%s: %s has no description", op.OperationID, p.Value.Name)
			}
		}
	}
}

func TestKobanaNullsAndOpenObjects(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	for _, c := range []struct {
		name, schema, text string
		ok                 bool
	}{
		{"no fiscal profile", "CompanyFiscalProfileResponse", `{"data": null}`, true},
		{"no instalment", "InvoiceInstallmentResponse", `{"data": null}`, true},
		{"no subscription", "SubscriptionResponse", `{"data": null}`, false},
		{"coupon for everything", "CouponUpdateRequest", `{"applies_to": null, "usage_limit": null}`, true},
		{"coupon for some", "CouponUpdateRequest", `{"applies_to": {"planIds": ["07cf03dd-fb9f-4f6c-adc6-1ecccf9ea0f1"]}}`, true},
		{"coupon used never", "CouponUpdateRequest", `{"usage_limit": 0}`, false},
		{"null among words", "SubscriptionUpdateRequest", `{"collection_method": null}`, true},
		{"null in a flag", "SubscriptionUpdateRequest", `{"allow_pause": null}`, false},
		{"a field of the caller", "SubscriptionCancelRequest", `{"later": true}`, true},
		{"anything", "BillingAccountCustomerInput", `{"phones": null, "emails": [], "addresses": {"a": 1}}`, true},
		{"one use", "UsageRecordCreateRequest", `{"quantity": 5}`, true},
		{"many uses", "UsageRecordCreateRequest", `{"records": [{"quantity": 5}]}`, true},
		{"too few uses", "UsageRecordCreateRequest", `{"records": []}`, false},
		{"environment", "NfeFetchFromSefazRequest", `{"access_key": "1", "certificate_id": "1", "ambiente": 2}`, true},
		{"no such environment", "NfeFetchFromSefazRequest", `{"access_key": "1", "certificate_id": "1", "ambiente": 3}`, false},
		{"bare array", "PlanItemsReplaceResponse", `[]`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := doc.Components.Schemas[c.schema].Value.VisitJSON(value(t, c.text))
			if (err == nil) != c.ok {
				t.Error(err)
			}
		})
	}
}

func TestKobanaPaymentsMayNeedAnAction(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	payment := doc.Components.Schemas["PaymentV1"].Value
	if !slices.Contains(payment.Properties["status"].Value.Enum, any("requires_action")) {
		t.Error("the status has no requires_action")
	}
	action := payment.Properties["next_action"].Value
	if !action.Nullable || refName(payment.Properties["next_action"]) != "PaymentNextAction" || slices.Contains(payment.Required, "next_action") {
		t.Error("next_action is not an optional PaymentNextAction that may be null")
	}
	filter := doc.Paths.Value("/v1/payments").Get.Parameters.GetByInAndName("query", "status").Schema.Value
	if !slices.Equal(filter.Enum, payment.Properties["status"].Value.Enum) {
		t.Error("the filter takes other words than the field has")
	}
}

// Examples of documents and payment codes have the right check digits, so that they can be sent to anything that checks them.
func TestKobanaExamplesCheckOut(t *testing.T) {
	doc := loadContract(t, "kobana-billing")
	example := func(schema, field string) string {
		v := doc.Components.Schemas[schema].Value
		for name := range strings.SplitSeq(field, ".") {
			v = v.Properties[name].Value
		}
		text, _ := v.Example.(string)
		return text
	}
	for schema, field := range map[string]string{
		"CustomerV1": "document_number", "CompanyCreateRequest": "document_number", "CertificateV1": "document", "ProspectDataInput": "document",
		"PaymentMethodBankAccountInput": "holderDocument", "NfeCustomerInput": "document_number", "NfeFetchBarueriRequest": "cnpj_tomador",
	} {
		if text := example(schema, field); !checksCPF(text) && !checksCNPJ(text) {
			t.Errorf("%s.%s: %q is neither a CPF nor a CNPJ", schema, field, text)
		}
	}
	pix := example("InvoicePaymentOutcome", "pix.qr_code")
	if body, sum := pix[:len(pix)-4], pix[len(pix)-4:]; crc16(body) != sum {
		t.Errorf("PIX code: the sum is %s, not %s", sum, crc16(body))
	}
	slip := example("InvoicePaymentOutcome", "bank_slip.barcode")
	if len(slip) != 44 || byte('0'+elevens(slip[:4]+slip[5:], 9)) != slip[4] {
		t.Errorf("bank slip: %q has a wrong check digit", slip)
	}
	key := example("NfeFetchFromSefazRequest", "access_key")
	if len(key) != 50 || byte('0'+elevens(key[:49], 9)) != key[49] {
		t.Errorf("access key: %q has a wrong check digit", key)
	}
}

func checksCPF(s string) bool { return len(s) == 11 && checked(s, 9, 11) && checked(s, 10, 11) }

func checksCNPJ(s string) bool { return len(s) == 14 && checked(s, 12, 9) && checked(s, 13, 9) }

// checked tells whether the digit at a place is the check digit of those before it.
func checked(s string, at, highest int) bool {
	sum := weighted(s[:at], highest) % 11
	want := 11 - sum
	if sum < 2 {
		want = 0
	}
	return int(s[at]-'0') == want
}

// elevens is the check digit modulo eleven of bank slips and fiscal notes, as far as the examples need it.
func elevens(s string, highest int) int { return (11 - weighted(s, highest)%11) % 10 }

// weighted adds up the digits times 2, 3, … up to the highest weight, from the right.
func weighted(s string, highest int) int {
	sum, weight := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		sum += int(s[i]-'0') * weight
		if weight++; weight > highest {
			weight = 2
		}
	}
	return sum
}

// crc16 is the sum at the end of a PIX code.
func crc16(s string) string {
	sum := uint16(0xFFFF)
	for i := range len(s) {
		sum ^= uint16(s[i]) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return fmt.Sprintf("%04X", sum)
}

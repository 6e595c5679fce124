package openapi_test

var kobanaFacts = []string{
	"kobana-billing/1.facts", "kobana-billing/2.facts", "kobana-billing/3.facts",
	"kobana-billing/4.facts", "kobana-billing/5.facts", "kobana-billing/6.facts",
}

// Most parts of the facts say once what stands at every operation.
const kobanaCommon = "header User-Agent string!; header X-Idempotency-Key uuid"

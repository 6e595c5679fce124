package openapi_test

import (
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func BenchmarkValidate(b *testing.B) {
	_, _, p := bigPlan(b)
	v, _ := openapi.DecodeJSON([]byte(bigBody))
	s := p.Reply(200).Schema
	s.Validate(v, "")
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(v, "") != nil {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkValidateInvalid(b *testing.B) {
	_, _, p := bigPlan(b)
	v, _ := openapi.DecodeJSON([]byte(bigBody))
	v.(map[string]any)["email"] = 1
	s := p.Reply(200).Schema
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(v, "") == nil {
			b.Fatal("valid")
		}
	}
}

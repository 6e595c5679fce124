package openapi_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func sampled(t *testing.T, schemaText string, seed uint64) map[string]any {
	t.Helper()
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":` + schemaText + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t, d, "S")
	v, _ := s.Sample(openapi.NewFaker(seed, someday), nil).(map[string]any)
	if bad := s.Validate(v, ""); bad != nil {
		t.Fatalf("seed %d: %v: %v", seed, v, bad)
	}
	return v
}

// strings of these names make an object schema.
func texts(names ...string) string {
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf(`%q:{"type":"string"}`, name))
	}
	return `{"type":"object","required":["` + strings.Join(names, `","`) + `"],"properties":{` + strings.Join(parts, ",") + `}}`
}

func TestSampleGoesTogether(t *testing.T) {
	s := texts("first_name", "last_name", "name", "email", "country", "currency", "city", "state", "postal_code")
	cities, places := map[string]string{}, map[string]bool{}
	for seed := range uint64(60) {
		v := sampled(t, s, seed)
		text := func(name string) string { s, _ := v[name].(string); return s }
		if text("name") != text("first_name")+" "+text("last_name") {
			t.Errorf("name %q of %q and %q", v["name"], v["first_name"], v["last_name"])
		}
		if want := strings.ToLower(text("first_name") + "." + text("last_name") + "@example.com"); text("email") != want && !strings.Contains(want, "'") {
			t.Errorf("email %q, want %q", v["email"], want)
		}
		at := text("country") + " " + text("currency") + " " + text("state") + " " + text("postal_code")
		if before, known := cities[text("city")]; known && before != at {
			t.Errorf("%s is in %s and in %s", v["city"], before, at)
		}
		cities[text("city")], places[text("country")] = at, true
	}
	if len(places) < 5 {
		t.Errorf("only %d countries", len(places))
	}
}

func TestSampleSpeaksPortugueseAndSpanish(t *testing.T) {
	for name, pattern := range map[string]string{
		"nome": `^\pL[\pL']+ \pL[\pL' ]+$`, "cpf": `^\d{11}$`, "cnpj": `^\d{14}$`, "cep": `^\d{5}-\d{3}$`, "cidade": `^Campinas$`, "uf": `^SP$`, "telefone": `555`,
		"valor": `^\d+\.\d\d$`, "descricao": ` `, "vencimento": `^2031-0[56]-\d\d$`, "chave": `^[0-9a-f-]{36}$`, "linha_digitavel": `^\d{47}$`, "codigo_barras": `^\d{44}$`,
		"pixCopiaECola": `^000201`, "email": `@example\.com$`, "moeda": `^BRL$`, "bairro": `^Centro$`, "logradouro": `^Rua `, "endToEndId": `^E\d{20}[0-9a-f]{11}$`,
	} {
		v := sampled(t, texts(name, "cpf"), 4)
		if text, _ := v[name].(string); !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("%s is %q", name, text)
		}
	}
	for name, pattern := range map[string]string{
		"correo": `@example\.com$`, "monto": `^\d+\.\d\d$`, "fecha": `^2031-`, "apellido": `^\pL`, "ciudad": `^\pL`, "telefono": `555`, "nombre": ` `, "moneda": `^[A-Z]{3}$`,
	} {
		v := sampled(t, texts(name), 4)
		if text, _ := v[name].(string); !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("%s is %q", name, text)
		}
	}
}

func TestSampleKnowsFormats(t *testing.T) {
	for format, pattern := range map[string]string{
		"date": `^2031-\d\d-\d\d$`, "date-time": `^2031-.*Z$`, "time": `^\d\d:\d\d:\d\dZ$`, "duration": `^P`, "uuid": `^[0-9a-f-]{36}$`, "email": `@example\.com$`, "idn-email": `@example\.com$`,
		"hostname": `\.example\.com$`, "uri": `^https://example\.com/`, "iri": `^https://example\.com/`, "uri-reference": `^/`, "ipv4": `^192\.0\.2\.`, "ipv6": `^2001:db8::`,
		"byte": `^[A-Za-z0-9+/]+=*$`, "password": `^[0-9a-f]+$`, "decimal": `^\d+\.\d\d$`, "currency": `^[A-Z]{3}$`, "unix-time": `^19\d{8}$`, "json-pointer": `^/`, "regex": `.`,
		"phone": `555`, "iban": `^[A-Z]{2}\d\d`, "bic": `^EXMP`, "cpf": `^\d{11}$`, "cnpj": `^\d{14}$`,
	} {
		v := sampled(t, `{"type":"object","required":["x"],"properties":{"x":{"type":"string","format":"`+format+`"}}}`, 3)
		if text, _ := v["x"].(string); !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("format %s is %q", format, text)
		}
	}
}

func TestAmountsAndTimesAgree(t *testing.T) {
	const object = `{"type":"object","required":["amount","amount_captured","amount_refunded","created","updated","expires_at","livemode","object","exp_month","exp_year","data","total_count"],"properties":{
		"amount":{"type":"integer"},"amount_captured":{"type":"integer"},"amount_refunded":{"type":"integer"},"created":{"type":"integer"},"updated":{"type":"integer"},
		"expires_at":{"type":"integer","description":"Seconds since the Unix epoch"},"livemode":{"type":"boolean"},"object":{"type":"string","enum":["charge"]},
		"exp_month":{"type":"integer"},"exp_year":{"type":"integer"},"data":{"type":"array","items":{"type":"string"}},"total_count":{"type":"integer"}}}`
	for seed := range uint64(40) {
		v := sampled(t, object, seed)
		n := func(name string) int64 { i, _ := v[name].(json.Number).Int64(); return i }
		if n("amount_captured") > n("amount") || n("amount_refunded") > n("amount") || n("created") > n("updated") || n("expires_at") <= n("created") || v["livemode"] != false || v["object"] != "charge" {
			t.Errorf("seed %d: %v", seed, v)
		}
		if n("exp_month") < 1 || n("exp_month") > 12 || n("exp_year") < 2031 || n("exp_year") > 2036 || n("total_count") != int64(len(v["data"].([]any))) {
			t.Errorf("seed %d: %v", seed, v)
		}
	}
}

// Whoever is told of in an object decides what is invented about them.
func TestSampleFollowsWhatIsGiven(t *testing.T) {
	d, err := openapi.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"S":` + texts("name", "email", "currency", "country") + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	v := schema(t, d, "S").Fit(map[string]any{"name": "Ana Souza", "currency": "brl"}, openapi.NewFaker(1, someday)).(map[string]any)
	if v["email"] != "ana.souza@example.com" || v["country"] != "BR" || v["currency"] != "brl" || v["name"] != "Ana Souza" {
		t.Errorf("%v", v)
	}
}

package emulator_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	maskedCard  = "4242424242424242"
	maskedCard2 = "5555555555554444"
)

// TestCardsInFreeText: a card number in a text is stored without its middle, is found by what was sent, and an amount of as many
// digits stays what it is.
func TestCardsInFreeText(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box], unique: {label: TAKEN}}}\nerrors: {TAKEN: {status: 409, message: taken}}"+workshopOperations)
	path := e.box(`{"label":"` + maskedCard + `","n":4242424242424242,"extra":{"` + maskedCard2 + `":1,"list":["4242 4242 4242 4242",4242424242424242,9007199254740993],"token":"kept: it is the caller's own"}}`)
	get := func(path string) string {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Body.String()
	}
	got := get(path)
	for _, want := range []string{
		`"label":"424242******4242"`, `"n":4242424242424242`, `"555555******4444":1`, `["4242 42** **** 4242","424242******4242",9007199254740993]`, `"token":"kept`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if all := get("/boxes?label=" + maskedCard); !strings.Contains(all, `"424242******4242"`) {
		t.Errorf("it is not found by what was sent: %s", all)
	}
	if all := get("/boxes?label=" + maskedCard2); all != "[]" {
		t.Errorf("another number finds it: %s", all)
	}
	e.want(409, "POST", "/boxes", "", `{"label":"`+maskedCard+`"}`)
	e.box(`{"label":"` + maskedCard2 + `"}`)
}

// TestCardsAreNotRepeated: a reply that repeats what was sent, and is stored nowhere, shows no card number either.
func TestCardsAreNotRepeated(t *testing.T) {
	e := workshop(t, "resources: {box: {schema: [Box]}}\noperations: {POST /boxes: {create: box, reply: '{label: request.body.label, n: request.body.n}'}}")
	got := e.want(201, "POST", "/boxes", "", `{"label":"paid with `+maskedCard+`","n":4242424242424242}`)
	if got["label"] != "paid with 424242******4242" || got["n"] != float64(4242424242424242) {
		t.Errorf("%v", got)
	}
}

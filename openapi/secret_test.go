package openapi

import (
	"fmt"
	"testing"
)

func TestMaskSecrets(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"1","name":"Ana"}`:                             `{"id":"1","name":"Ana"}`,
		`{"password":"x","a":[{"apiKey":"y","n":1.50}]}`:      `{"password":"***","a":[{"apiKey":"***","n":1.50}]}`,
		`{"secret":null,"cvv":731,"token":{"deep":"x"}}`:      `{"secret":null,"cvv":"***","token":"***"}`,
		`{"p\u0061ssword":"x"}`:                               `{"p\u0061ssword":"***"}`,
		`{"about":"a \"password\": no name","n":1}`:           `{"about":"a \"password\": no name","n":1}`,
		`{"metadata":{"client_secret":"x","pin":1,"ping":2}}`: `{"metadata":{"client_secret":"***","pin":"***","ping":2}}`,
		`{"secret":"cut off`:                                  `{}`,
		`{}`:                                                  `{}`,
		``:                                                    ``,
	} {
		for range 2 { // known names, and such as are new
			if got := string(MaskSecrets([]byte(body))); got != want {
				t.Errorf("%s: %s, want %s", body, got, want)
			}
		}
	}
	for i := range 2 * maxJudged {
		suspicious(fmt.Appendf(nil, "name%d", i))
	}
	if n := len(*judged.Load()); n > maxJudged {
		t.Errorf("%d names are remembered", n)
	}
	if !suspicious([]byte("another_password")) {
		t.Error("a full memory forgets what a secret is")
	}
}

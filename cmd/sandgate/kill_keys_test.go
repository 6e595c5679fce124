package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// keyed are the requests with an idempotency key: each makes a credit of as
// many cents as its number says.
type keyed struct {
	mu       sync.Mutex
	n        int64
	open     []int64          // not answered
	answers  map[int64]string // the first answer to each
	replayed int              // answers of an earlier process
}

// creditUnderKey sends a request under its key.
func (p *victim) creditUnderKey(n int64) (status int, text string, again bool, err error) {
	body := fmt.Sprintf(`{"billing_account_id":"ac000000-0000-4000-8000-000000000001","type":"manual","amount_cents":%d}`, n)
	r, err := http.NewRequest("POST", p.url+"/v1/credits", strings.NewReader(body))
	if err != nil {
		return 0, "", false, err
	}
	r.Header.Set("Authorization", "Bearer sk_test_sandgate")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprint("credit-", n))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", false, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), resp.Header.Get("Idempotent-Replayed") == "true", err
}

// writeWithKeys goes on until the server is gone, and notes what it left
// unanswered.
func (p *victim) writeWithKeys() {
	k := &p.k.keys
	for {
		k.mu.Lock()
		k.n++
		n := k.n
		k.mu.Unlock()
		status, text, _, err := p.creditUnderKey(n)
		k.mu.Lock()
		if err != nil {
			k.open = append(k.open, n)
		} else {
			k.keep(n, text)
		}
		k.mu.Unlock()
		if err != nil {
			return
		}
		if status != http.StatusCreated {
			p.k.t.Errorf("POST credits: %d %s", status, text)
			return
		}
	}
}

func (k *keyed) keep(n int64, text string) {
	if k.answers == nil {
		k.answers = map[int64]string{}
	}
	k.answers[n] = text
}

// retry sends again what was not answered: it was done, or it was not, and
// nothing is in between. A third time it is surely a repeat.
func (p *victim) retry() {
	p.k.t.Helper()
	k := &p.k.keys
	for _, n := range k.open {
		status, first, again, err := p.creditUnderKey(n)
		if err != nil || status != http.StatusCreated {
			p.k.t.Fatalf("key %d is stuck: %d %v %s", n, status, err, first)
		}
		if again {
			k.replayed++
		}
		status, second, again, err := p.creditUnderKey(n)
		if err != nil || status != http.StatusCreated || !again || second != first {
			p.k.t.Fatalf("key %d, again: %d %v %v\n%s\n%s", n, status, again, err, first, second)
		}
		k.keep(n, first)
	}
	k.open = nil
}

// verifyKeys walks through all credits: each key has one, the one that it
// answered.
func (p *victim) verifyKeys() {
	p.k.t.Helper()
	k := &p.k.keys
	found, cursor := map[int64]int{}, ""
	for {
		path := "/v1/credits?limit=100"
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		status, text, err := p.do("GET", path, "")
		var page struct {
			Data []struct {
				ID    string
				Cents int64 `json:"amount_cents"`
			}
			Meta struct {
				Next string `json:"next_cursor"`
				More bool   `json:"has_more"`
			}
		}
		if err != nil || status != http.StatusOK || json.Unmarshal([]byte(text), &page) != nil {
			p.k.t.Fatalf("GET credits: %d %v %s", status, err, text)
		}
		for _, credit := range page.Data {
			if answer, ours := k.answers[credit.Cents]; ours && strings.Contains(answer, credit.ID) {
				found[credit.Cents]++
			} else if ours {
				p.k.t.Errorf("key %d made %s, and answered %s", credit.Cents, credit.ID, answer)
			}
		}
		if cursor = page.Meta.Next; !page.Meta.More {
			break
		}
	}
	for n := range k.answers {
		if found[n] != 1 {
			p.k.t.Errorf("key %d has %d effects", n, found[n])
		}
	}
	p.k.t.Logf("%d keys, each with one effect; %d answers came from before a kill", len(k.answers), k.replayed)
}

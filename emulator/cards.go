package emulator

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sandgate/sandgate/testcards"
)

// playCard asks a provider's deck about a card that an expression presents.
func playCard(provider string, presented map[string]any, now time.Time) (map[string]any, error) {
	text := func(name string) string {
		s, _ := presented[name].(string)
		return s
	}
	played, listed := testcards.Play(provider, testcards.Presented{
		Method: text("method"), Number: text("number"), Token: text("token"), Holder: text("holder"), CVC: text("cvc"),
		Month: int(whole(presented["month"])), Year: int(whole(presented["year"])), Amount: whole(presented["amount"]),
		Now: now, Set: text("set"), Rules: text("rules"),
	})
	if !listed {
		return nil, nil
	}
	return played.Map(), nil
}

// whole reads a number that has no fraction. What is none, or out of any
// sensible range, is -1: no month, no year and no amount.
func whole(v any) int64 {
	if v == nil {
		return 0
	}
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if err != nil || n < 0 || n > 1e15 {
		return -1
	}
	return n
}

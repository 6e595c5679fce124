package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/scenarios"
)

// What made an attempt. One by the schedule is not marked.
const (
	triggerManual    = "manual"
	triggerDuplicate = "duplicate"
)

func (p *Provider) firstDelay() time.Duration {
	if retry := p.Scenario.Webhooks.Retry; len(retry) > 0 {
		return time.Duration(retry[0])
	}
	return 0
}

// lastAttempt is the number of the final scheduled attempt.
func (p *Provider) lastAttempt() int { return max(len(p.Scenario.Webhooks.Retry)-1, 0) }

// countsAttempts reports a body whose bytes tell one attempt from the next.
func countsAttempts(body scenarios.Template) bool {
	return mentions(body, "attempt") || mentions(body, "event.updated") || mentions(body, "now")
}

// verdict is what an attempt leads to.
type verdict struct {
	status  string
	due     int64 // of the next attempt, 0 = none
	trigger string
}

// judge says what an attempt leads to. It changes nothing.
func (s *Sandbox) judge(at *sending) verdict {
	switch {
	case !at.found || at.provider == nil:
		return verdict{}
	case at.accepted():
		if due := s.duplicate(at); due != 0 {
			return verdict{DeliverySucceeded, due, triggerDuplicate}
		}
		return verdict{status: DeliverySucceeded}
	case at.timer.B == triggerDuplicate: // it was accepted before, and stays so
		return verdict{status: DeliverySucceeded}
	case at.gone() || !at.provider.triesAgain(at.response):
		return verdict{status: DeliveryFailed}
	}
	if due, more := s.nextDue(at); more {
		return verdict{status: DeliveryPending, due: due}
	}
	return verdict{status: DeliveryFailed}
}

// accepted reports a receiver's 2xx, and nothing else is one.
func (at *sending) accepted() bool {
	return at.response.Err == nil && at.response.Status >= 200 && at.response.Status <= 299
}

// nextDue is when a failed attempt is followed by the next.
func (s *Sandbox) nextDue(at *sending) (int64, bool) {
	hooks, n := at.provider.Scenario.Webhooks, at.delivery.Attempts+1
	if n >= len(hooks.Retry) {
		return 0, false
	}
	from := at.timer.Due
	if hooks.RetryFrom == "first" {
		from = at.first()
	}
	wait := max(from+s.jittered(at, n)-at.timer.Due, 0)
	if asked, ok := at.retryAfter(); ok && hooks.RetryAfter {
		wait = min(max(asked, wait), 2*wait)
	}
	if at.response.Status == http.StatusTooManyRequests || at.failed(webhook.ClassTimeout) {
		wait = max(wait, time.Duration(hooks.Floor).Milliseconds())
	}
	return at.timer.Due + wait, true
}

// first is when the first attempt was due. One that waited in its lane begins
// when its turn comes.
func (at *sending) first() int64 {
	if at.delivery.Attempts == 0 {
		return at.timer.Due
	}
	return at.delivery.First
}

// jittered is the planned delay of an attempt, up to a share of it sooner or
// later: a function of the seed, the delivery and the attempt.
func (s *Sandbox) jittered(at *sending, n int) int64 {
	hooks := at.provider.Scenario.Webhooks
	planned := time.Duration(hooks.Retry[n]).Milliseconds()
	spread := planned * int64(hooks.Jitter) / 100
	if spread == 0 {
		return planned
	}
	return planned - spread + int64(s.chance("jitter "+strconv.Itoa(n), at.delivery.ID)%uint64(2*spread+1))
}

// retryAfter is how long a receiver asks to be left alone, in milliseconds.
func (at *sending) retryAfter() (int64, bool) {
	text := at.response.Header.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return int64(n) * 1000, true
	}
	when, err := http.ParseTime(text)
	return when.Sub(at.answered).Milliseconds(), err == nil
}

// triesAgain reports whether the provider tries again after such an answer.
func (p *Provider) triesAgain(r webhook.Response) bool {
	list := p.Scenario.Webhooks.FailsOn
	if p.Scenario.Webhooks.Gone && r.Err == nil && r.Status == http.StatusGone {
		return false
	}
	if len(list) == 0 {
		return true
	}
	var f *webhook.Failure
	if errors.As(r.Err, &f) {
		return slices.Contains(list, f.Class)
	}
	status := strconv.Itoa(r.Status)
	return slices.ContainsFunc(list, func(word string) bool {
		hundred, any := strings.CutSuffix(word, "xx")
		return word == status || any && strings.HasPrefix(status, hundred)
	})
}

// failed reports a failure of one of the classes.
func (at *sending) failed(classes ...string) bool {
	var f *webhook.Failure
	return errors.As(at.response.Err, &f) && slices.Contains(classes, f.Class)
}

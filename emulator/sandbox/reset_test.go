package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

// TestResetRacesWithEverything lets programs read and write, and webhooks fly
// on the real clock, while a sandbox is reset again and again.
func TestResetRacesWithEverything(t *testing.T) {
	const programs, rounds, resets = 6, 40, 12
	sink := newSink(t, nil)
	s := start(t, func(o *emulator.Options) { o.Clock = "real" })
	subscribe(t, s, aKey, sink.URL)
	b := box(t, s, "")

	var wait sync.WaitGroup
	check := func(n, i int, method, path, body string) {
		if w := send(s, aKey, method, path, body); w.Code >= 500 {
			t.Errorf("program %d, round %d: %s %s: %d %s", n, i, method, path, w.Code, w.Body)
		}
	}
	for n := range programs {
		wait.Go(func() {
			for i := range rounds {
				check(n, i, "POST", "/api/v2/users", user(n*rounds+i))
				check(n, i, "GET", "/api/v2/users/"+seedUser, "")
				check(n, i, "GET", "/api/v2/users?type=PERSON", "")
				check(n, i, "PATCH", "/api/v2/users/"+seedUser, fmt.Sprintf(`{"phone":"+57300%07d"}`, n*rounds+i))
			}
		})
	}
	for range resets {
		if err := b.Reset(t.Context(), false); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()

	if err := b.Reset(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	users := send(s, aKey, "GET", "/api/v2/users?type=PERSON", "").Body.String()
	if strings.Count(users, `"externalId"`) != 1 || !strings.Contains(users, seedUser) || !strings.Contains(users, "+573001234567") {
		t.Errorf("users after the last reset: %s", users)
	}
	events, _, err := b.Events(sandbox.EventFilter{}, 100, "")
	deliveries, _, err2 := b.Deliveries(sandbox.DeliveryFilter{}, 100, "")
	if len(events)+len(deliveries) > 0 || err != nil || err2 != nil {
		t.Errorf("%d events and %d deliveries are left: %v %v", len(events), len(deliveries), err, err2)
	}
	if endpoints, err := b.Endpoints(); err != nil || len(endpoints) != 1 || endpoints[0].URL != sink.URL {
		t.Errorf("endpoints: %v %v", endpoints, err)
	}
	if over, err := b.Overview(); err != nil || over.Epoch != resets+2 {
		t.Errorf("epoch %d after %d resets (%v)", over.Epoch, resets+1, err)
	}
	// The webhook still works, and no event id comes twice.
	post(t, s, aKey, "/api/v2/users", user(10_000))
	if _, err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	var last hook
	seen := map[string]string{}
	for _, last = range sink.hooks() {
		if other, twice := seen[last.ID]; twice && other != last.Data.ID {
			t.Errorf("event %s is about %s and %s", last.ID, other, last.Data.ID)
		}
		seen[last.ID] = last.Data.ID
	}
	if last.Event != "USER" || last.Action != "CREATE" {
		t.Errorf("the last hook is %+v", last)
	}
}

// TestResetStopsDeliveries holds one delivery in the air while others about
// the same object wait behind it. Once a reset has returned, none of those
// leaves, and the result of the one in the air is dropped.
func TestResetStopsDeliveries(t *testing.T) {
	for _, rewind := range []bool{false, true} {
		t.Run(fmt.Sprint("rewind ", rewind), func(t *testing.T) {
			arrived, letGo := make(chan struct{}, 100), make(chan struct{})
			sink := newSink(t, func(hook) int { arrived <- struct{}{}; <-letGo; return http.StatusInternalServerError })
			s := start(t)
			b := box(t, s, "")
			subscribe(t, s, aKey, sink.URL)
			resume := b.Pause() // so that one turn takes all of them
			for i := range 5 {
				send(s, aKey, "PATCH", "/api/v2/users/"+seedUser, fmt.Sprintf(`{"phone":"+57300000000%d"}`, i))
			}
			resume()
			<-arrived
			if err := b.Reset(t.Context(), rewind); err != nil {
				t.Fatal(err)
			}
			close(letGo)
			if _, err := b.Settle(t.Context()); err != nil { // waits for what is in the air
				t.Fatal(err)
			}
			if got := sink.hooks(); len(got) != 1 {
				t.Errorf("%d deliveries left, %d of them after the reset", len(got), len(got)-1)
			}
			if _, err := b.AdvanceBy(t.Context(), 24*time.Hour, false); err != nil {
				t.Fatal(err)
			}
			if got := sink.hooks(); len(got) > 5 {
				t.Errorf("retries of the old epoch: %v", got)
			}
		})
	}
}

// TestRewoundDeliveryIsSent rewinds while a delivery is in the air. The run
// that follows makes the same ids; its delivery must not be taken for the old
// one.
func TestRewoundDeliveryIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		letGo := make(chan struct{})
		sink := &sink{answer: func(hook) int { <-letGo; return http.StatusOK }}
		s := start(t, newPipes(t, sink).use, func(o *emulator.Options) { o.Data = t.TempDir() })
		b := box(t, s, "")
		begin := func() {
			subscribe(t, s, aKey, "http://receiver.test/")
			post(t, s, aKey, "/api/v2/users", user(1))
			synctest.Wait()
		}
		begin()
		if err := b.Reset(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if w := send(s, aKey, "DELETE", "/api/v2/webhooks", ""); w.Code >= 300 {
			t.Fatal(w.Body)
		}
		begin()
		close(letGo)
		synctest.Wait()
		got := sink.hooks()
		deliveries, _, err := b.Deliveries(sandbox.DeliveryFilter{}, 10, "")
		if err != nil || len(got) != 2 || len(deliveries) != 1 || deliveries[0].Status != sandbox.DeliverySucceeded {
			t.Errorf("hooks %+v, deliveries of the second run %+v %v", got, deliveries, err)
		}
		if len(got) == 2 && got[0].ID != got[1].ID {
			t.Errorf("the rewound run has other ids: %s and %s", got[0].ID, got[1].ID)
		}
	})
}

// nights are the instants of `0 2 * * 1,3,5` in São Paulo (UTC-3) in the week
// after Thursday, 1 January 2026: Friday, Monday, Wednesday.
var nights = []string{"2026-01-02T05:00:00Z", "2026-01-05T05:00:00Z", "2026-01-07T05:00:00Z"}

func nightly(o *emulator.Options) {
	o.ResetCron, o.ResetZone = "0 2 * * 1,3,5", "America/Sao_Paulo"
}

func instants(fired []sandbox.Fired) (resets []string) {
	for _, f := range fired {
		if f.Kind == "reset" {
			resets = append(resets, f.Due.Format(time.RFC3339))
		}
	}
	return resets
}

func TestResetByCron(t *testing.T) {
	t.Run("on request", func(t *testing.T) {
		s := start(t, nightly)
		b := box(t, s, "")
		id := post(t, s, aKey, "/api/v2/users", user(1))
		out, err := b.AdvanceBy(t.Context(), 7*24*time.Hour, true)
		if err != nil || !slices.Equal(instants(out.Fired), nights) || len(out.Skipped) > 0 {
			t.Errorf("fired %v, skipped %v (%v)", out.Fired, out.Skipped, err)
		}
		if w := send(s, aKey, "GET", "/api/v2/users/"+id, ""); w.Code != http.StatusNotFound {
			t.Errorf("a user outlived the reset: %d", w.Code)
		}
		if want := time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC); !out.Now.Equal(want) {
			t.Errorf("it is %s, not %s", out.Now, want)
		}
		var seed struct{ CreatedAt time.Time }
		json.Unmarshal(send(s, aKey, "GET", "/api/v2/users/"+seedUser, "").Body.Bytes(), &seed)
		if seed.CreatedAt.Format(time.RFC3339) != nights[2] {
			t.Errorf("the seed was planted at %s", seed.CreatedAt)
		}
	})
	t.Run("skipped", func(t *testing.T) {
		s := start(t, nightly)
		b := box(t, s, "")
		id := post(t, s, aKey, "/api/v2/users", user(1))
		out, err := b.AdvanceBy(t.Context(), 7*24*time.Hour, false)
		if err != nil || !slices.Equal(instants(out.Skipped), nights) || len(instants(out.Fired)) > 0 {
			t.Errorf("fired %v, skipped %v (%v)", out.Fired, out.Skipped, err)
		}
		if w := send(s, aKey, "GET", "/api/v2/users/"+id, ""); w.Code != http.StatusOK {
			t.Errorf("the user is gone: %d", w.Code)
		}
	})
	t.Run("an advance that ends on the instant", func(t *testing.T) {
		s := start(t, nightly)
		at, _ := time.Parse(time.RFC3339, nights[0])
		out, err := box(t, s, "").AdvanceTo(t.Context(), at, true)
		if err != nil || !slices.Equal(instants(out.Fired), nights[:1]) {
			t.Errorf("fired %v (%v)", out.Fired, err)
		}
		out, err = box(t, s, "").AdvanceBy(t.Context(), 24*time.Hour, true)
		if err != nil || len(instants(out.Fired)) > 0 {
			t.Errorf("the same night twice: %v (%v)", out.Fired, err)
		}
	})
	t.Run("by itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, nightly, func(o *emulator.Options) {
				o.Clock, o.Egress, o.Data = "real", "none", t.TempDir()
				o.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			})
			b := box(t, s, "")
			post(t, s, aKey, "/api/v2/users", user(1))
			epoch := func() int64 { synctest.Wait(); o, _ := b.Overview(); return o.Epoch }
			for i, night := range nights {
				at, _ := time.Parse(time.RFC3339, night)
				now, _ := b.Now()
				<-time.After(at.Sub(now) - time.Millisecond)
				if got := epoch(); got != int64(i+1) {
					t.Errorf("a millisecond before %s the epoch is %d", night, got)
				}
				<-time.After(2 * time.Millisecond)
				if got := epoch(); got != int64(i+2) {
					t.Errorf("after %s the epoch is %d", night, got)
				}
			}
			if list := send(s, aKey, "GET", "/api/v2/users?type=PERSON", "").Body.String(); strings.Contains(list, "u-1") {
				t.Errorf("users after the resets: %s", list)
			}
		})
	})
}

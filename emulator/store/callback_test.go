package store

import (
	"errors"
	"fmt"
	"testing"
)

func TestCallbacks(t *testing.T) {
	db := fresh(t, Options{})
	same := []byte{0, 1, 2}
	write(t, db, func(tx *Tx) error {
		b := &Callback{ID: "cb_1", Provider: "p", Source: "s", Same: same, Event: "e", Type: "t", Header: []byte("{}"), Body: []byte("\xff\x00"), Media: "m", Status: "received", Received: 1, Created: 5}
		if err := tx.InsertCallback(b); err != nil {
			return err
		}
		other := *b
		other.ID = "cb_2"
		if err := tx.InsertCallback(&other); !errors.Is(err, ErrExists) {
			return fmt.Errorf("the same payload twice: %v", err)
		}
		other.Source = "another" // the same payload of somebody else
		if err := tx.InsertCallback(&other); err != nil {
			return err
		}
		if err := tx.CountCallback(b.Seq); err != nil {
			return err
		}
		b.Status, b.Reason, b.Kind, b.Resource, b.Runs, b.Processed = "failed", "r", "k", "i", 1, 9
		return tx.FinishCallback(b)
	})
	view(t, db, func(c *Conn) error {
		b, ok, err := c.SameCallback("p", "s", same)
		if err != nil || !ok || b.ID != "cb_1" || b.Received != 2 || b.Status != "failed" || b.Resource != "i" || b.Processed != 9 || string(b.Body) != "\xff\x00" {
			t.Errorf("%+v %v %v", b, ok, err)
		}
		if _, ok, err := c.Callback("cb_3"); ok || err != nil {
			t.Error(ok, err)
		}
		for _, f := range []CallbackFilter{{}, {Source: "s"}, {Status: "received"}, {Type: "t", Provider: "p", Limit: 1}, {Before: b.Seq}, {Resource: "i"}} {
			all, err := c.Callbacks(f)
			want := map[CallbackFilter]int{{}: 2, {Source: "s"}: 1, {Status: "received"}: 1, {Type: "t", Provider: "p", Limit: 1}: 1, {Before: b.Seq}: 0, {Resource: "i"}: 1}[f]
			if err != nil || len(all) != want {
				t.Errorf("%+v: %d, %v", f, len(all), err)
			}
		}
		return nil
	})
}

func TestRejectedCallbacksAreBounded(t *testing.T) {
	db := fresh(t, Options{})
	write(t, db, func(tx *Tx) error {
		if err := tx.InsertCallback(&Callback{ID: "good", Same: []byte{1}}); err != nil {
			return err
		}
		for i := range 8 {
			if err := tx.InsertCallback(&Callback{ID: fmt.Sprintf("bad%d", i), Status: "rejected"}); err != nil {
				return err
			}
			if err := tx.ForgetRejected(3); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(c *Conn) error {
		all, err := c.Callbacks(CallbackFilter{})
		got := ""
		for _, b := range all {
			got += b.ID + " "
		}
		if got != "bad7 bad6 bad5 good " {
			t.Errorf("kept %s", got)
		}
		return err
	})
}

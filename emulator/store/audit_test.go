package store

import (
	"strings"
	"testing"
)

// TestAuditIsAppendOnly: rows get numbers without a gap, and the file itself
// refuses to change or remove one.
func TestAuditIsAppendOnly(t *testing.T) {
	db := fresh(t, Options{})
	write := func(f func(tx *Tx) error) error { return db.Write(t.Context(), f) }
	for _, seq := range []int64{41, 0} {
		err := write(func(tx *Tx) error {
			return tx.InsertAudit(&Audit{Seq: seq, At: 5, Who: "clock", Kind: "ramp", Resource: "r1", Action: "create", Operation: "timer x", After: []byte(`{"id":"r1"}`)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	failed := write(func(tx *Tx) error {
		if err := tx.InsertAudit(&Audit{Who: "x"}); err != nil {
			t.Error(err)
		}
		return ErrMissing // undone: its number is free again
	})
	if failed == nil {
		t.Fatal("the failure got lost")
	}
	if err := write(func(tx *Tx) error { return tx.InsertAudit(&Audit{At: 9, Who: "control", Before: []byte(`{}`)}) }); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 41", "UPDATE audit SET after = NULL WHERE seq = 42"} {
		err := write(func(tx *Tx) error { _, err := tx.exec(statement); return err })
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	err := db.View(func(c *Conn) error {
		first, last, err := c.AuditRange()
		if err != nil || first != 41 || last != 43 {
			t.Errorf("%d to %d, %v", first, last, err)
		}
		for _, f := range []struct {
			AuditFilter
			want int
		}{
			{AuditFilter{}, 3},
			{AuditFilter{Who: "clock", Kind: "ramp", Resource: "r1", Operation: "timer x", Action: "create"}, 2},
			{AuditFilter{Since: 9}, 1},
			{AuditFilter{Before: 42}, 1},
			{AuditFilter{Limit: 2}, 2},
			{AuditFilter{Provider: "none"}, 0},
		} {
			rows, err := c.Audit(f.AuditFilter)
			if err != nil || len(rows) != f.want {
				t.Errorf("%+v: %d rows, %v", f.AuditFilter, len(rows), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

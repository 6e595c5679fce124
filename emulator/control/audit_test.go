package control_test

import "testing"

// TestAuditPages walks the log page by page, and narrows it. The rig holds
// every reply against the contract.
func TestAuditPages(t *testing.T) {
	r := newRig(t)
	r.newUser("ana")
	r.want(200, "POST", "/_sandgate/clock/advance", `{"by":"1m"}`)
	all := data(r.want(200, "GET", "/_sandgate/audit?limit=500", ""))
	last, walked := 0.0, 0
	for path := "/_sandgate/audit?limit=7"; ; {
		out := r.want(200, "GET", path, "")
		for _, row := range data(out) {
			seq := field(row, "seq").(float64)
			if walked++; last != 0 && seq != last-1 {
				t.Errorf("row %v follows %v", seq, last)
			}
			last = seq
		}
		next, more := out["next"].(string)
		if !more {
			break
		}
		path = "/_sandgate/audit?limit=7&cursor=" + next
	}
	if walked != len(all) || last != 1 {
		t.Errorf("walked %d of %d, down to %v", walked, len(all), last)
	}
	for query, want := range map[string]string{
		"kind=user&who=clock": "move approve", "kind=user&operation=POST+%2Fapi%2Fv2%2Fusers": "create", "provider=killb&action=create&kind=user": "create",
	} {
		rows := data(r.want(200, "GET", "/_sandgate/audit?"+query, ""))
		if len(rows) == 0 || field(rows[0], "action") != want || field(rows[0], "kind") != "user" {
			t.Errorf("%s: %v", query, rows)
		}
	}
	if rows := data(r.want(200, "GET", "/_sandgate/audit?since=2027-01-01T00:00:00Z", "")); len(rows) != 0 {
		t.Errorf("from the future: %v", rows)
	}
	r.refused(400, "invalid", "/query/since", "GET", "/_sandgate/audit?since=now", "")
}

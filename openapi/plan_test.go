package openapi_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

func TestPlanParams(t *testing.T) {
	p := plan(t, shop(t), "GET /orders")
	var got []string
	for _, param := range p.Params {
		got = append(got, param.In+" "+param.Name+" "+param.Schema.Type())
	}
	want := []string{
		"header X-Request-Id string", "query limit integer", "query status string", "query tags array", "query ids array",
		"query since string", "query paid boolean", "query filter object", "query raw object", "cookie session string",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlanReplies(t *testing.T) {
	d := shop(t)
	list, create := plan(t, d, "GET /orders"), plan(t, d, "POST /orders")
	remove := plan(t, d, "DELETE /orders/{id}")
	for _, tc := range []struct {
		name   string
		plan   *openapi.Plan
		status int
		schema string
		media  string
	}{
		{"exact", list, 200, "OrderPage", "application/json"},
		{"range", list, 418, "Error", "application/json"},
		{"default prefers JSON", list, 503, "Error", "application/json"},
		{"component", create, 400, "Error", "application/json"},
		{"no body", create, 202, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := tc.plan.Reply(tc.status)
			if r == nil {
				t.Fatal("no reply")
			}
			name := ""
			if r.Schema != nil {
				name = r.Schema.Name()
			}
			if name != tc.schema || r.Media != tc.media {
				t.Errorf("schema %q, media %q", name, r.Media)
			}
		})
	}
	if r := create.Reply(500); r != nil {
		t.Errorf("reply %v for a status that is not declared", r)
	}
	if create.Success != 201 || list.Success != 200 || remove.Success != 204 {
		t.Errorf("success: %d %d %d", create.Success, list.Success, remove.Success)
	}
	if !create.Body.Required || create.Body.Media["application/json"] != schema(t, d, "NewOrder") {
		t.Error("the body is lost")
	}
}

func TestPlanIsMadeOnce(t *testing.T) {
	d := shop(t)
	var wg sync.WaitGroup
	plans := make([]*openapi.Plan, 16)
	for i := range plans {
		wg.Go(func() {
			o := d.Operations()[0]
			plans[i], _ = d.Plan(o)
			_, _ = d.Plan(d.Operations()[1+i%7])
		})
	}
	wg.Wait()
	for _, p := range plans {
		if p == nil || p != plans[0] {
			t.Fatal("two plans for one operation")
		}
	}
}

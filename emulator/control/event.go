package control

import "github.com/sandgate/sandgate/emulator/sandbox"

// eventDetail is an event and what became of it.
type eventDetail struct {
	sandbox.EventView
	Deliveries []sandbox.DeliveryView `json:"deliveries"`
}

func (x *call) events() (reply, error) {
	since, err := x.instant("since")
	if err != nil {
		return reply{}, err
	}
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	f := sandbox.EventFilter{
		Provider: x.query("provider"), Family: x.query("family"), Action: x.query("action"),
		Kind: x.query("kind"), Resource: x.query("resource"), Since: since,
	}
	items, next, err := box.Events(f, x.limit(), x.query("cursor"))
	return list(items, next), err
}

func (x *call) event() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	view, deliveries, err := box.Event(x.path("id"))
	if deliveries == nil {
		deliveries = []sandbox.DeliveryView{}
	}
	return reply{body: eventDetail{view, deliveries}}, err
}

// replay sends an event again now and answers with what became of it.
func (x *call) replay() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	endpoint, _ := x.text("endpoint")
	views, err := box.Replay(x.r.Context(), x.path("id"), endpoint)
	return list(views, ""), err
}

package control

import "github.com/sandgate/sandgate/emulator/sandbox"

func (x *call) deliveries() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	f := sandbox.DeliveryFilter{Status: x.query("status"), Event: x.query("event"), Endpoint: x.query("endpoint")}
	items, next, err := box.Deliveries(f, x.limit(), x.query("cursor"))
	return list(items, next), err
}

func (x *call) delivery() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	detail, err := box.Delivery(x.path("id"))
	return reply{body: detail}, err
}

// retry sends a delivery again now and answers with what became of it.
func (x *call) retry() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	if err := box.Redeliver(x.r.Context(), x.path("id")); err != nil {
		return reply{}, err
	}
	detail, err := box.Delivery(x.path("id"))
	return reply{body: detail}, err
}

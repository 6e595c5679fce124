package control

import (
	"net/http"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (x *call) endpoints() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	items, err := box.Endpoints()
	return list(items, ""), err
}

func (x *call) endpoint() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	view, err := box.Endpoint(x.path("id"))
	return reply{body: view}, err
}

// change reads what a body says about an endpoint.
func (x *call) change() (c sandbox.EndpointChange, err error) {
	if v, ok := x.text("url"); ok {
		c.URL = &v
	}
	if v, ok := x.text("secret"); ok {
		c.Secret = &v
	}
	if v, ok := x.flag("active"); ok {
		c.Active = &v
	}
	if names, ok := x.body()["events"].([]any); ok {
		for _, name := range names {
			s, _ := name.(string)
			c.Events = append(c.Events, s)
		}
	}
	return c, x.handling(&c)
}

func (x *call) addEndpoint() (reply, error) {
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	provider, _ := x.text("provider")
	change, err := x.change()
	if err != nil {
		return reply{}, err
	}
	view, err := box.AddEndpoint(x.r.Context(), provider, change)
	return reply{status: http.StatusCreated, body: view}, err
}

func (x *call) changeEndpoint() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	change, err := x.change()
	if err != nil {
		return reply{}, err
	}
	view, err := box.ChangeEndpoint(x.r.Context(), x.path("id"), change)
	return reply{body: view}, err
}

func (x *call) removeEndpoint() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, box.RemoveEndpoint(x.r.Context(), x.path("id"))
}

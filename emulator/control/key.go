package control

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// keys lists issued API keys. Of a key itself only its ends are shown.
func (x *call) keys() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	items, next, err := box.Keys(x.query("provider"), x.limit(), x.query("cursor"))
	return list(items, next), err
}

func (x *call) key() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	view, err := box.Key(x.path("id"))
	return reply{body: view}, err
}

// makeKey issues a key and shows it, this once.
func (x *call) makeKey() (reply, error) {
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	provider, _ := x.text("provider")
	n := sandbox.NewKey{Rate: x.count("rate"), Burst: x.count("burst")}
	n.Name, _ = x.text("name")
	n.Expires, _ = x.text("expires")
	if list, ok := x.body()["permissions"].([]any); ok {
		for _, one := range list {
			s, _ := one.(string)
			n.Permissions = append(n.Permissions, s)
		}
	}
	view, err := box.MakeKey(context.WithoutCancel(x.r.Context()), provider, n)
	return reply{status: http.StatusCreated, body: view}, err
}

// rollKey gives a key another secret, shown this once.
func (x *call) rollKey() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	overlap, _ := x.text("overlap")
	view, err := box.RollKey(context.WithoutCancel(x.r.Context()), x.path("id"), overlap)
	return reply{body: view}, err
}

func (x *call) revokeKey() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	view, err := box.RevokeKey(context.WithoutCancel(x.r.Context()), x.path("id"))
	return reply{body: view}, err
}

// count reads a whole number of the body, which the contract bounds.
func (x *call) count(name string) int {
	n, _ := x.body()[name].(json.Number)
	i, _ := n.Int64()
	return int(i)
}

package control

import (
	"context"
	"errors"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// resources lists stored objects of a kind, with the moves that fit each.
func (x *call) resources() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	f := sandbox.ResourceFilter{Provider: x.query("provider"), Kind: x.query("kind"), ID: x.query("id"), Status: x.query("status")}
	items, next, err := box.Resources(f, x.limit(), x.query("cursor"))
	return list(items, next), within("/query", err)
}

// move makes a move by hand and answers with the object as it is then.
func (x *call) move() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	provider, _ := x.text("provider")
	kind, _ := x.text("kind")
	id, _ := x.text("id")
	name, _ := x.text("move")
	with, _ := x.body()["with"].(map[string]any)
	view, err := box.Move(context.WithoutCancel(x.r.Context()), provider, kind, id, name, with)
	return reply{body: view}, within("/body", err)
}

// within says in which part of the request a pointer begins, where the world
// could not know.
func within(part string, err error) error {
	var bad *sandbox.Invalid
	if !errors.As(err, &bad) || strings.HasPrefix(bad.Pointer, part+"/") {
		return err
	}
	return &sandbox.Invalid{Pointer: part + bad.Pointer, Message: bad.Message}
}

package control

import (
	"errors"
	"net/http"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/sandbox"
)

func clockReply(box *sandbox.Sandbox) (reply, error) {
	state, err := box.Clock()
	return reply{body: map[string]any{"now": state.Sandbox, "mode": state.Mode}}, err
}

func (x *call) clock() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	return clockReply(box)
}

func (x *call) setClock() (reply, error) {
	word, _ := x.text("mode")
	mode, err := clock.ParseMode(word)
	if err != nil {
		return reply{}, invalid("/body/mode", err.Error())
	}
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	if err := box.SetMode(x.r.Context(), mode); err != nil {
		return reply{}, err
	}
	return clockReply(box)
}

// advance moves the clock by a span or to an instant, and answers when all is
// quiet.
func (x *call) advance() (reply, error) {
	by, hasBy := x.text("by")
	to, hasTo := x.text("to")
	if hasBy == hasTo {
		return reply{}, invalid("/body", `expected either "by" or "to"`)
	}
	var span time.Duration
	var instant time.Time
	var err error
	pointer := "/body/by"
	if hasBy {
		if span, err = clock.ParseDuration(by); err != nil {
			return reply{}, invalid(pointer, err.Error())
		}
	} else {
		pointer = "/body/to"
		if instant, err = time.Parse(time.RFC3339Nano, to); err != nil {
			return reply{}, invalid(pointer, "expected a time like 2026-01-02T15:04:05Z")
		}
	}
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	resets, _ := x.flag("resets")
	var done sandbox.Advanced
	if hasBy {
		done, err = box.AdvanceBy(x.r.Context(), span, resets)
	} else {
		done, err = box.AdvanceTo(x.r.Context(), instant, resets)
	}
	if errors.Is(err, sandbox.ErrBackward) {
		return reply{}, &problem{status: http.StatusBadRequest, code: "backward", pointer: pointer, message: err.Error()}
	}
	return reply{body: done}, err
}

func (x *call) reset() (reply, error) {
	box, err := x.made()
	if err != nil {
		return reply{}, err
	}
	rewind, _ := x.flag("rewind")
	if err := box.Reset(x.r.Context(), rewind); err != nil {
		return reply{}, err
	}
	now, err := box.Now()
	if err != nil {
		return reply{}, err
	}
	o, err := box.Overview()
	return reply{body: map[string]any{"sandbox": box.Name(), "epoch": o.Epoch, "now": now}}, err
}

package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

func (x *call) callbacks() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	f := sandbox.CallbackFilter{
		Provider: x.query("provider"), Source: x.query("source"), Type: x.query("type"), Status: x.query("status"), Resource: x.query("resource"),
	}
	items, next, err := box.Callbacks(f, x.limit(), x.query("cursor"))
	return list(items, next), err
}

func (x *call) callback() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	detail, err := box.Callback(x.path("id"))
	return reply{body: detail}, err
}

// processCallback works on a callback again and answers what became of it.
func (x *call) processCallback() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	detail, err := box.ProcessCallback(context.WithoutCancel(x.r.Context()), x.path("id"))
	if errors.Is(err, sandbox.ErrCallbackOver) {
		err = &problem{status: http.StatusConflict, code: "callback_over", pointer: "/path/id", message: err.Error()}
	}
	return reply{body: detail}, err
}

func (x *call) callbackSources() (reply, error) {
	return list(x.s.o.World.CallbackSources(), ""), nil
}

// sentCallback is a callback that was sent in, and how it was taken.
type sentCallback struct {
	Source   string                  `json:"source"`
	Type     string                  `json:"type"`
	Path     string                  `json:"path"`
	Header   map[string]string       `json:"header"`
	Body     string                  `json:"body"`
	Replies  []sentReply             `json:"replies"`
	Callback *sandbox.CallbackDetail `json:"callback"`
}

type sentReply struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// sendCallback calls the provider as a service outside would, through its own
// face.
func (x *call) sendCallback() (reply, error) {
	box, err := x.known()
	if err != nil {
		return reply{}, err
	}
	order := x.callbackOrder()
	ctx := context.WithoutCancel(x.r.Context())
	letters, err := box.WriteCallbacks(ctx, order)
	if err != nil {
		return reply{}, within("/body", err)
	}
	first := letters[0]
	out := sentCallback{Source: order.Source, Type: order.Type, Path: first.Path, Header: first.Shown(), Body: string(first.Body)}
	id := ""
	for _, letter := range letters {
		w, err := x.deliver(ctx, box.Name(), letter)
		if err != nil {
			return reply{}, err
		}
		out.Replies = append(out.Replies, sentReply{w.status, w.body.String()})
		id = w.Header().Get(sandbox.CallbackHeader)
	}
	if id == "" {
		return reply{body: out}, nil
	}
	done, err := box.CallbackDone(ctx, id)
	out.Callback = &done
	return reply{body: out}, err
}

func (x *call) callbackOrder() sandbox.CallbackOrder {
	order := sandbox.CallbackOrder{Times: 1}
	order.Provider, _ = x.text("provider")
	order.Source, _ = x.text("source")
	order.Type, _ = x.text("type")
	order.Kind, _ = x.text("kind")
	order.ID, _ = x.text("id")
	order.Data, _ = x.body()["data"].(map[string]any)
	order.BadSignature, _ = x.flag("badSignature")
	if raw, ok := x.text("body"); ok {
		order.Raw = &raw
	}
	if n, ok := x.body()["times"].(json.Number); ok {
		order.Times, _ = strconv.Atoi(n.String()) // the contract bounds it
	}
	return order
}

// deliver sends one letter to the face, in this process.
func (x *call) deliver(ctx context.Context, box string, letter sandbox.CallbackLetter) (*taken, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+x.r.Host+letter.Path, bytes.NewReader(letter.Body))
	if err != nil {
		return nil, err
	}
	for name, v := range letter.Header {
		r.Header.Set(name, v)
	}
	r.Header.Set(sandboxHeader, box)
	r.RemoteAddr = x.r.RemoteAddr
	w := &taken{header: http.Header{}, status: http.StatusOK}
	x.s.o.Face.ServeHTTP(w, r)
	return w, nil
}

// taken is what the face answered.
type taken struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *taken) Header() http.Header { return w.header }

func (w *taken) WriteHeader(status int) { w.status = status }

func (w *taken) Write(p []byte) (int, error) { return w.body.Write(p) }

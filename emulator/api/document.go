package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// documentPath is where a provider's contract stands, under its mount, for
// SDK generators and documentation pages. One that the contract has goes first.
const documentPath = "/openapi.json"

// documented answers with the contract as it is served, and reports whether
// that was asked for. It needs no credential: contracts hold no secret.
func (x *exchange) documented() (bool, error) {
	if !strings.HasSuffix(x.r.URL.Path, documentPath) {
		return false, nil
	}
	p, prefix, path := x.f.mount(x.r.Method, strings.ToLower(hostOf(x.r.Host)), x.r.URL.EscapedPath())
	if p == nil || path != documentPath {
		return false, nil
	}
	if op, _, allow := p.Router.Find(http.MethodGet, path); op != nil || len(allow) > 0 {
		return false, nil
	}
	x.provider, x.prefix = p, prefix
	if err := x.often(nil); err != nil {
		return true, err
	}
	if err := x.methods(http.MethodGet, http.MethodHead); err != nil {
		return true, err
	}
	body, err := x.contract()
	if err != nil {
		return true, err
	}
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a page of one's own may show it
	h.Set("Request-Id", x.id)
	x.showLimit(h)
	reply := x.validated(&sandbox.Reply{Status: http.StatusOK, Body: body})
	if x.written, x.status = true, reply.Status; len(reply.Body) > 0 {
		h.Set("Content-Type", jsonMedia)
	}
	h.Set("Content-Length", strconv.Itoa(len(reply.Body)))
	x.w.WriteHeader(reply.Status)
	if x.r.Method != http.MethodHead {
		x.w.Write(reply.Body)
	}
	return true, nil
}

// contract is the provider's document, whose only server is this one.
func (x *exchange) contract() ([]byte, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(x.provider.Contract.Raw(), &parts); err != nil {
		return nil, err
	}
	servers, err := openapi.Marshal([]any{map[string]any{"url": x.base()}}, nil)
	if err != nil {
		return nil, err
	}
	parts["servers"] = servers
	return json.Marshal(parts)
}

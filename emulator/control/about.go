package control

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"runtime"
	"strconv"

	"github.com/sandgate/sandgate/emulator/sandbox"
)

// health says that the process lives. It never touches a file.
func (x *call) health() (reply, error) {
	return reply{body: map[string]any{"status": "ok", "version": x.s.o.Version}}, nil
}

// ready says that requests can be served: it writes.
func (x *call) ready() (reply, error) {
	box, err := x.s.o.World.Sandbox(sandbox.DefaultName)
	if err == nil {
		err = box.Ready(x.r.Context())
	}
	if err != nil {
		x.s.o.Log.Error("not ready", "error", err)
		return reply{}, &problem{status: http.StatusServiceUnavailable, code: "not_ready", message: "the store cannot be written to; see the log"}
	}
	return reply{body: map[string]any{"status": "ready", "version": x.s.o.Version}}, nil
}

// servedProvider is a contract as it is being served.
type servedProvider struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version string `json:"version"`
	Hash    string `json:"hash"` // first 12 hex digits of SHA-256 over the contract
}

// version says what is running, down to the contracts and the seed.
func (x *call) version() (reply, error) {
	providers := []servedProvider{}
	for _, p := range x.s.o.World.Providers() {
		sum := sha256.Sum256(p.Contract.Raw())
		providers = append(providers, servedProvider{p.Name(), p.Contract.Title(), p.Contract.Version(), hex.EncodeToString(sum[:6])})
	}
	out := map[string]any{
		"version": x.s.o.Version, "go": runtime.Version(),
		"seed": strconv.FormatUint(x.s.o.Seed, 10), "providers": providers,
	}
	if x.s.o.Environment != "" {
		out["environment"] = x.s.o.Environment
	}
	return reply{body: out}, nil
}

// document is the control API's own contract.
func (x *call) document() (reply, error) { return reply{raw: contract}, nil }

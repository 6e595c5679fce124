package api

import (
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// validated gives a reply its entity tag, and takes the body away where the
// caller has it already.
func (x *exchange) validated(reply *sandbox.Reply) *sandbox.Reply {
	tag := tagOf(reply.Body)
	x.w.Header()["Etag"] = []string{tag}
	if known := x.r.Header["If-None-Match"]; known != nil && listed(known, tag, true) {
		return &sandbox.Reply{Status: http.StatusNotModified}
	}
	return reply
}

// tagOf is a strong entity tag: it changes with any byte.
func tagOf(body []byte) string {
	text := strconv.AppendInt(append(make([]byte, 0, 32), '"'), int64(len(body)), 36)
	text = strconv.AppendUint(append(text, '-'), uint64(crc32.Checksum(body, tagTable)), 36)
	return string(append(text, '"'))
}

// tagTable is of the polynomial that processors compute themselves.
var tagTable = crc32.MakeTable(crc32.Castagnoli)

// listed finds a tag in a header's list. A weak tag stands for its strong one where only a body is to be saved.
func listed(header []string, tag string, weak bool) bool {
	for _, line := range header {
		for known := range strings.SplitSeq(line, ",") {
			known = strings.TrimSpace(known)
			if weak {
				known = strings.TrimPrefix(known, "W/")
			}
			if known == tag || known == "*" {
				return true
			}
		}
	}
	return false
}

// condition is what If-Match and If-None-Match ask of a write: a look at what a GET of the same path shows. Where there is none, they ask nothing.
func (x *exchange) condition() *sandbox.Condition {
	match, none := x.r.Header["If-Match"], x.r.Header["If-None-Match"]
	if !x.binding.Infers() || x.r.Method == http.MethodGet || x.r.Method == http.MethodHead || match == nil && none == nil {
		return nil
	}
	op, params, _ := x.provider.Router.Find(http.MethodGet, x.at)
	if op == nil {
		return nil
	}
	binding, err := x.provider.Binding(op)
	if err != nil {
		return nil
	}
	ask := &http.Request{Method: http.MethodGet, URL: x.r.URL, Host: x.r.Host, Header: x.r.Header}
	values, bad := binding.Plan.Decode(ask, params, nil)
	if len(bad) > 0 {
		return nil
	}
	read := &sandbox.Call{Binding: binding, Values: values, Who: x.caller, Base: x.base(), Sandbox: x.box.Name(), Target: x.at, Request: x.id, Header: x.r.Header}
	return &sandbox.Condition{Read: read, Met: func(now *sandbox.Reply) error { return x.met(match, none, now) }}
}

// met compares tags. What is not there cannot be the same, and the operation says itself that it is missing, unless it makes it.
func (x *exchange) met(match, none []string, now *sandbox.Reply) error {
	pointer, expected, got, ok := "/header/If-Match", "", "nothing there", true
	tag := ""
	if now != nil {
		tag = tagOf(now.Body)
		got = tag
	}
	switch {
	case match != nil:
		expected = strings.Join(match, ", ")
		ok = now == nil && x.r.Method != http.MethodPut || now != nil && listed(match, tag, false)
	case now != nil:
		pointer, expected, ok = "/header/If-None-Match", "none of "+strings.Join(none, ", "), !listed(none, tag, true)
	}
	if ok {
		return nil
	}
	return x.provider.Refuse(sandbox.ReasonPrecondition, "", openapi.Violation{Pointer: pointer, Rule: "precondition", Expected: openapi.Show(pointer, expected), Got: got})
}

// allowed answers OPTIONS where the contract leaves it to HTTP.
func (x *exchange) allowed() *sandbox.Reply {
	if x.r.Method != http.MethodOptions || x.op != nil || x.provider == nil || !x.provider.Scenario.Infer {
		return nil
	}
	allow := x.w.Header().Get("Allow")
	if allow == "" {
		return nil
	}
	return &sandbox.Reply{Status: http.StatusNoContent, Header: map[string]string{"Allow": allow + ", OPTIONS"}}
}

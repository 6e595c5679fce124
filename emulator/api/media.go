package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"hash/fnv"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// suited says a reply in the media type that the caller prefers among those that the contract declares. What a scenario says word for word stays.
func (x *exchange) suited(reply *sandbox.Reply) *sandbox.Reply {
	if !x.binding.Infers() || x.binding.Depth == sandbox.Modelled || len(reply.Body) == 0 || reply.Status/100 != 2 {
		return reply
	}
	declared := x.binding.Plan.Reply(reply.Status)
	if declared == nil || declared.Media == "" {
		return reply
	}
	media := openapi.Concrete(declared.Choose(strings.Join(x.r.Header["Accept"], ",")), declared.Schema)
	suited := *reply
	suited.Media = withCharset(media)
	if openapi.SameKind(media, reply.Media) && (isJSONText(reply.Body) == openapi.IsJSON(media)) {
		return &suited
	}
	var v any
	if isJSONText(reply.Body) {
		v, _ = openapi.DecodeOwn(reply.Body)
	}
	h := fnv.New64a()
	io.WriteString(h, x.op.Key()+" "+x.at)
	body, err := openapi.Content(media, declared.Schema, v, openapi.NewFaker(h.Sum64()|1, x.box.Time()))
	if err != nil {
		return reply
	}
	suited.Body = body
	return &suited
}

func withCharset(media string) string {
	if strings.HasPrefix(media, "text/") && !strings.Contains(media, ";") {
		return media + "; charset=utf-8"
	}
	return media
}

// isJSONText tells a body that is an object or a list of JSON.
func isJSONText(body []byte) bool {
	return body[0] == '{' || body[0] == '['
}

// supposed gives a body without a type the only one that the contract declares.
func (x *exchange) supposed() {
	if x.r.Header.Get("Content-Type") != "" || !x.binding.Infers() || x.binding.Plan.Body == nil || len(x.binding.Plan.Body.Types) != 1 {
		return
	}
	media := x.binding.Plan.Body.Types[0]
	if strings.Contains(media, "*") && !isJSONText(bytes.TrimLeft(x.raw, " \t\r\n")) {
		return
	}
	if strings.Contains(media, "*") {
		media = "application/json"
	}
	x.r.Header.Set("Content-Type", media)
}

// bodyLimit is how large a body may be: files have room.
func (x *exchange) bodyLimit() int64 {
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if media == "multipart/form-data" || x.binding.Infers() && (strings.HasPrefix(media, "multipart/") || openapi.IsFile(media)) {
		return MaxUpload
	}
	return MaxBody
}

// inflated is the body as it was before it was compressed. Its size counts, not that of what came over the wire.
func (x *exchange) inflated(limit int64) (io.Reader, error) {
	body := http.MaxBytesReader(x.w, x.r.Body, limit)
	coding := strings.ToLower(x.r.Header.Get("Content-Encoding"))
	switch {
	case coding == "" || coding == "identity":
		return body, nil
	case coding != "gzip" && coding != "x-gzip" || !x.binding.Infers():
		return nil, x.provider.Refuse(sandbox.ReasonUnsupported, "", openapi.Violation{Pointer: "/header/Content-Encoding", Rule: "encoding", Expected: "an uncompressed body", Got: openapi.Show("/header/Content-Encoding", coding)})
	}
	plain, err := gzip.NewReader(body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, err
		}
		return nil, x.provider.Refuse(sandbox.ReasonInvalid, "", openapi.Violation{Pointer: "/body", Rule: "encoding", Expected: "a body compressed by gzip", Got: "another one"})
	}
	x.r.Header.Del("Content-Encoding")
	return http.MaxBytesReader(x.w, io.NopCloser(plain), limit), nil
}

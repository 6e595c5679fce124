package openapi

import (
	"bytes"
	"maps"
	"sync/atomic"
)

// MaskSecrets gives a JSON object back without the values of properties whose
// names say that they are secret. One that has none is given back as it is.
func MaskSecrets(object []byte) []byte {
	if !mentionsSecret(object) {
		return object
	}
	out, ok := redact(object, false)
	if !ok {
		return []byte(`{}`)
	}
	return out
}

// mentionsSecret looks for a name that could be a secret's, without decoding.
func mentionsSecret(object []byte) bool {
	for rest := object; ; {
		colon := bytes.Index(rest, []byte(`":`))
		if colon < 0 {
			return false
		}
		if suspicious(rest[bytes.LastIndexByte(rest[:colon], '"')+1 : colon]) {
			return true
		}
		rest = rest[colon+2:]
	}
}

// judged are names that were looked at before: the same ones come again and
// again. Others' names are unbounded, what is remembered is not.
var judged atomic.Pointer[map[string]bool]

const (
	maxJudged     = 4096
	maxJudgedName = 64
)

func suspicious(name []byte) bool {
	known := judged.Load()
	if known != nil {
		if secret, ok := (*known)[string(name)]; ok {
			return secret
		}
	}
	secret := secretName(string(name)) || bytes.IndexByte(name, '\\') >= 0
	if len(name) > maxJudgedName || known != nil && len(*known) >= maxJudged {
		return secret
	}
	more := map[string]bool{string(name): secret}
	if known != nil {
		maps.Copy(more, *known)
	}
	judged.CompareAndSwap(known, &more) // whoever was quicker knows something new as well
	return secret
}

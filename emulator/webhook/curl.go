package webhook

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxArgument is the longest body that a command line carries; Linux ends one argument at 128 KiB.
const maxArgument = 100 << 10

// Curl is a line for a POSIX shell that sends r again, byte for byte. The values of headers that carry a credential are replaced by "hidden".
func Curl(r Request) string {
	var line strings.Builder
	plain := len(r.Body) <= maxArgument && utf8.Valid(r.Body) && !slices.Contains(r.Body, 0)
	if !plain {
		line.WriteString("printf %s " + quote(base64.StdEncoding.EncodeToString(r.Body)) + " | base64 -d | ")
	}
	line.WriteString("curl -i -X POST " + quote(withoutUser(r.URL)))
	if strings.ContainsAny(r.URL, "[]{}") {
		line.WriteString(" -g")
	}
	typed := false
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		typed = typed || strings.EqualFold(name, "Content-Type")
		if !sendable(name, r.Header[name]) {
			continue
		}
		for _, value := range r.Header[name] {
			line.WriteString(" -H " + quote(curlHeader(name, value)))
		}
	}
	if !typed {
		line.WriteString(" -H 'Content-Type:'") // or curl names a form
	}
	if plain {
		line.WriteString(" --data-raw " + quote(string(r.Body)))
	} else {
		line.WriteString(" --data-binary @-")
	}
	return line.String()
}

func curlHeader(name, value string) string {
	switch {
	case credential(name):
		return name + ": hidden"
	case value == "":
		return name + ";" // curl's way to send an empty value
	}
	return name + ": " + value
}

// credential tells whether a header's value is a secret by its name. A signature is none: it does not give away its key.
func credential(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "access-key", "auth-key"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// withoutUser cuts a user name and password, which Send refuses, out of a URL.
func withoutUser(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	return scheme + "://" + rest[strings.LastIndexByte(rest[:end], '@')+1:]
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

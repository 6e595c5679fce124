package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxHops is how many references may follow one another before they count as a circle.
const maxHops = 32

// reference returns the target of a $ref object.
func reference(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return "", false
	}
	value, ok := member(raw, "$ref")
	if !ok {
		return "", false
	}
	ref, err := text(value)
	return ref, err == nil
}

// follow replaces a $ref object by what it points to, through any number of hops.
func (d *Document) follow(raw json.RawMessage) (json.RawMessage, error) {
	for range maxHops {
		ref, ok := reference(raw)
		if !ok {
			return raw, nil
		}
		var err error
		if raw, err = d.at(ref); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("references go round in a circle")
}

// at finds the raw value that a reference inside this document names.
func (d *Document) at(ref string) (json.RawMessage, error) {
	if ref == "#" {
		return d.raw, nil
	}
	if !strings.HasPrefix(ref, "#/") {
		return nil, fmt.Errorf("reference %q "+leavesDocument, ref)
	}
	tokens := strings.Split(ref[2:], "/")
	for i, token := range tokens {
		tokens[i] = unescapeToken(token)
	}
	current, ok := d.root[tokens[0]]
	tokens = tokens[1:]
	if ok && len(tokens) >= 2 && strings.HasPrefix(ref, "#/components/") {
		current, ok = d.Component(tokens[0], tokens[1])
		tokens = tokens[2:]
	}
	for _, token := range tokens {
		if !ok {
			break
		}
		current, ok = step(current, token)
	}
	if !ok {
		return nil, fmt.Errorf("reference %q has no target", ref)
	}
	return current, nil
}

func step(raw json.RawMessage, token string) (json.RawMessage, bool) {
	if len(raw) == 0 || raw[0] != '[' {
		return member(raw, token)
	}
	want, err := strconv.Atoi(token)
	if err != nil {
		return nil, false
	}
	var found json.RawMessage
	i := 0
	_ = eachItem(raw, func(value json.RawMessage) error {
		if i == want {
			found = value
		}
		i++
		return nil
	})
	return found, found != nil
}

// unescapeToken turns one token of a URI fragment into the name that it stands for.
func unescapeToken(token string) string {
	if strings.Contains(token, "%") {
		if decoded, err := url.PathUnescape(token); err == nil {
			token = decoded
		}
	}
	if strings.Contains(token, "~") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return token
}

// filesSection is where the other files of a document are, once they are one text: a map of components, so that references find them as they find
// those.
const filesSection = "x-sandgate-files"

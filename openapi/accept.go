package openapi

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Choose picks the media type of a reply among those declared by what a client accepts. Of equals JSON goes first, then the order of the document;
// what nobody declares is never a reason to refuse: then it is as if nothing had been asked for.
func (r *Reply) Choose(accept string) string {
	declared := r.Types()
	best, worth := r.Media, 0.0
	if accept == "" || accept == "*/*" {
		return best
	}
	for _, media := range declared {
		q := quality(accept, media)
		if q > worth || q == worth && q > 0 && isJSON(media) && !isJSON(best) {
			best, worth = media, q
		}
	}
	return best
}

// Types are the media types declared, in order.
func (r *Reply) Types() []string {
	content, ok := member(r.raw, "content")
	if !ok {
		return nil
	}
	var types []string
	_ = eachMember(content, func(media string, _ json.RawMessage) error {
		types = append(types, media)
		return nil
	})
	return types
}

// quality is how much a client wants a media type, by the most telling of the ranges that cover it.
func quality(accept, media string) float64 {
	media = plainMedia(media)
	major, _, _ := strings.Cut(media, "/")
	q, telling := 0.0, 0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		level := 0
		switch {
		case name == media:
			level = 3
		case name == major+"/*":
			level = 2
		case name == "*/*" || media == "*/*" || strings.HasSuffix(media, "/*") && strings.HasPrefix(name, major+"/"):
			level = 1
		}
		if level > telling {
			q, telling = weight(params), level
		}
	}
	return q
}

func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.TrimSpace(strings.ToLower(name)) == "q" {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
			return 0
		}
	}
	return 1
}

// IsJSON tells whether a media type is written as JSON.
func IsJSON(media string) bool { return isJSON(media) }

// IsFile tells whether a body of the media type is a file, not text or fields.
func IsFile(media string) bool { return media != "" && !isText(media) && !isMultipart(media) }

// SameKind tells whether two media types are one but for their parameters; none is JSON, and all JSON is one kind.
func SameKind(a, b string) bool {
	if b == "" || isJSON(b) {
		return isJSON(a)
	}
	return plainMedia(a) == plainMedia(b)
}

// plainMedia is a media type without its parameters, in lower case.
func plainMedia(media string) string {
	media, _, _ = strings.Cut(media, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

func isJSON(media string) bool {
	media = plainMedia(media)
	return media == jsonMedia || strings.HasSuffix(media, "+json")
}

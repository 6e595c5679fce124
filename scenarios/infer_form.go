package scenarios

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

var (
	uuidText   = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	prefixText = regexp.MustCompile(`^([a-zA-Z]{1,10}_)([A-Za-z0-9]{6,})$|^([a-zA-Z]{1,8}_(?:test|live|sandbox)_)([A-Za-z0-9]{6,})$`)
	numberText = regexp.MustCompile(`^[0-9]+$`)
)

// formOf is how the ids of a kind look, "" if nothing tells.
func formOf(s *openapi.Schema) string {
	if s == nil {
		return ""
	}
	if s.Type() == "integer" || s.Type() == "number" {
		return "integer"
	}
	if s.Format() == "uuid" {
		return "uuid"
	}
	if form := formLike(exampleOf(s)); form != "" {
		return form
	}
	if pattern := strings.Trim(string(s.Field("pattern")), `"`); pattern != "" {
		var text string
		if json.Unmarshal(s.Field("pattern"), &text) == nil && !idle[text] {
			return "pattern:" + ofLength(text, s)
		}
	}
	if about := strings.ToLower(s.Description()); strings.Contains(about, "uuid") {
		return "uuid"
	}
	return ""
}

// idle patterns say nothing.
var idle = map[string]bool{"": true, ".*": true, "^.*$": true, ".+": true, "^.+$": true, `\S+`: true, `^\S+$`: true}

// usualID is how long an id is whose pattern leaves that open.
const usualID = 17

// ofLength gives a pattern that ends in a repetition without end a length that
// keeps ids apart, and within the schema's own limits.
func ofLength(pattern string, s *openapi.Schema) string {
	n := usualID
	if most, err := strconv.Atoi(string(s.Field("maxLength"))); err == nil {
		n = min(n, most)
	}
	if least, err := strconv.Atoi(string(s.Field("minLength"))); err == nil {
		n = max(n, least)
	}
	head, end := strings.TrimSuffix(pattern, "$"), ""
	if head != pattern {
		end = "$"
	}
	if strings.HasSuffix(head, "]+") || strings.HasSuffix(head, "]*") {
		return head[:len(head)-1] + "{" + strconv.Itoa(n) + "}" + end
	}
	return pattern
}

func exampleOf(s *openapi.Schema) string {
	if text, ok := s.Example().(string); ok {
		return text
	}
	var examples []any
	if json.Unmarshal(s.Field("examples"), &examples) == nil && len(examples) > 0 {
		text, _ := examples[0].(string)
		return text
	}
	return ""
}

// formLike is the form that an example shows.
func formLike(example string) string {
	switch m := prefixText.FindStringSubmatch(example); {
	case example == "":
		return ""
	case uuidText.MatchString(example):
		return "uuid"
	case m != nil:
		return "prefix:" + m[1] + m[3]
	case len(example) >= 4 && len(example) <= 64 && !strings.ContainsAny(example, " {}<>") && strings.ContainsAny(example, "0123456789"):
		return "like:" + example
	}
	return ""
}

var (
	createdNames = []string{"created", "createdat", "creationdate", "datecreated", "createtime", "creationtime", "createdon", "createddate", "insertedat", "criacao", "datacriacao", "criadoem", "createdtime", "timecreated", "createddatetime", "creationdatetime"}
	updatedNames = []string{"updated", "updatedat", "updatedate", "dateupdated", "datelastupdated", "updatetime", "lastupdated", "lastupdatedat", "modified", "modifiedat", "lastmodified", "updatedon", "updateddate", "atualizacao", "atualizadoem", "lastmodifiedat", "modifieddate", "lastupdatedate"}
)

// stampsOf finds the properties that show when an object was made and changed.
func stampsOf(s *openapi.Schema) *Stamps {
	var out Stamps
	for _, name := range s.Properties() {
		p, word := s.Property(name), plainWord(name)
		if p.Type() != "string" && p.Type() != "integer" && p.Type() != "number" && p.Type() != "" || len(p.Properties()) > 0 {
			continue
		}
		if out.Created == "" && oneOf(word, createdNames) {
			out.Created, out.Time = name, timeForm(p)
		}
		if out.Updated == "" && oneOf(word, updatedNames) {
			if out.Updated = name; out.Time == "" {
				out.Time = timeForm(p)
			}
		}
	}
	if out.Created == "" && out.Updated == "" {
		return nil
	}
	return &out
}

func oneOf(word string, words []string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

var millis = regexp.MustCompile(`T\d\d:\d\d:\d\d\.\d{3}`)

// timeForm is how a time is written, "" if that is the dialect's.
func timeForm(s *openapi.Schema) string {
	if s.Type() == "integer" || s.Type() == "number" {
		if n, ok := s.Example().(json.Number); ok && len(n.String()) >= 13 || strings.Contains(strings.ToLower(s.Description()), "millisecond") {
			return "unix-ms"
		}
		return "unix"
	}
	switch example := exampleOf(s); { // a date's own form is its schema's
	case millis.MatchString(example):
		return "iso-ms"
	case strings.Contains(example, "T"):
		return "iso"
	}
	return ""
}

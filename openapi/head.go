package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var versionForm = regexp.MustCompile(`^3\.(\d{1,3})(\.[\w.+-]+)?$`)

// readHead reads what the document says about itself, and refuses what is no OpenAPI 3.
func (d *Document) readHead() error {
	raw, ok := d.root["openapi"]
	if !ok {
		return d.foreign()
	}
	version, err := text(raw)
	if err != nil {
		// Without quotes, YAML takes 3.0 for a number.
		if version = string(raw); isNumber(version) && (version == "3" || versionForm.MatchString(version)) {
			d.repaired("/openapi", "the version is a number", "the text "+version)
		} else {
			return fmt.Errorf("openapi: %w", err)
		}
	}
	d.openapi = strings.TrimSpace(version)
	if d.openapi == "3" {
		d.openapi = "3.0"
	}
	switch minor := versionForm.FindStringSubmatch(d.openapi); {
	case minor == nil && strings.HasPrefix(d.openapi, "2"):
		return errSwagger
	case minor == nil:
		return fmt.Errorf("openapi: want version 3.0 or 3.1, have %q", clip(d.openapi))
	case minor[1] != "0" && minor[1] != "1":
		d.repaired("/openapi", fmt.Sprintf("version %s is newer than 3.1", d.openapi), "3.1: what is new in it is left out")
	}
	d.readInfo()
	return nil
}

var errSwagger = errors.New("this is Swagger 2.0, want OpenAPI 3.0 or 3.1: convert it first, as with a command-line converter (swagger2openapi) or the Swagger Editor's menu Edit, Convert to OpenAPI 3; Sandgate does not do that by itself, as it would be guessing what the converter asks")

// foreign says what a document without the field openapi is.
func (d *Document) foreign() error {
	for _, other := range []struct{ field, what, advice string }{
		{"asyncapi", "an AsyncAPI document", "it describes messages, not requests: find the provider's OpenAPI document"},
		{"overlay", "an OpenAPI Overlay", "it changes a contract: give it with --overlay, and the contract with --spec"},
		{"arazzo", "an Arazzo document", "it describes workflows: find the OpenAPI document that it names under sourceDescriptions"},
		{"raml", "a RAML document", "convert it to OpenAPI 3 first"},
		{"swaggerVersion", "Swagger 1", "convert it to OpenAPI 3 first"},
		{"item", "a Postman collection", "convert it to OpenAPI 3 first (postman-to-openapi), or export the API instead of the collection"},
		{"log", "a HAR recording", "it holds requests, not their description"},
		{"$schema", "a JSON Schema", "it describes data, not requests"},
		{"provider", "a scenario", "give it with --scenario, and the contract with --spec"},
	} {
		if _, ok := d.root["swagger"]; ok {
			return errSwagger
		}
		if _, ok := d.root[other.field]; ok {
			return fmt.Errorf("no field openapi: this is %s; %s", other.what, other.advice)
		}
	}
	return fmt.Errorf("no field openapi: this is no OpenAPI 3 document; such a document starts with openapi: 3.0.3 or openapi: 3.1.0")
}

// readInfo reads title and version. Neither is needed to serve a document.
func (d *Document) readInfo() {
	info, ok := d.root["info"]
	if !ok {
		d.repaired("/info", "missing", "a contract without a title")
		return
	}
	if !d.wantObject("/info", info, "a contract without a title") {
		return
	}
	if title, ok := member(info, "title"); ok {
		d.title = d.wantText("/info/title", title)
	}
	if version, ok := member(info, "version"); ok {
		// YAML turns 1.0 into a number: that is no fault worth a word.
		if d.version = string(version); !isNumber(d.version) {
			d.version = d.wantText("/info/version", version)
		}
	}
}

// wantText is a text; anything else is a repair.
func (d *Document) wantText(pointer string, raw json.RawMessage) string {
	value, err := text(raw)
	switch {
	case err == nil:
		return value
	case isNumber(string(raw)) || string(raw) == "true" || string(raw) == "false":
		d.repaired(pointer, err.Error(), "the text "+string(raw))
		return string(raw)
	}
	d.repaired(pointer, err.Error(), "left out")
	return ""
}

// clip shortens what a message quotes.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:77], "") + "..."
	}
	return s
}

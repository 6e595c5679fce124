package openapi

import (
	"encoding/base64"
	"errors"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// errFormat carries no value: what a validator returns may end up in a message.
var errFormat = errors.New("not of the format")

// stringFormats are the formats that we check ourselves. Formats that are not listed are not checked.
var stringFormats = map[string]func(string) bool{
	"uuid":      isUUID,
	"email":     isEmail,
	"uri":       isURI,
	"url":       isURI,
	"date":      isDate,
	"date-time": isDateTime,
	"byte":      isBase64,
	"binary":    func(string) bool { return true },
	"ipv4":      func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":      func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
}

// The two sets of options of every validation: stop at the first fault, or find them all.
var (
	quick = visitOptions(openapi3.FailFast())
	every = visitOptions(openapi3.MultiErrors())
)

func visitOptions(first openapi3.SchemaValidationOption) []openapi3.SchemaValidationOption {
	formats := map[string]openapi3.StringFormatValidator{}
	for name, is := range stringFormats {
		formats[name] = openapi3.NewCallbackValidator(func(s string) error {
			if is(s) {
				return nil
			}
			return errFormat
		})
	}
	// A number beyond int64 never reaches these: kin reports it as a format fault before.
	integers := map[string]openapi3.IntegerFormatValidator{
		"int32": within(math.MinInt32, math.MaxInt32),
		"int64": within(math.MinInt64, math.MaxInt64),
	}
	return []openapi3.SchemaValidationOption{
		first,
		openapi3.WithStringFormatValidators(formats),
		openapi3.WithIntegerFormatValidators(integers),
		openapi3.SetSchemaRegexCompiler(compilePattern),
		openapi3.DisableSchemaErrorDetails(),
	}
}

func within(low, high int64) openapi3.IntegerFormatValidator {
	return openapi3.NewCallbackValidator(func(n int64) error {
		if n < low || n > high {
			return errFormat
		}
		return nil
	})
}

// isUUID accepts every version, the nil UUID too.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if strings.IndexByte("0123456789abcdefABCDEF", s[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// isEmail wants one @, something sensible before it and a domain with a dot after it.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || len(domain) > 255 || strings.ContainsAny(s, " \t\r\n<>()[],;:\\\"") {
		return false
	}
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsAny(label, "@_/+'!#$%&*=?^`{|}~") {
			return false
		}
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return false
		}
	}
	return len(labels) >= 2
}

// isURI wants a scheme and something after it.
func isURI(s string) bool {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"{}|\\^`", r) {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime is RFC 3339: a date, T, a time, and a zone.
func isDateTime(s string) bool {
	if len(s) < 20 || strings.IndexByte(s, ',') >= 0 {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	return err == nil
}

func isBase64(s string) bool {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		_, err := base64.RawURLEncoding.DecodeString(s)
		return err == nil
	}
	_, err := base64.RawStdEncoding.DecodeString(s)
	return err == nil
}

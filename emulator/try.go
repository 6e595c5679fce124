package emulator

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/sandbox"
	"github.com/sandgate/sandgate/openapi"
)

// maxTried is how many operations are looked at for a first call.
const maxTried = 40

// Try is a call that works as it stands, for a banner: the scenario's own, else
// a list of the contract, else something that it creates. {url} is where the
// provider is.
func Try(p *sandbox.Provider) []string {
	if len(p.Scenario.Try) > 0 {
		return p.Scenario.Try
	}
	for _, verb := range []string{"list", "create", "read"} {
		tried := 0
		for _, op := range p.Contract.Operations() {
			if strings.Contains(op.Path, "{") || (op.Method == "GET") == (verb == "create") {
				continue
			}
			if tried++; tried > maxTried {
				break
			}
			b, err := p.Binding(op)
			if err != nil || b.Spec.Verb != verb {
				continue
			}
			if call := curl(p, b); call != "" {
				return []string{call}
			}
		}
	}
	return nil
}

// curl is a binding's call, "" if it needs more than can be made up.
func curl(p *sandbox.Provider, b *sandbox.Binding) string {
	say := openapi.NewFaker(1, time.Unix(1767225600, 0)) // the beginning of a manual clock
	query, headers, call := url.Values{}, []string{}, []string{"curl"}
	for _, param := range b.Plan.Params {
		if !param.Required {
			continue
		}
		value, ok := param.Schema.Sample(say, nil).(string)
		switch {
		case param.In == "header" && slices.Contains([]string{"user-agent", "accept", "content-type", "authorization"}, strings.ToLower(param.Name)):
		case !ok || param.In == "cookie":
			return ""
		case param.In == "query":
			query.Set(param.Name, value)
		case param.In == "header":
			headers = append(headers, "-H", quoted(param.Name+": "+value))
		}
	}
	if !b.Anonymous() {
		headers = append(headers, credential(p, query)...)
	}
	address := "{url}" + b.Op.Path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	call = append(append(call, quoted(address)), headers...)
	if b.Op.Method == "GET" {
		return strings.Join(call, " ")
	}
	if b.Plan.Body == nil {
		return strings.Join(append(call, "-X", b.Op.Method), " ")
	}
	schema := b.Plan.Body.Media["application/json"]
	if schema == nil {
		return ""
	}
	body, err := openapi.Marshal(schema.Sample(say, nil), nil)
	if err != nil {
		return ""
	}
	if b.Op.Method != "POST" {
		call = append(call, "-X", b.Op.Method)
	}
	return strings.Join(append(call, "-H", "'content-type: application/json'", "-d", quoted(string(body))), " ")
}

// credential is how the call says who calls.
func credential(p *sandbox.Provider, query url.Values) []string {
	key, places := p.Scenario.Credentials.Key, p.Scenario.Auth.Credentials
	if key == "" || len(places) == 0 {
		return nil
	}
	switch place := places[0]; {
	case place.Query != "":
		query.Set(place.Query, key)
	case place.Cookie != "":
		return []string{"-b", quoted(place.Cookie + "=" + key)}
	case place.Basic:
		return []string{"-u", quoted(key + ":")}
	case place.Header != "":
		return []string{"-H", quoted(place.Header + ": " + place.Prefix + key)}
	}
	return nil
}

// quoted is a word of a shell.
func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:{}") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

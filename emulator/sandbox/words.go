package sandbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// meanings are what properties of an error are called, without case and punctuation.
var meanings = map[string][]string{
	"message": {
		"message", "msg", "detail", "details", "description", "errordescription", "errormessage", "mensagem", "descricao", "detalhe", "mensaje", "descripcion", "detalle",
		"developermessage", "usermessage", "localizedmessage", "text", "statusmessage", "responsemessage", "messages", "razao", "motivo", "reason", "explanation", "debugmessage",
	},
	"title":    {"title", "titulo", "summary", "shortmessage", "statustext", "reasonphrase", "heading"},
	"code":     {"code", "errorcode", "type", "errortype", "slug", "rule", "issue", "category", "codigo", "kind", "error", "erro", "name", "subcode", "errorname", "codigoerro", "responsecode", "resultcode"},
	"status":   {"status", "statuscode", "httpstatus", "httpstatuscode", "httpcode", "statuscodevalue"},
	"field":    {"param", "field", "pointer", "property", "path", "attribute", "source", "campo", "propriedade", "propiedad", "parameter", "parametername", "fieldname", "propertyname", "loc", "parametro"},
	"place":    {"location", "in"},
	"got":      {"value", "rejectedvalue", "valor", "invalidvalue", "got", "received", "actual", "provided"},
	"expected": {"expected", "allowed", "constraint"},
	"request":  {"requestid", "traceid", "trace", "correlationid", "debugid", "instance", "logid", "transactionid", "eventid", "xrequestid"},
	"docs":     {"docurl", "documentationurl", "documentation", "informationlink", "moreinfo", "help", "helpurl", "infolink", "docsurl", "doclink"},
	"time":     {"timestamp", "time", "datetime", "datahora", "occurredat"},
	"false":    {"success", "ok", "succeeded", "sucesso"},
	"true":     {"failed", "iserror", "haserror"},
	"container": {
		"error", "errors", "erro", "erros", "errores", "fault", "faults", "detail", "details", "detalhes", "violation", "violations", "violacoes", "cause", "causes", "causas", "issues",
		"invalidparams", "invalidfields", "fields", "messages", "mensagens", "fielderrors", "validationerrors", "errordetails", "errorlist", "problems", "response", "body", "errordata", "campos",
	},
}

var meaningByWord = func() map[string]string {
	out := map[string]string{}
	for meaning, words := range meanings {
		if meaning == "container" {
			continue
		}
		for _, word := range words {
			out[word] = meaning
		}
	}
	return out
}()

// meaningOf tells what a property is for. In one violation, a name is that of a field.
func meaningOf(plain string, violation bool) string {
	if violation && (plain == "name" || plain == "key") {
		return "field"
	}
	return meaningByWord[plain]
}

// means says whether a name is one of a meaning's.
func means(name, meaning string) bool {
	return slices.Contains(meanings[meaning], openapi.PlainName(name))
}

// codeWords are the words by which APIs call a reason, the most telling first.
var codeWords = map[string][]string{
	ReasonInvalid: {
		"invalid_request", "invalid_request_error", "validation_error", "validation", "validation_failed", "invalid_parameter", "parameter_invalid", "invalid_parameter_value",
		"bad_request", "invalid", "unprocessable_entity", "malformed_request",
	},
	ReasonUnauthenticated: {"unauthorized", "authentication_error", "authentication_failure", "unauthenticated", "authentication_failed", "invalid_api_key", "invalid_token", "authentication", "security"},
	ReasonForbidden:       {"forbidden", "permission_error", "not_authorized", "permission_denied", "access_denied", "insufficient_permissions", "authorization_error", "security"},
	ReasonNotFound:        {"not_found", "resource_missing", "resource_not_found", "invalid_resource_id", "not_found_error", "missing", "invalid_request_error", "invalid_request"},
	ReasonNoMethod:        {"method_not_allowed", "method_not_supported", "unsupported_method", "invalid_request_error", "invalid_request"},
	ReasonConflict:        {"conflict", "idempotency_error", "idempotency_key_in_use", "resource_conflict", "duplicate_request", "invalid_request_error"},
	ReasonState:           {"invalid_state", "invalid_status", "unexpected_state", "conflict", "operation_not_allowed", "invalid_request_error", "unprocessable_entity"},
	ReasonReference:       {"resource_missing", "invalid_reference", "reference_not_found", "not_found", "invalid_resource_id", "invalid_request_error", "unprocessable_entity", "validation_error"},
	ReasonExists:          {"already_exists", "resource_already_exists", "duplicate", "conflict", "invalid_request_error", "unprocessable_entity", "validation_error"},
	ReasonTooLarge:        {"payload_too_large", "request_too_large", "invalid_request_error"},
	ReasonUnsupported:     {"unsupported_media_type", "invalid_content_type", "invalid_request_error"},
	ReasonTooMany:         {"rate_limit", "rate_limit_error", "too_many_requests", "rate_limit_exceeded", "rate_limit_reached", "invalid_request_error"},
	ReasonInternal:        {"internal_server_error", "api_error", "internal_error", "server_error", "internal"},
}

// sameReason are reasons that go by the words of another.
var sameReason = map[string]string{
	ReasonInvalidCredentials: ReasonUnauthenticated, ReasonExpired: ReasonUnauthenticated, ReasonLiveCredential: ReasonUnauthenticated,
	ReasonNoRoute: ReasonNotFound, ReasonInProgress: ReasonConflict, ReasonTestCard: ReasonInvalid,
}

// ruleWords are the words for what is wrong with one field.
var ruleWords = map[string][]string{
	"required":             {"parameter_missing", "missing_required_parameter", "missing_parameter", "required", "missing_field", "missing", "blank"},
	"additionalProperties": {"parameter_unknown", "unknown_parameter", "unrecognized_field", "unexpected_field", "malformed_request_json"},
	"properties":           {"parameter_unknown", "unknown_parameter", "unrecognized_field", "unexpected_field"},
	"undeclared":           {"parameter_unknown", "unknown_parameter", "unrecognized_field"},
	"type":                 {"invalid_parameter_syntax", "invalid_type", "parameter_invalid_type"},
	"format":               {"invalid_parameter_syntax", "invalid_format", "parameter_invalid"},
	"pattern":              {"invalid_parameter_syntax", "invalid_format", "parameter_invalid"},
	"enum":                 {"invalid_parameter_value", "invalid_value", "not_in_list", "inclusion"},
	"minLength":            {"invalid_string_min_length", "invalid_string_length", "too_short", "parameter_invalid_string_blank"},
	"maxLength":            {"invalid_string_max_length", "invalid_string_length", "too_long"},
	"minimum":              {"parameter_invalid_integer", "invalid_integer_min_value", "too_small"},
	"maximum":              {"parameter_invalid_integer", "invalid_integer_max_value", "too_large"},
	"exists":               {"resource_missing", "invalid_resource_id"},
}

// words are what the refusal, or one violation in it, may be called.
func (w *wording) words(v *openapi.Violation) []string {
	reason := w.refusal.Code
	if same, ok := sameReason[reason]; ok {
		reason = same
	}
	words := codeWords[reason]
	if len(words) == 0 {
		words = append([]string{w.refusal.Code}, codeWords[ReasonInvalid]...)
	}
	if v != nil && (reason == ReasonInvalid || reason == ReasonReference) {
		words = append(slices.Clone(ruleWords[v.Rule]), words...)
	}
	return words
}

// code is the word, or the number, that tells programs what is wrong.
func (w *wording) code(s *openapi.Schema, v *openapi.Violation) any {
	words := w.words(v)
	if listed := s.Enum(); len(listed) > 0 {
		if v == nil && len(w.refusal.Violations) > 0 && len(listed) > 20 {
			words = append(slices.Clone(ruleWords[w.refusal.Violations[0].Rule]), words...) // a long list tells rules apart
		}
		return w.first(s, chosen(listed, words))
	}
	example, _ := s.Example().(string)
	status := strconv.Itoa(w.refusal.Status)
	if _, err := strconv.Atoi(example); err == nil {
		return w.first(s, status)
	}
	return w.first(s, inStyle(words[0], example), json.Number(status), status)
}

// rank says how early in the words one of the listed values is named; unranked where none is.
func rank(listed []any, words []string) int {
	for i, word := range words {
		if chosen(listed, []string{word}) != nil {
			return i
		}
	}
	return unranked
}

const unranked = 40

// chosen is the listed value that one of the words names: the same word, else one that holds it.
func chosen(listed []any, words []string) any {
	for _, holds := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.Contains} {
		for _, word := range words {
			for _, v := range listed {
				if text, ok := v.(string); ok && holds(openapi.PlainName(text), openapi.PlainName(word)) {
					return v
				}
			}
		}
	}
	return nil
}

// inStyle writes a snake_case word as an example does: LIKE_THIS, LikeThis, like-this.
func inStyle(word, example string) string {
	letters := strings.ContainsFunc(example, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
	switch {
	case !letters:
		return word
	case example == strings.ToUpper(example):
		return strings.ToUpper(word)
	case strings.Contains(example, "-") && example == strings.ToLower(example):
		return strings.ReplaceAll(word, "_", "-")
	case !strings.ContainsAny(example, "_- ") && example != strings.ToLower(example):
		parts := strings.Split(word, "_")
		for i, part := range parts {
			if i > 0 || example[0] <= 'Z' {
				parts[i] = strings.ToUpper(part[:1]) + part[1:]
			}
		}
		return strings.Join(parts, "")
	}
	return word
}

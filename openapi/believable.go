package openapi

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// text invents a string: the first of several candidates that fits. What tells one object from another (ids, names, times) is always new; for the
// rest a contract's own example is the most believable text there is.
func (g *sampler) text(s *Schema, name string) any {
	example, _ := s.Example().(string)
	one := func(text string) []string { return []string{text} }
	candidates := []func() []string{
		func() []string { return g.byFormat(s, s.Format(), name) },
		func() []string { return one(g.likeExample(name, example)) },
		func() []string { return g.times(name) },
		func() []string { return g.said(personal, s, name) },
		func() []string { return one(example) },
		func() []string { return g.said(general, s, name) },
		func() []string { return one(g.fromPattern(s)) },
		func() []string { return one(g.ofLength(s, g.fake.Say("word"))) },
		func() []string { d, _ := s.Default().(string); return one(d) },
	}
	for _, candidate := range candidates {
		for _, v := range candidate() {
			if v != "" && s.fits(v) {
				return v
			}
		}
	}
	return g.ofLength(s, g.fake.Say("word"))
}

// byFormat are texts of a format, in the ways in which it is written.
func (g *sampler) byFormat(s *Schema, format, name string) []string {
	switch format {
	case "uuid", "ipv4", "ipv6":
		return []string{g.fake.Say(format)}
	case "ip":
		return []string{g.fake.Say("ipv4")}
	case "email", "idn-email":
		return []string{g.who().email()}
	case "uri", "url", "iri":
		return []string{g.fake.Say("url")}
	case "uri-reference", "iri-reference":
		return []string{"/" + g.fake.Say("word")}
	case "date":
		return []string{g.moment(name).Format(time.DateOnly)}
	case "date-time", "datetime":
		return []string{g.moment(name).Format(isoMillis), g.moment(name).Format(time.RFC3339)}
	case "time":
		return []string{g.moment(name).Format(time.TimeOnly + "Z")}
	case "unix-time", "timestamp":
		return []string{strconv.FormatInt(g.moment(name).Unix(), 10)}
	case "duration":
		return []string{"P30D", "PT30M"}
	case "byte", "base64":
		return []string{base64.StdEncoding.EncodeToString([]byte(g.fake.Say("word")))}
	case "hostname", "idn-hostname":
		return []string{g.fake.Say("word") + ".example.com"}
	case "binary":
		return []string{g.fake.Say("word")}
	case "json-pointer", "relative-json-pointer":
		return []string{"/" + g.fake.Say("word"), "1/" + g.fake.Say("word")}
	case "regex":
		return []string{"^[a-z]+$"}
	case "decimal", "money", "int64", "int32", "double", "float":
		return g.plainKinds("amount")
	case "phone", "cpf", "cnpj", "iban", "bic", "currency", "zip":
		return g.kinds(format, s)
	case "country", "country-code":
		return g.kinds("country-code", s)
	case "password":
		return []string{g.ofLength(s, g.fake.Say("hex"))}
	}
	return nil
}

const isoMillis = "2006-01-02T15:04:05.000Z"

// likeExample varies an example that is an id or a time: a new one of the same form.
func (g *sampler) likeExample(name, example string) string {
	switch {
	case isDateTime(example):
		return g.moment(name).Format(isoMillis)
	case isDate(example):
		return g.moment(name).Format(time.DateOnly)
	case isUUID(example):
		return g.fake.Say("uuid")
	case !identity(name) || example == "" && ofSomebody(name):
		return ""
	case example == "":
		return g.fake.Say("uuid")
	}
	// The part before the last underscore is a prefix, such as cus_.
	keep := strings.LastIndexByte(example, '_') + 1
	out := []byte(example)
	for i := keep; i < len(out); i++ {
		switch c := out[i]; {
		case isDigit(c):
			out[i] = byte('0' + g.fake.Intn(10))
		case c >= 'a' && c <= 'z':
			out[i] = byte('a' + g.fake.Intn(26))
		case c >= 'A' && c <= 'Z':
			out[i] = byte('A' + g.fake.Intn(26))
		}
	}
	return string(out)
}

func identity(name string) bool {
	words := splitWords(name)
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "id", "uuid", "reference":
		return true
	}
	return false
}

// times are ways in which a time is written, for a name that asks for one and a schema that says no more than a pattern.
func (g *sampler) times(name string) []string {
	words := splitWords(name)
	if len(words) == 0 {
		return nil
	}
	switch words[len(words)-1] {
	case "at", "time", "date", "datetime", "on", "em", "fecha", "vencimento", "nascimento":
	default:
		if words[0] != "date" && words[0] != "fecha" && (words[0] != "data" || len(words) < 2) {
			return nil
		}
	}
	at := g.moment(name)
	if words[len(words)-1] == "time" || words[len(words)-1] == "at" || words[len(words)-1] == "datetime" {
		return []string{at.Format(isoMillis), at.Format(time.RFC3339), at.Format(time.DateTime), at.Format(time.DateOnly), at.Format("02/01/2006")}
	}
	return []string{at.Format(time.DateOnly), at.Format(time.RFC3339), at.Format(isoMillis), at.Format("02/01/2006"), at.Format("2006-01")}
}

// moment is a time that suits a name, counted from the faker's now.
func (g *sampler) moment(name string) time.Time {
	now := g.fake.Now()
	minutes := func(low, high int) time.Duration { return time.Duration(low+g.fake.Intn(high-low)) * time.Minute }
	const day = 24 * 60
	switch {
	case named(name, "birth", "birthdate", "birthday", "dob", "nascimento", "nacimiento"):
		return now.AddDate(-20-g.fake.Intn(40), 0, -g.fake.Intn(365))
	case named(name, "expires", "expiration", "expiry", "expire", "expected", "due", "until", "deadline", "scheduled", "next", "end", "exp", "vencimento", "validade", "expiracao", "vencimiento", "limite", "agendamento"):
		return now.Add(minutes(60, 30*day))
	case named(name, "updated", "modified", "changed", "last", "update", "atualizacao", "actualizacion"):
		return now.Add(-minutes(1, day))
	case named(name, "incorporation", "founded", "registration"):
		return now.AddDate(-1-g.fake.Intn(20), 0, -g.fake.Intn(365))
	}
	return now.Add(-minutes(day, 30*day))
}

// splitWords takes a name apart where its case changes or something other than a letter or digit stands: createdAt, created_at → created, at.
func splitWords(name string) []string {
	var words []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			words = append(words, strings.ToLower(name[start:end]))
		}
		start = -1
	}
	for i := range len(name) {
		c := name[i]
		upper := c >= 'A' && c <= 'Z'
		switch {
		case !upper && !isDigit(c) && (c < 'a' || c > 'z'):
			flush(i)
			continue
		case upper && start >= 0 && (name[i-1] < 'A' || name[i-1] > 'Z'):
			flush(i)
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(name))
	return words
}

// named tells whether a name is made of a word: words of it in a row are the word or its plural, or one of them begins or ends with it where it is
// long enough to mean something. So uri is in redirectUri and not in jurisdiction.
func named(name string, words ...string) bool {
	parts := splitWords(name)
	for _, word := range words {
		for i := range parts {
			if len(word) >= 5 && (strings.HasPrefix(parts[i], word) || strings.HasSuffix(parts[i], word)) {
				return true
			}
			run := ""
			for _, part := range parts[i:] {
				if run += part; run == word || run == word+"s" {
					return true
				}
			}
		}
	}
	return false
}

// ofLength fits a text into the bounds of its length.
func (g *sampler) ofLength(s *Schema, text string) string {
	shortest := min(s.facets().MinLength, maxPattern)
	for uint64(len([]rune(text))) < shortest {
		text += " " + g.fake.Say("word")
	}
	if most := s.facets().MaxLength; most != nil && uint64(len([]rune(text))) > *most {
		text = strings.TrimRight(string([]rune(text)[:*most]), " ")
		for uint64(len(text)) < min(shortest, *most) {
			text += "x"
		}
	}
	return text
}

// number invents a number within its bounds. Times are told by their names and, where there is one, by the size of the example.
func (g *sampler) number(s *Schema, name string) any {
	example, _ := s.facets().Example.(json.Number)
	if v := g.timestamp(name, example, s.Type() == "integer", sinceEpoch(s)); v != "" && s.fits(v) {
		return v
	}
	if example != "" && s.fits(example) {
		return example
	}
	if v := g.between(s, name); s.fits(v) {
		return v
	}
	for _, v := range []any{s.facets().Default, json.Number("0"), json.Number("1"), decimalNumber(s.facets().Min), decimalNumber(s.facets().Max), decimalNumber(s.facets().MultipleOf)} {
		if v != nil && v != json.Number("") && s.fits(v) {
			return v
		}
	}
	return json.Number("0")
}

func decimalNumber(f *float64) json.Number {
	if f == nil {
		return ""
	}
	return json.Number(decimal(f))
}

// timestamp gives seconds or milliseconds since 1970 where a name or an example of that size asks for one.
func (g *sampler) timestamp(name string, example json.Number, integer, epoch bool) json.Number {
	size, _ := example.Float64()
	clock := named(name, "createdat", "updatedat", "expiresat", "iat", "exp", "timestamp", "created", "updated") && !named(name, "month", "year", "day", "in")
	switch {
	case size >= 1e12 && size < 3e12 && clock:
		return json.Number(strconv.FormatInt(g.moment(name).UnixMilli(), 10))
	case size >= 1e9 && size < 3e9 && clock, example == "" && (clock || epoch) && integer:
		return json.Number(strconv.FormatInt(g.moment(name).Unix(), 10))
	}
	return ""
}

// sinceEpoch tells a schema that counts seconds since 1970 by its words.
func sinceEpoch(s *Schema) bool {
	if s.Format() == "unix-time" {
		return true
	}
	about := strings.ToLower(s.Description())
	return strings.Contains(about, "unix epoch") || strings.Contains(about, "unix timestamp") || strings.Contains(about, "epoch seconds")
}

// between draws from the bounds, or from what is usual for the name.
func (g *sampler) between(s *Schema, name string) json.Number {
	low, high := 1.0, 1000.0
	year := float64(g.fake.Now().Year())
	switch {
	case name == "page" || named(name, "attempt", "version"):
		high = 1
	case named(name, "year", "ano"):
		low, high = year+1, year+4
	case named(name, "month", "mes"):
		high = 12
	case named(name, "day", "dia"):
		high = 28
	case named(name, "page", "count", "quantity", "installment", "limit"):
		high = 10
	case named(name, "percent", "rate", "spread"):
		high = 10
	}
	if s.facets().Min != nil {
		low, high = *s.facets().Min, max(high, *s.facets().Min+100)
	}
	if s.facets().Max != nil {
		high = *s.facets().Max
		if s.facets().Min == nil {
			low = min(low, high-100)
		}
	}
	if s.facets().Max != nil && s.facets().Min == nil && high >= 1 {
		low = 1
	}
	whole := s.Type() == "integer" || !named(name, "amount", "price", "rate", "fee", "total", "balance", "spread", "percent")
	if of := s.facets().MultipleOf; of != nil && *of > 0 {
		steps := math.Floor(high / *of) - math.Ceil(low / *of)
		n := math.Ceil(low / *of) + float64(g.fake.Intn(int(max(min(steps, 1e6), 0))+1))
		f := n * *of
		return decimalNumber(&f)
	}
	if whole && math.Floor(high) >= math.Ceil(low) {
		f := math.Ceil(low) + float64(g.fake.Intn(int(max(min(math.Floor(high)-math.Ceil(low), 1e9), 0))+1))
		return decimalNumber(&f)
	}
	f := low + (high-low)*float64(1+g.fake.Intn(998))/1000
	if rounded := math.Round(f*100) / 100; rounded > low && rounded < high {
		f = rounded
	}
	return decimalNumber(&f)
}

package openapi

import (
	"fmt"
	"strings"
)

// locality is a country and an address in it.
type locality struct {
	code, alpha3, numeric, country, currency, language string
	state, region, city, zip, district, street, bank   string
}

// places are addresses that nobody has: a city with the state and the form of postal code that belong to it.
var placesKnown = []locality{
	{"BR", "BRA", "076", "Brasil", "BRL", "pt-BR", "SP", "São Paulo", "Campinas", "13010-000", "Centro", "Rua %s", "Banco Exemplo"},
	{"CO", "COL", "170", "Colombia", "COP", "es-CO", "ANT", "Antioquia", "Medellín", "050001", "El Centro", "Calle %s", "Banco Ejemplo"},
	{"MX", "MEX", "484", "México", "MXN", "es-MX", "JAL", "Jalisco", "Guadalajara", "44100", "Centro", "Calle %s", "Banco Ejemplo"},
	{"AR", "ARG", "032", "Argentina", "ARS", "es-AR", "CBA", "Córdoba", "Villa María", "5900", "Centro", "Calle %s", "Banco Ejemplo"},
	{"CL", "CHL", "152", "Chile", "CLP", "es-CL", "VS", "Valparaíso", "Viña del Mar", "2520000", "Centro", "Calle %s", "Banco Ejemplo"},
	{"PE", "PER", "604", "Perú", "PEN", "es-PE", "ARE", "Arequipa", "Camaná", "04450", "Centro", "Calle %s", "Banco Ejemplo"},
	{"NG", "NGA", "566", "Nigeria", "NGN", "en-NG", "LA", "Lagos", "Ikeja", "100001", "Ikeja", "%s Street", "Example Bank"},
	{"ZA", "ZAF", "710", "South Africa", "ZAR", "en-ZA", "WC", "Western Cape", "Cape Town", "8001", "City Bowl", "%s Street", "Example Bank"},
	{"US", "USA", "840", "United States", "USD", "en-US", "OR", "Oregon", "Portland", "97201", "Downtown", "%s Street", "Example Bank"},
	{"DE", "DEU", "276", "Germany", "EUR", "de-DE", "HH", "Hamburg", "Hamburg", "20095", "Altstadt", "%sstraße", "Beispielbank"},
	{"GB", "GBR", "826", "United Kingdom", "GBP", "en-GB", "KEN", "Kent", "Dover", "CT16 1AA", "Old Town", "%s Road", "Example Bank"},
	{"PT", "PRT", "620", "Portugal", "EUR", "pt-PT", "13", "Porto", "Matosinhos", "4450-001", "Centro", "Rua %s", "Banco Exemplo"},
	{"NL", "NLD", "528", "Netherlands", "EUR", "nl-NL", "UT", "Utrecht", "Utrecht", "3511 AB", "Binnenstad", "%sstraat", "Voorbeeldbank"},
}

// person is whom an object is about: what is said of one in several properties goes together.
type person struct {
	first, last, company string
	cpf, cnpj            string
	phone                int
	house                int
	at                   locality
}

// who is the person of the object being invented, made on first need.
func (g *sampler) who() *person {
	if g.self == nil {
		g.self = &person{first: g.fake.Say("first-name"), last: g.fake.Say("last-name"), phone: g.fake.Intn(10_000_000), house: 1 + g.fake.Intn(900), at: *g.where()}
		g.self.company = g.self.last + " " + []string{"Ltd", "Inc", "SA", "& Sons", "Group"}[g.fake.Intn(5)]
		g.self.cpf, g.self.cnpj = newCPF(g.fake), newCNPJ(g.fake)
	}
	return g.self
}

// where is the place of all people in a sample.
func (g *sampler) where() *locality {
	if g.at == nil {
		g.at = &placesKnown[g.fake.Intn(len(placesKnown))]
	}
	return g.at
}

// someoneElse invents with another person, in the same place.
func (g *sampler) someoneElse(fn func()) {
	self := g.self
	g.self = nil
	fn()
	g.self = self
}

// role says whether a property holds somebody of their own, and not more about the one around it.
func role(name string) bool {
	return named(name, "payer", "payee", "customer", "sender", "receiver", "recipient", "beneficiary", "merchant", "buyer", "seller", "owner", "debtor", "creditor",
		"pagador", "recebedor", "devedor", "credor", "beneficiario", "cliente", "sacado", "cedente", "avalista", "destinatario", "remitente", "comprador", "vendedor", "guarantor")
}

// begin looks at what an object is given, and at the names of its properties, for who and where it is about.
func (g *sampler) begin(s *Schema, object map[string]any) {
	for name, v := range object {
		text, ok := v.(string)
		if !ok {
			continue
		}
		switch PlainName(name) {
		case "currency", "currencycode", "moeda", "moneda", "country", "countrycode", "pais":
			g.stand(func(p *locality) bool {
				return strings.EqualFold(p.currency, text) || strings.EqualFold(p.code, text) || strings.EqualFold(p.alpha3, text)
			})
		case "name", "fullname", "nome", "nombre", "holdername":
			if first, last, ok := strings.Cut(text, " "); ok && len(text) < 60 {
				who := *g.who()
				who.first, who.last = first, last[strings.LastIndexByte(last, ' ')+1:]
				g.self = &who
			}
		}
	}
	if g.at != nil {
		return
	}
	for _, f := range s.merged().fields {
		if brazilian(f.name) {
			g.stand(func(p *locality) bool { return p.code == "BR" })
			return
		}
		if listed := f.schema.listed(); len(listed) > 0 && named(f.name, "currency", "country", "moeda", "pais") {
			g.stand(func(p *locality) bool {
				for _, v := range listed {
					if text, _ := v.(string); strings.EqualFold(text, p.currency) || strings.EqualFold(text, p.code) {
						return true
					}
				}
				return false
			})
		}
	}
}

// stand chooses one of the places that are right.
func (g *sampler) stand(right func(*locality) bool) {
	if g.at != nil && right(g.at) {
		return
	}
	var fit []*locality
	for i := range placesKnown {
		if right(&placesKnown[i]) {
			fit = append(fit, &placesKnown[i])
		}
	}
	if len(fit) > 0 {
		g.at = fit[g.fake.Intn(len(fit))]
		if g.self != nil {
			g.self.at = *g.at
		}
	}
}

// brazilian names are those that only Portuguese has.
func brazilian(name string) bool {
	return named(name, "cpf", "cnpj", "cep", "nome", "valor", "cidade", "devedor", "recebedor", "vencimento", "chave", "descricao", "endereco", "bairro", "boleto", "pix", "txid", "uf", "pagador")
}

// email is made of the name.
func (p *person) email() string {
	return strings.Trim(asciiName(p.first)+"."+asciiName(p.last), ".") + "@example.com"
}

// asciiName is a name as it stands in an address.
func asciiName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case strings.ContainsRune("áàâãäå", r):
			b.WriteByte('a')
		case strings.ContainsRune("éèêë", r):
			b.WriteByte('e')
		case strings.ContainsRune("íìîï", r):
			b.WriteByte('i')
		case strings.ContainsRune("óòôõö", r):
			b.WriteByte('o')
		case strings.ContainsRune("úùûü", r):
			b.WriteByte('u')
		case r == 'ç':
			b.WriteByte('c')
		case r == 'ñ':
			b.WriteByte('n')
		}
	}
	return b.String()
}

// phones are the ways in which a number is written. 555 is nobody's.
func (p *person) phones() []string {
	return []string{
		fmt.Sprintf("+1555%07d", p.phone), fmt.Sprintf("555%07d", p.phone), fmt.Sprintf("11955%06d", p.phone%1_000_000), fmt.Sprintf("5511955%06d", p.phone%1_000_000),
		fmt.Sprintf("(11) 95555-%04d", p.phone%10_000), fmt.Sprintf("555-%04d", p.phone%10_000), fmt.Sprintf("9555%05d", p.phone%100_000), fmt.Sprintf("1555%07d", p.phone),
	}
}

func (p *person) line() string {
	return strings.TrimSpace(fmt.Sprintf(p.at.street, p.last)) + " " + fmt.Sprint(p.house)
}

// zips are the postal code with and without what stands between its digits.
func (p *person) zips() []string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, p.at.zip)
	return []string{p.at.zip, digits}
}

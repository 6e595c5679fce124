package openapi

import (
	"fmt"
	"strings"
)

// hint maps words in a property's name to a kind of text; the first that applies counts.
type hint struct {
	kind  string
	words []string
}

// personal kinds are new for every object; general ones give way to an example.
var (
	personal = []hint{
		{"email", []string{"email", "correo", "mail"}},
		{"phone", []string{"phone", "mobile", "telefone", "telefono", "celular", "whatsapp", "msisdn"}},
		{"first-name", []string{"firstname", "givenname", "middlename", "primeironome", "nombres", "forename"}},
		{"last-name", []string{"lastname", "surname", "familyname", "sobrenome", "apellido", "apellidos"}},
		{"company", []string{"companyname", "tradename", "legalname", "businessname", "razaosocial", "nomefantasia", "razonsocial", "nombrecomercial", "corporatename"}},
		{"name", []string{"fullname", "holdername", "ownername", "beneficiaryname", "customername", "payername", "recipientname", "cardholder", "accountholder", "nomecompleto", "titular"}},
		{"cpf", []string{"cpf"}},
		{"cnpj", []string{"cnpj"}},
		{"cpf", []string{"documentnumber", "taxid", "taxnumber", "documento", "nationalid", "ssn", "numerodocumento"}},
		{"iban", []string{"iban"}},
		{"emv", []string{"pixcopiaecola", "emv", "qrcodetext", "brcode", "qrcode", "copiaecola"}},
		{"typeable", []string{"linhadigitavel", "digitableline", "typeableline", "barcodetyped"}},
		{"barcode", []string{"codigobarras", "barcode", "codigodebarras"}},
		{"e2e", []string{"endtoendid", "e2eid", "endtoend"}},
		{"txid", []string{"txid"}},
		{"pix-key", []string{"pixkey", "chavepix", "chave"}},
		{"last4", []string{"last4", "lastfour", "lastdigits", "lastfourdigits", "ultimosdigitos"}},
	}
	general = []hint{
		{"bank", []string{"bankname", "nomebanco", "banco", "issuer"}},
		{"company", []string{"company", "empresa", "merchantname", "storename"}},
		{"word", []string{"username", "filename", "nickname", "login", "usuario"}},
		{"brand", []string{"brand", "cardtype", "cardnetwork", "bandeira"}},
		{"bin", []string{"bin", "iin", "cardbin", "firstsix", "first6"}},
		{"exp-month", []string{"expmonth", "expirymonth", "expirationmonth"}},
		{"exp-year", []string{"expyear", "expiryyear", "expirationyear"}},
		{"exp", []string{"expirationdate", "expirydate", "cardexpiration"}},
		{"bic", []string{"bic", "swift", "swiftcode"}},
		{"ispb", []string{"ispb"}},
		{"bank-code", []string{"bankcode", "compe", "bankid", "codigobanco"}},
		{"branch", []string{"agency", "agencia", "branch", "branchcode"}},
		{"account", []string{"accountnumber", "conta", "contacorrente", "cuenta", "clabe"}},
		{"routing", []string{"routingnumber", "sortcode"}},
		{"mcc", []string{"mcc", "merchantcategorycode"}},
		{"name", []string{"name", "nome", "nombre"}},
		{"district", []string{"district", "neighborhood", "neighbourhood", "bairro", "barrio", "colonia"}},
		{"house", []string{"housenumber", "streetnumber", "buildingnumber", "housenumberorname", "numero"}},
		{"street", []string{"street", "addressline", "addressline1", "line1", "logradouro", "endereco", "rua", "calle", "direccion", "streetline1"}},
		{"city", []string{"city", "cidade", "ciudad", "municipio", "adminarea2", "locality", "town"}},
		{"region", []string{"region", "statename", "estado"}},
		{"state", []string{"state", "province", "uf", "provincia", "adminarea1", "stateorprovince", "departamento"}},
		{"zip", []string{"zip", "zipcode", "postal", "postalcode", "cep", "codigopostal", "postcode"}},
		{"country", []string{"countryname", "nomepais"}},
		{"country-code", []string{"nationality", "country", "pais", "countrycode", "nacionalidade"}},
		{"currency", []string{"currency", "moeda", "moneda", "currencycode"}},
		{"locale", []string{"locale", "language", "idioma", "lang"}},
		{"zone", []string{"timezone", "fuso"}},
		{"agent", []string{"useragent"}},
		{"ip", []string{"ip", "ipaddress", "clientip", "remoteip"}},
		{"host", []string{"host", "hostname", "domain", "dominio"}},
		{"mime", []string{"contenttype", "mimetype", "mediatype"}},
		{"url", []string{"url", "uri", "link", "website", "href", "callback", "webhook", "site"}},
		{"street", []string{"address"}},
		{"sentence", []string{"description", "message", "reason", "note", "comment", "descricao", "mensagem", "descripcion", "mensaje", "motivo", "observacao", "solicitacaopagador", "memo", "instructions"}},
		{"hex", []string{"token", "secret", "hash", "signature", "fingerprint", "checksum", "digest", "nonce"}},
		{"version", []string{"version", "versao", "apiversion"}},
		{"amount", []string{"amount", "balance", "price", "fee", "total", "rate", "valor", "monto", "importe", "saldo", "preco", "precio", "tarifa"}},
		{"digits", []string{"number", "document", "code", "codigo", "nossonumero", "numerodocumento", "protocol"}},
	}
)

// said are the texts of the first kind that a name asks for.
func (g *sampler) said(hints []hint, s *Schema, name string) []string {
	if words := splitWords(name); len(words) > 1 {
		switch words[len(words)-1] {
		case "url", "uri", "href", "link":
			return g.kinds("url", s)
		}
	}
	for _, h := range hints {
		if named(name, h.words...) {
			return g.kinds(h.kind, s)
		}
	}
	return nil
}

// kinds are texts of a kind, in the ways in which it is written.
func (g *sampler) kinds(kind string, s *Schema) []string {
	p := g.who()
	switch kind {
	case "email":
		return []string{p.email()}
	case "phone":
		return p.phones()
	case "first-name":
		return []string{p.first}
	case "last-name":
		return []string{p.last}
	case "name":
		return []string{p.first + " " + p.last, p.last}
	case "company":
		return []string{p.company}
	case "cpf":
		return []string{p.cpf, maskedCPF(p.cpf), p.cnpj}
	case "cnpj":
		return []string{p.cnpj, maskedCNPJ(p.cnpj)}
	case "street":
		return []string{p.line()}
	case "house":
		return []string{fmt.Sprint(p.house)}
	case "district":
		return []string{p.at.district}
	case "city":
		return []string{p.at.city}
	case "state":
		return []string{p.at.state, p.at.region}
	case "region":
		return []string{p.at.region, p.at.state}
	case "zip":
		return p.zips()
	case "country":
		return []string{p.at.country, p.at.code}
	case "country-code":
		return []string{p.at.code, p.at.alpha3, p.at.numeric}
	case "currency":
		return inCase(s, p.at.currency)
	case "locale":
		return []string{p.at.language, p.at.language[:2], strings.ReplaceAll(p.at.language, "-", "_")}
	}
	if text := g.bankKinds(kind, p); text != nil {
		return text
	}
	return g.plainKinds(kind)
}

// inCase is a currency as the schema seems to want it: in small letters where it says so.
func inCase(s *Schema, code string) []string {
	if strings.Contains(strings.ToLower(s.Description()), "lowercase") {
		return []string{strings.ToLower(code), code}
	}
	return []string{code, strings.ToLower(code)}
}

// bankKinds are about accounts, cards and instant payments.
func (g *sampler) bankKinds(kind string, p *person) []string {
	switch kind {
	case "iban":
		return []string{newIBAN(g.fake, p.at.code)}
	case "bic":
		return []string{newBIC(p.at.code), newBIC(p.at.code)[:8]}
	case "bank":
		return []string{p.at.bank}
	case "ispb":
		return []string{string(digitsOf(g.fake, 8))}
	case "bank-code":
		return []string{string(digitsOf(g.fake, 3)), string(digitsOf(g.fake, 8))}
	case "branch":
		return []string{string(digitsOf(g.fake, 4))}
	case "account":
		return []string{string(digitsOf(g.fake, 8)), string(digitsOf(g.fake, 10)), string(digitsOf(g.fake, 18))}
	case "routing":
		return []string{string(digitsOf(g.fake, 9)), string(digitsOf(g.fake, 6))}
	case "mcc":
		return []string{[]string{"5734", "5812", "7372", "8999"}[g.fake.Intn(4)]}
	case "barcode":
		code := newBarcode(g.fake)
		return []string{code, typeableLine(code)}
	case "typeable":
		code := newBarcode(g.fake)
		return []string{typeableLine(code), code}
	case "emv":
		return []string{newEMV(g.fake, p.first, p.at.city, p.email())}
	case "e2e":
		return []string{"E" + string(digitsOf(g.fake, 8)) + g.fake.Now().Format("200601021504") + g.fake.Say("hex")[:11]}
	case "txid":
		return []string{g.fake.Say("hex")}
	case "pix-key":
		return []string{g.fake.Say("uuid"), p.email(), p.cpf}
	case "last4":
		return []string{string(digitsOf(g.fake, 4))}
	case "brand":
		return []string{"visa", "VISA", "mastercard"}
	case "bin":
		return []string{"400000", "40000000"}
	case "exp-month":
		return []string{fmt.Sprintf("%02d", 1+g.fake.Intn(12))}
	case "exp-year":
		return []string{fmt.Sprint(g.fake.Now().Year() + 1 + g.fake.Intn(4)), fmt.Sprintf("%02d", (g.fake.Now().Year()+1+g.fake.Intn(4))%100)}
	case "exp":
		at := g.fake.Now().AddDate(1+g.fake.Intn(4), 0, 0)
		return []string{at.Format("01/2006"), at.Format("2006-01"), at.Format("01/06")}
	}
	return nil
}

// plainKinds are about nobody.
func (g *sampler) plainKinds(kind string) []string {
	switch kind {
	case "amount":
		return []string{fmt.Sprintf("%d.%02d", 1+g.fake.Intn(999), g.fake.Intn(100)), fmt.Sprint(1 + g.fake.Intn(999))}
	case "digits":
		return []string{fmt.Sprintf("%09d", 100_000_000+g.fake.Intn(900_000_000)), string(digitsOf(g.fake, 14)), string(digitsOf(g.fake, 5)), string(digitsOf(g.fake, 3))}
	case "zone":
		return []string{"America/Sao_Paulo", "UTC"}
	case "agent":
		return []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"}
	case "ip":
		return []string{g.fake.Say("ipv4"), g.fake.Say("ipv6")}
	case "host":
		return []string{g.fake.Say("word") + ".example.com"}
	case "mime":
		return []string{"application/json", "image/png"}
	case "version":
		return []string{"1.0.0", "1.0", "1"}
	}
	return []string{g.fake.Say(kind)}
}

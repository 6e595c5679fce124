package scenarios

import (
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// Parameters of lists whose names alone do not tell a field. What is called
// like a field, or like a bound of one, is understood without them.
var (
	sinceParams  = wordSet("inicio datainicio datainicial desde startdate datefrom fromdate begindate createdfrom from")
	untilParams  = wordSet("fim datafim datafinal ate hasta enddate dateto todate createdto to")
	searchParams = wordSet("q search searchterm term keyword keywords busca texto freetext")
	// textFields are what is searched through.
	textFields = wordSet("name firstname lastname fullname personname description email title label code reference number document cnpjcpf sku phone externalid customname nickname")
)

// filters are the parameters that ask for a time, or for a word anywhere.
func (g *guess) filters(k *shape, plan *openapi.Plan) {
	l := g.lookOf(k)
	for _, p := range plan.Params {
		word := plainWord(p.Name)
		if p.In != "query" || p.Schema == nil || p.Schema.Type() != "string" || l.object != nil && l.object.Has(p.Name) {
			continue
		}
		switch {
		case sinceParams[word]:
			g.out.Where = append(g.out.Where, Filter{Param: p.Name, Field: "created", Op: "from"})
		case untilParams[word]:
			g.out.Where = append(g.out.Where, Filter{Param: p.Name, Field: "created", Op: "to"})
		case searchParams[word] && l.object != nil:
			if fields := searched(l.object); len(fields) > 0 {
				g.out.Where = append(g.out.Where, Filter{Param: p.Name, Fields: fields, Op: "contains"})
			}
		}
	}
}

// searched are the texts of an object that a word is looked for in.
func searched(s *openapi.Schema) []string {
	var out []string
	for _, name := range s.Properties() {
		if p := s.Property(name); textFields[plainWord(name)] && p.Type() == "string" && p.Format() != "uuid" && !slices.Contains(out, name) && !strings.Contains(name, ".") {
			out = append(out, name)
		}
	}
	return out[:min(len(out), 8)]
}

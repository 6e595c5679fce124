package openapi

// truth is a boolean that suits a name: what exists is active, on no real money, and nothing has happened to it yet.
func (g *sampler) truth(name string) bool {
	switch {
	case named(name, "livemode", "live", "more", "next", "last", "deleted", "error", "test") || unlikely(name) || later(name):
		return false
	case named(name, "active", "enabled", "valid", "success", "status", "sandbox", "available", "ativo", "activo"):
		return true
	case g.mode == full:
		return g.fake.Intn(2) == 0
	}
	return false
}

// beginnings are words for the state of what was just made, the most telling first.
var beginnings = []string{
	"requirespaymentmethod", "created", "draft", "new", "open", "opened", "pending", "active", "ativa", "aberto", "pendente", "criado", "enabled", "registered",
	"initiated", "incomplete", "unpaid", "waiting", "processing", "available",
}

// likely chooses a listed value that goes with the rest of the object: its currency or country, or for a state where things begin.
func (g *sampler) likely(s *Schema, name string) any {
	listed := s.listed()
	find := func(word string) any {
		for _, v := range listed {
			if text, ok := v.(string); ok && PlainName(text) == PlainName(word) && s.fits(v) {
				return v
			}
		}
		return nil
	}
	switch {
	case named(name, "currency", "moeda", "moneda"):
		return find(g.where().currency)
	case named(name, "country", "pais", "nationality"):
		if v := find(g.where().code); v != nil {
			return v
		}
		return find(g.where().alpha3)
	case g.mode != full && named(name, "status", "state", "situacao", "estado"):
		for _, word := range beginnings {
			if v := find(word); v != nil {
				return v
			}
		}
	}
	return nil
}

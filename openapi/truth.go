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

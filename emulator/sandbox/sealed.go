package sandbox

// sealed lists what scenarios keep encrypted in the hidden part of their rows.
func (w *World) sealed() map[string][]string {
	out := map[string][]string{}
	for _, p := range w.o.Providers {
		for _, r := range p.Scenario.Resources {
			if len(r.Sealed) > 0 {
				out[p.Name()+"/"+r.Kind] = r.Sealed
			}
		}
	}
	return out
}

package openapi

import "slices"

// overlap says of a request that fits several variants of a oneOf whether to take it all the same. Published contracts write oneOf where they mean
// anyOf: variants that differ in optional properties only would refuse every body. Variants of which each asks for something that the other does not
// exclude one another, and whoever sends both things is told.
func (w *walker) overlap(variants []*child, v any, here frame) bool {
	var fit []*view
	for _, c := range variants {
		if w.fits(c.schema(), v, here) {
			fit = append(fit, c.schema().merged())
		}
	}
	for i, a := range fit {
		for _, b := range fit[i+1:] {
			if a.asksMore(b) && b.asksMore(a) {
				return false
			}
		}
	}
	return true
}

// asksMore says whether a schema requires a property that another one does not.
func (v *view) asksMore(than *view) bool {
	return slices.ContainsFunc(v.required, func(name string) bool { return !than.requires(name) })
}

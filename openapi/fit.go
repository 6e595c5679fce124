package openapi

// Fit makes v into a value that the schema accepts: what fits stays as it is, what does not and what is missing is
// invented. The same faker gives the same value.
func (s *Schema) Fit(v any, f Faker) any {
	if v != nil && s.fits(v) {
		return v
	}
	if object, ok := v.(map[string]any); ok {
		if made := s.Sample(f, object); s.fits(made) {
			return made
		}
	}
	return s.Sample(f, nil)
}

package scenarios

import "slices"

// sealed checks that nothing asks the store for what is encrypted there.
func (c *check) sealed(r *Resource, what string) {
	for i, name := range r.Sealed {
		if name == "" || slices.Contains(r.Sealed[:i], name) {
			c.fail(r.Line, "%s, sealed: %q is no name, or is there twice", what, name)
			continue
		}
		path := "hidden." + name
		if slices.Contains(r.Index, path) || r.Alias == path {
			c.fail(r.Line, "%s, sealed: %s is encrypted at rest, so it can be no index and no alias", what, name)
		}
		if ch := c.s.Challenge; ch != nil && ch.Kind == r.Kind && ch.Token == path {
			c.fail(r.Line, "%s, sealed: %s is how a challenge is found, and what is encrypted at rest cannot be found", what, name)
		}
		for _, o := range c.s.Operations {
			if o.Kind != r.Kind {
				continue
			}
			for _, f := range o.Where {
				if f.Field == path || slices.Contains(f.Fields, path) {
					c.fail(max(f.Line, o.Line), "%s: %s of %s is encrypted at rest, so no filter can ask for it", o.Key, name, r.Kind)
				}
			}
			if o.Once != nil && o.Once.Field == path {
				c.fail(o.Line, "%s: %s of %s is encrypted at rest, so no reference can stand there", o.Key, name, r.Kind)
			}
		}
	}
}

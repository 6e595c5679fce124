package openapi

// knows says whether a keyword of the schema, or of one that is about the same value and accepts it, is about a property: what
// unevaluatedProperties leaves alone.
func (w *walker) knows(s *Schema, object map[string]any, name string, up frame) bool {
	n := s.rules()
	if n.props[name] != nil || n.extra != nil || n.said {
		return true
	}
	for _, p := range n.patterns {
		if p.matches.MatchString(name) {
			return true
		}
	}
	return w.someone(n, object, func(part *Schema) bool {
		return part.rules().restProps != nil || w.knows(part, object, name, 0)
	}, up, s)
}

// knowsItem is knows for the item at a place of a list.
func (w *walker) knowsItem(s *Schema, list []any, i int, up frame) bool {
	n := s.rules()
	if n.item(i) != nil || n.contains != nil && w.fits(n.contains.schema(), list[i], 0) {
		return true
	}
	return w.someone(n, list, func(part *Schema) bool {
		return part.rules().restItems != nil || w.knowsItem(part, list, i, 0)
	}, up, s)
}

// someone asks the schemas that are about the same value and accept it.
func (w *walker) someone(n *rules, v any, ask func(*Schema) bool, up frame, s *Schema) bool {
	if w.left -= 10; w.left < 0 {
		return true
	}
	here := w.enter(s, up)
	defer w.leave()
	try := func(c *child, must bool) bool {
		if c == nil || w.round(up, c.schema()) || c.schema() == s {
			return false
		}
		return (!must || w.fits(c.schema(), v, here)) && ask(c.schema())
	}
	for _, c := range n.allOf {
		if try(c, false) {
			return true
		}
	}
	for _, c := range n.variants() {
		if try(c, true) {
			return true
		}
	}
	if n.cond != nil {
		if w.fits(n.cond.schema(), v, here) {
			if try(n.cond, false) || try(n.then, false) {
				return true
			}
		} else if try(n.els, false) {
			return true
		}
	}
	if object, ok := v.(map[string]any); ok {
		for name, c := range n.holds {
			if _, there := object[name]; there && try(c, false) {
				return true
			}
		}
	}
	return false
}

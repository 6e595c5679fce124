package sandbox

// Route says what one operation of a provider does and how much of it is real.
type Route struct {
	Operation string `json:"operation"`
	Action    string `json:"action"`
	Depth     string `json:"depth"`
	Why       string `json:"why"`
}

// Routes binds every operation of the contract, in its order.
func (p *Provider) Routes() ([]Route, error) {
	ops := p.Contract.Operations()
	out := make([]Route, 0, len(ops))
	for _, op := range ops {
		b, err := p.Binding(op)
		if err != nil {
			return nil, err
		}
		action := b.Spec.Verb
		if b.Spec.Kind != "" {
			action += " " + b.Spec.Kind
		}
		out = append(out, Route{Operation: op.Key(), Action: action, Depth: b.Depth, Why: b.Why})
	}
	return out, nil
}

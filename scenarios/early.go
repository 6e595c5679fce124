package scenarios

// NeedsOnly reports an expression that depends on nothing but the given names:
// it can be evaluated before the store is asked, and gives the same value.
func (p *Program) NeedsOnly(known func(name string) bool) bool {
	if p == nil {
		return true
	}
	if p.ready() != nil || p.world {
		return false
	}
	for _, path := range p.paths {
		if !known(path[0]) {
			return false
		}
	}
	return true
}

// NeedsOnly is the same for every expression of a template.
func (v *Value) NeedsOnly(known func(name string) bool) bool {
	switch v.kind {
	case isProgram:
		return v.program.NeedsOnly(known)
	case isMapping:
		for _, f := range v.fields {
			if !f.Value.NeedsOnly(known) {
				return false
			}
		}
	case isSequence:
		for _, item := range v.list {
			if !item.NeedsOnly(known) {
				return false
			}
		}
	}
	return true
}

// Prepare builds what was put off, for somebody who has time now.
func (p *Program) Prepare() {
	if p != nil {
		_ = p.ready() // the first use says what is wrong
	}
}

// Prepare is the same for every expression of a template.
func (v *Value) Prepare() {
	if v == nil {
		return
	}
	v.program.Prepare()
	for _, f := range v.fields {
		f.Value.Prepare()
	}
	for _, item := range v.list {
		item.Prepare()
	}
}

// EvalField evaluates one field; ok is false where EvalFields would leave it
// out.
func (f FieldValue) EvalField(env *Env) (value any, ok bool, err error) {
	value, err = f.Value.Eval(env)
	return value, err == nil && (value != nil || f.Value.kind != isProgram), err
}

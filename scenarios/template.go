package scenarios

import "encoding/json"

// Value is a compiled template.
type Value struct {
	program  *Program
	constant any
	fields   []FieldValue
	list     []*Value
	kind     valueKind
}

// FieldValue is one entry of a mapping template.
type FieldValue struct {
	Name  string
	Value *Value
}

type valueKind uint8

const (
	isConstant valueKind = iota
	isProgram
	isMapping
	isSequence
)

// CompileTemplate compiles every expression of a template; its error lists
// all that do not compile. A template that was not written is the constant nil.
func CompileTemplate(t Template, scope Scope) (*Value, error) {
	var all Errors
	v := compileTemplate(t, scope, &all)
	if len(all) > 0 {
		return nil, all.orOne()
	}
	return v, nil
}

func compileTemplate(t Template, scope Scope, all *Errors) *Value {
	switch {
	case t.Expr != "":
		p, err := Compile(t.Expr, t.Line, scope)
		if err != nil {
			all.add(err)
			return &Value{}
		}
		return &Value{kind: isProgram, program: p}
	case t.Const != nil:
		return &Value{constant: *t.Const}
	case t.Map || t.Fields != nil:
		v := &Value{kind: isMapping, fields: make([]FieldValue, len(t.Fields))}
		for i, f := range t.Fields {
			v.fields[i] = FieldValue{f.Name, compileTemplate(f.Value, scope, all)}
		}
		return v
	case t.Seq || t.List != nil:
		v := &Value{kind: isSequence, list: make([]*Value, len(t.List))}
		for i, item := range t.List {
			v.list[i] = compileTemplate(item, scope, all)
		}
		return v
	}
	return &Value{}
}

// Eval gives the template's value. In a mapping an expression that gives nil
// drops its key; a written null stays.
func (v *Value) Eval(env *Env) (any, error) {
	switch v.kind {
	case isProgram:
		return v.program.Run(env)
	case isMapping:
		out := make(map[string]any, len(v.fields))
		err := v.EvalFields(env, func(name string, value any) error {
			out[name] = value
			return nil
		})
		return out, err
	case isSequence:
		out := make([]any, len(v.list))
		for i, item := range v.list {
			var err error
			if out[i], err = item.Eval(env); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v.constant, nil
}

// EvalFields evaluates a mapping in file order and hands over every field
// that has a value. Anything but a mapping has no fields.
func (v *Value) EvalFields(env *Env, each func(name string, value any) error) error {
	for _, f := range v.fields {
		value, err := f.Value.Eval(env)
		if err != nil {
			return err
		}
		if value == nil && f.Value.kind == isProgram {
			continue
		}
		if err := each(f.Name, value); err != nil {
			return err
		}
	}
	return nil
}

// Fields are the entries of a mapping, in file order.
func (v *Value) Fields() []FieldValue { return v.fields }

// Field is one entry of a mapping, or nil.
func (v *Value) Field(name string) *Value {
	for _, f := range v.fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// IsMapping tells a mapping template from a single expression or constant.
func (v *Value) IsMapping() bool { return v.kind == isMapping }

// Constant is the value of a template that needs no Env.
func (v *Value) Constant() (any, bool) {
	switch v.kind {
	case isConstant:
		return v.constant, true
	case isProgram:
		return v.program.Constant()
	}
	return nil, false
}

var _ json.Marshaler = Decimal{}

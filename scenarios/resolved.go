package scenarios

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Resolve gives the form of a scenario that is embedded: compact JSON, the
// same bytes for the same file.
func Resolve(s *Scenario) ([]byte, error) {
	restore := markNulls(s)
	defer restore()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// markNulls writes the constant null as {}: a constant is a scalar otherwise,
// and JSON would drop the pointer to a null.
func markNulls(s *Scenario) (restore func()) {
	var marked []*Template
	eachTemplate(s, func(t *Template) {
		if t.Const != nil && *t.Const == nil {
			*t.Const = map[string]any{}
			marked = append(marked, t)
		}
	})
	return func() {
		for _, t := range marked {
			*t.Const = nil
		}
	}
}

var templateType = reflect.TypeFor[Template]()

// eachTemplate visits every template of a scenario, nested ones too.
func eachTemplate(s *Scenario, visit func(*Template)) {
	walkTemplates(reflect.ValueOf(s), visit)
}

func walkTemplates(v reflect.Value, visit func(*Template)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Type().Elem().Kind() == reflect.Struct {
			walkTemplates(v.Elem(), visit)
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer {
			for i := range v.Len() {
				walkTemplates(v.Index(i), visit)
			}
		}
	case reflect.Struct:
		if v.Type() == templateType {
			visitTemplate(v.Addr().Interface().(*Template), visit)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walkTemplates(v.Field(i), visit)
			}
		}
	}
}

func visitTemplate(t *Template, visit func(*Template)) {
	visit(t)
	for i := range t.List {
		visitTemplate(&t.List[i], visit)
	}
	for i := range t.Fields {
		visitTemplate(&t.Fields[i].Value, visit)
	}
}

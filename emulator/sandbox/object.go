package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
)

// object is a stored resource opened up for expressions and changes.
type object struct {
	kind   *Kind
	row    store.Resource
	body   map[string]any
	hidden map[string]any
	stored []byte // the body as it was read

	timers    []store.Timer // of its timed moves, once this act has set them
	scheduled bool
}

func openObject(kind *Kind, row store.Resource) (*object, error) {
	o := &object{kind: kind, row: row, stored: row.Body}
	var err error
	if o.body, err = decodeMap(row.Body); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind.Name, row.ID, err)
	}
	if o.hidden, err = decodeMap(row.Hidden); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind.Name, row.ID, err)
	}
	return o, nil
}

func decodeMap(b []byte) (map[string]any, error) {
	if len(b) == 0 {
		return map[string]any{}, nil
	}
	v, bad := openapi.DecodeOwn(b)
	if bad != nil {
		return nil, fmt.Errorf("stored body: %s", bad.Rule)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("stored body is not an object")
	}
	return m, nil
}

// vars is the object as expressions see it: its public body with id, owner,
// status and hidden beside.
func (o *object) vars() map[string]any {
	m := make(map[string]any, len(o.body)+4)
	maps.Copy(m, o.body)
	m["id"] = o.row.ID
	m["owner"] = o.row.Owner
	m["hidden"] = maps.Clone(o.hidden)
	if o.row.Status != "" {
		m["status"] = o.row.Status
	}
	return m
}

// seal renders body and hidden into the row.
func (o *object) seal() error {
	o.maskCards()
	var err error
	if o.row.Body, err = openapi.Marshal(o.body, o.kind.schema); err != nil {
		return fmt.Errorf("%s %s: %w", o.kind.Name, o.row.ID, err)
	}
	o.row.Hidden = nil
	if len(o.hidden) > 0 {
		if o.row.Hidden, err = openapi.Marshal(o.hidden, nil); err != nil {
			return fmt.Errorf("%s %s: hidden: %w", o.kind.Name, o.row.ID, err)
		}
	}
	return nil
}

// put stores one value that a template gave. `hidden` goes to the part that
// is never shown, `owner` moves the row, and what is not in the shape is
// dropped: a stored body can always be shown.
func (o *object) put(name string, value any) {
	switch {
	case name == "hidden":
		if m, ok := value.(map[string]any); ok {
			for key, v := range m {
				setOrDrop(o.hidden, key, v)
			}
		}
	case name == "owner" && !o.kind.shape["owner"]:
		o.row.Owner, _ = value.(string)
	default:
		o.copy(name, value)
	}
}

// copy stores one value that the caller sent under its own name. `owner` and
// `hidden` mean nothing there: only a template says whose a row is.
func (o *object) copy(name string, value any) {
	switch {
	case o.kind.shape != nil && !o.kind.shape[name]:
	case value == nil && o.kind.nullable[name]:
		o.body[name] = nil
	default:
		setOrDrop(o.body, name, value)
	}
}

func setOrDrop(m map[string]any, key string, value any) {
	if value == nil {
		delete(m, key)
		return
	}
	m[key] = value
}

// project renders the object for a face: only the properties of view (nil =
// all), the status in that face's words.
func (o *object) project(face string, view map[string]bool, order *openapi.Schema) (json.RawMessage, error) {
	words := o.kind.speak[face]
	if view == nil && words == nil && o.row.Body != nil {
		return o.row.Body, nil
	}
	return o.projectWith(face, view, order, nil)
}

// projectWith adds properties that are not stored in the object itself.
func (o *object) projectWith(face string, view map[string]bool, order *openapi.Schema, extra map[string]any) (json.RawMessage, error) {
	words := o.kind.speak[face]
	out := make(map[string]any, len(o.body)+len(extra))
	maps.Copy(out, extra)
	for key, v := range o.body {
		if _, given := extra[key]; !given && (view == nil || view[key]) {
			out[key] = v
		}
	}
	field := o.kind.spec.Status.Field
	if word, ok := words[o.row.Status]; ok && out[field] != nil {
		out[field] = word
	}
	return openapi.Marshal(out, order)
}

package sandbox

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// enclosure is one object on the way to what an operation is about.
type enclosure struct {
	kind  *Kind
	id    *scenarios.Program
	param string // the path parameter that it is in, "" = an expression of its own
	src   string
}

func (b *Binding) compileWithin(c *compiler) error {
	for _, w := range b.Spec.Within {
		kind, err := b.provider.Kind(w.Kind)
		if err != nil {
			return err
		}
		e := enclosure{kind: kind, id: c.program(w.ID, b.Spec.Line), src: w.ID}
		if name, ok := strings.CutPrefix(w.ID, "request.path."); ok && !strings.ContainsAny(name, ".[](?) ") {
			e.param = name
		} else if name, ok := strings.CutPrefix(w.ID, `request.path["`); ok && strings.HasSuffix(name, `"]`) && strings.Count(name, `"`) == 1 {
			e.param = strings.TrimSuffix(name, `"]`)
		}
		b.within = append(b.within, e)
	}
	return nil
}

// direct reports that no expression is needed to find the way.
func (b *Binding) direct() bool {
	for _, e := range b.within {
		if e.param == "" {
			return false
		}
	}
	return true
}

// enclosing finds the objects on the way: each must be there, and belong to
// the one before it. It gives the last one's id, "" = there is no way.
func (a *act) enclosing(b *Binding, c *Call) (parent string, err error) {
	for i, e := range b.within {
		id, pointer := "", "/path/"+e.param
		if e.param != "" {
			id = idText(c.Values.Path[e.param])
		} else {
			v, err := e.id.Run(&a.env)
			if err != nil {
				return "", err
			}
			id, pointer = idText(v), exprPointer(e.src)
		}
		var outer *enclosure
		if i > 0 {
			outer = &b.within[i-1]
		}
		row, ok, err := a.child(e.kind, outer, parent, id, e.param)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", a.missing(e.kind, pointer, id)
		}
		parent = row.ID
	}
	return parent, nil
}

// inside is the last object on the way to what the binding is about.
func (b *Binding) inside() *enclosure {
	if len(b.within) == 0 {
		return nil
	}
	return &b.within[len(b.within)-1]
}

// child finds a row by its own id, under a parent where there is one. Where
// unknown ids are made, it is made.
func (a *act) child(kind *Kind, outer *enclosure, parent, id, param string) (row store.Resource, ok bool, err error) {
	if id == "" || strings.ContainsRune(id, 0) {
		return row, false, nil
	}
	o, err := a.get(kind, id)
	if err != nil {
		return row, false, err
	}
	elsewhere := false
	if o != nil {
		if outer == nil || a.belongs(o, outer, parent) {
			return o.row, true, nil
		}
		elsewhere = true
	}
	if outer != nil {
		row, ok, err = a.conn.Resource(kind.Name, scopedID(parent, id))
		if err != nil || ok {
			return row, ok, err
		}
	}
	if elsewhere {
		return row, false, nil
	}
	if o, err = a.called(kind, param, id); err != nil {
		return row, false, err
	} else if o != nil && (outer == nil || a.belongs(o, outer, parent)) {
		return o.row, true, nil
	}
	if o, err = a.conjure(kind, outer, parent, id); o == nil || err != nil {
		return row, false, err
	}
	return o.row, true, nil
}

// called finds an object by another property than its id, where the path's
// parameter is called like one.
func (a *act) called(kind *Kind, param, value string) (*object, error) {
	field := kind.namedBy(param)
	if field == "" {
		return nil, nil
	}
	row, ok, err := a.conn.FindResource(kind.Name, a.scopeOwner(kind), kind.path(field), asKept(value))
	if err != nil || !ok {
		return nil, err
	}
	return a.open(kind, row)
}

// namedBy is the property that a path's parameter is called like, "" = none or
// the id.
func (k *Kind) namedBy(param string) string {
	if !k.nature.whole || param == "" || param == "id" || k.shape == nil {
		return ""
	}
	snake := scenarios.SnakeCase(param)
	for _, name := range []string{param, snake, camel(snake), k.Short + "_" + snake, camel(k.Short + "_" + snake)} {
		if k.shape[name] && askable(name) {
			if name == k.nature.idField {
				return ""
			}
			return name
		}
	}
	return ""
}

// belongs reports that an object is a child of a parent.
func (a *act) belongs(o *object, outer *enclosure, parent string) bool {
	if outer == nil {
		return true
	}
	if up := o.kind.spec.Parent; up != nil && up.Kind == outer.kind.Short {
		return o.row.Parent == parent
	}
	if field := o.kind.linkTo(outer.kind.Short); field != "" && o.body[field] != nil {
		return idText(o.body[field]) == parent
	}
	links, _ := o.hidden[linksField].(map[string]any)
	if links[outer.kind.Short] != nil {
		return links[outer.kind.Short] == parent
	}
	return true // nothing says whose it is
}

// linksField keeps what an object was made under and does not show.
const linksField = "under"

// linkTo is the property that holds the id of an object of another kind.
func (k *Kind) linkTo(short string) string {
	for _, pairs := range [][]scenarios.Pair{k.spec.References, k.spec.Expand} {
		for _, pair := range pairs {
			if pair.Value == short && (k.shape == nil || k.shape[pair.Name]) {
				return pair.Name
			}
		}
	}
	return ""
}

// attach puts a new object under its parent.
func (o *object) attach(outer *Kind, parent string) {
	field := ""
	if up := o.kind.spec.Parent; up != nil && up.Kind == outer.Short {
		o.row.Parent, field = parent, up.Field
	} else if field = o.kind.linkTo(outer.Short); field == "" {
		links, _ := o.hidden[linksField].(map[string]any)
		if links == nil {
			links = map[string]any{}
		}
		links[outer.Short] = parent
		o.hidden[linksField] = links
	}
	if field != "" && (o.kind.shape == nil || o.kind.shape[field]) {
		o.body[field] = o.kind.heldAs(field, outer.idValue(parent))
	}
}

// heldAs is a reference in the form that its property has: some show an object
// with an id.
func (k *Kind) heldAs(field string, id any) any {
	if k.schema == nil {
		return id
	}
	s := k.schema.Property(field)
	if s == nil || len(s.Validate(id, "")) == 0 {
		return id
	}
	if text := idText(id); len(s.Validate(text, "")) == 0 {
		return text
	}
	if s.Type() == "object" && s.Has("id") {
		return map[string]any{"id": id}
	}
	return id
}

// settle keeps the parent of a row what its field says.
func (o *object) settle() {
	up := o.kind.spec.Parent
	if up == nil || up.Field == "" {
		return
	}
	if id := idText(o.body[up.Field]); id != "" {
		o.row.Parent = id
	}
}

// under limits a list to the children of one parent.
func (k *Kind) under(in *enclosure, parent string, q *store.Query) {
	if in == nil {
		return
	}
	field := k.linkTo(in.kind.Short)
	switch up := k.spec.Parent; {
	case up != nil && up.Kind == in.kind.Short:
		q.Parent = parent
	case field != "":
		q.Where = append(q.Where, store.Cond{Op: "any", Value: []store.Cond{
			{Path: k.path(field), Op: "=", Value: parent}, {Path: k.path(field) + ".id", Op: "=", Value: parent},
		}})
	default:
		q.Where = append(q.Where, store.Cond{Path: "hidden." + linksField + "." + in.kind.Short, Op: "=", Value: parent})
	}
}

// errWrite says that an answer needs something to be made first.
var errWrite = errors.New("only a write can answer this")

// conjure makes an object that somebody asks for by an id that nobody was
// given, where the sandbox does that; nil = it is not made.
func (a *act) conjure(kind *Kind, outer *enclosure, parent, id string) (*object, error) {
	if a.s.w.o.UnknownIDs != "create" || kind.table != nil || !kind.nature.whole {
		return nil, nil
	}
	hidden, gone, err := a.conn.Removed(kind.Name, id)
	if err != nil || gone && !unasked(hidden) {
		return nil, err
	}
	if a.tx == nil {
		return nil, errWrite
	}
	return a.makeNew(draft{kind: kind, id: id, outer: outer, parent: parent, unasked: true})
}

// unaskedField marks what nobody made. Once it is removed, its id is one that
// nobody was given again; what a request made stays removed.
const unaskedField = "unasked"

func unasked(hidden []byte) bool {
	var kept map[string]any
	return json.Unmarshal(hidden, &kept) == nil && kept[unaskedField] == true
}

// known finds an object that something refers to.
func (a *act) known(kind *Kind, id string) (*object, error) {
	o, err := a.get(kind, id)
	if o != nil || err != nil || id == "" || strings.ContainsRune(id, 0) {
		return o, err
	}
	return a.conjure(kind, nil, "", id)
}

// only finds the one object of a singleton, of one parent's where it has
// parents. One that is assumed is made when it is first looked at.
func (a *act) only(b *Binding, parent string) (*object, error) {
	q := store.Query{Kind: b.kind.Name, Owner: a.scopeOwner(b.kind), Limit: 1}
	if parent != "" {
		b.kind.under(b.inside(), parent, &q)
	}
	rows, err := a.found(b.kind, q, nil)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		return a.open(b.kind, rows[0])
	}
	if !b.kind.spec.Assumed && a.s.w.o.UnknownIDs != "create" || !b.kind.spec.Assumed && !b.kind.nature.whole {
		return nil, nil
	}
	if a.tx == nil {
		return nil, errWrite
	}
	return a.makeNew(draft{kind: b.kind, outer: b.inside(), parent: parent})
}

package sandbox

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// verb is one row of the table of actions.
type verb struct {
	run    func(*act, *Binding, *Call) (result, error)
	kind   bool // it is about a resource kind
	writes bool
	// straight answers a plain binding without opening the stored body.
	straight func(*act, *Binding, *Call) (*Reply, error)
}

// result is what an action gives to the reply.
type result struct {
	obj  *object
	raw  []byte
	made bool // by a put
}

var verbs map[string]verb

func init() {
	verbs = map[string]verb{
		"create":    {run: doCreate, kind: true, writes: true},
		"read":      {run: doRead, kind: true, straight: readStraight},
		"list":      {run: doList, kind: true, straight: listStraight},
		"update":    {run: doUpdate, kind: true, writes: true},
		"put":       {run: doPut, kind: true, writes: true},
		"remove":    {run: doRemove, kind: true, writes: true},
		"move":      {run: doMove, kind: true, writes: true},
		"history":   {run: doHistory, kind: true},
		"login":     {run: doLogin, kind: true, writes: true},
		"refresh":   {run: doRefresh, kind: true, writes: true},
		"logout":    {run: doLogout, writes: true},
		"reply":     {run: doReply},
		"contract":  {run: doContract},
		"sample":    {run: doSample},
		"redeliver": {run: doRedeliver, kind: true, writes: true},
		"replay":    {run: doReplay, kind: true, writes: true},
		"callback":  {run: doCallback, writes: true},
	}
}

// doCreate makes one resource from the request.
func doCreate(a *act, b *Binding, c *Call) (result, error) {
	parent, err := a.enclosing(b, c)
	if err != nil {
		return result{}, err
	}
	if b.kind.spec.Singleton {
		o, err := a.existing(b, parent)
		if err != nil {
			return result{}, err
		}
		if o != nil && b.Depth == Generic && b.Plan.Replies[409] == nil {
			return result{obj: o}, a.replace(o, b, a.taken(b, c)) // it declares no such refusal
		}
		if o != nil {
			return result{}, a.p.Refuse(ReasonExists, "", openapi.Violation{Pointer: "/body", Rule: "singleton", Expected: "no " + b.kind.Short + " yet", Got: o.row.ID})
		}
	}
	from := a.taken(b, c)
	if err := a.resolve(b, c, from); err != nil {
		return result{}, err
	}
	if err := a.alone(b.kind, nil, from, c); err != nil {
		return result{}, err
	}
	d := draft{kind: b.kind, from: from, set: b.set, early: c.early, print: c.print, outer: b.inside(), parent: parent}
	if b.kind.nature.whole {
		b.addPath(c, from)
		d.id = b.ownIDIn(c)
	}
	o, err := a.makeNew(d)
	return result{obj: o}, err
}

// taken is the part of the request body that is stored by name.
func (a *act) taken(b *Binding, c *Call) map[string]any {
	if b.kind.nature.whole {
		return b.kind.retained(a.reflected(b, c))
	}
	return b.copied(c)
}

// copied is the part of the request body that is stored by name. Identity,
// status and times are never the caller's to set.
func (b *Binding) copied(c *Call) map[string]any {
	body, _ := c.Values.Body.(map[string]any)
	out := make(map[string]any, len(body))
	d := b.provider.Scenario.Dialect
	for name, v := range body {
		stored := b.kind.stored(name)
		switch stored {
		case "id", d.Created, d.Updated, b.kind.spec.Status.Field:
			continue
		}
		if b.copies == nil || b.copies[name] || b.copies[stored] {
			out[stored] = v
		}
	}
	return out
}

// stored is the property that a request's name means: where the dialect says
// so, camelCase stands for snake_case.
func (k *Kind) stored(name string) string {
	if !k.snake || k.shape[name] {
		return name
	}
	if snake := scenarios.SnakeCase(name); k.shape[snake] {
		return snake
	}
	return name
}

// target finds the resource that an operation is about.
func (a *act) target(b *Binding, c *Call) (*object, error) {
	parent, err := a.enclosing(b, c)
	if err != nil {
		return nil, err
	}
	if b.kind.spec.Singleton && b.id == nil {
		o, err := a.only(b, parent)
		if o == nil && err == nil {
			err = a.missing(b.kind, "", "")
		}
		return o, err
	}
	if b.fitted && b.id == nil && b.param() == "" {
		return a.sought(b, c, parent)
	}
	id, field, err := a.targetID(b, c)
	if err != nil {
		return nil, err
	}
	o, err := a.find(b, parent, id)
	if o == nil && err == nil {
		err = a.missing(b.kind, field, id)
	}
	return o, err
}

// find is the object that an operation names, where its path says.
func (a *act) find(b *Binding, parent, id string) (*object, error) {
	param := ""
	if b.id == nil {
		param = b.param()
	}
	if len(b.within) == 0 && (param == "" || !b.kind.nature.whole) {
		return a.known(b.kind, id)
	}
	row, ok, err := a.child(b.kind, b.inside(), parent, id, param)
	if err != nil || !ok {
		return nil, err
	}
	return a.open(b.kind, row)
}

func (a *act) targetID(b *Binding, c *Call) (id, pointer string, err error) {
	if b.id != nil {
		v, err := b.id.Run(&a.env)
		if err != nil {
			return "", "", err
		}
		return idText(v), exprPointer(b.Spec.ID), nil
	}
	name := lastParam(b.Op)
	return idText(c.Values.Path[name]), "/path/" + name, nil
}

func lastParam(op *openapi.Operation) string {
	for _, segment := range slices.Backward(op.Segments) {
		if i := strings.LastIndexByte(segment, '{'); i >= 0 {
			if name, _, ok := strings.Cut(segment[i+1:], "}"); ok {
				return name
			}
		}
	}
	return ""
}

// param is the path's parameter that names what the binding is about, "" =
// none does.
func (b *Binding) param() string {
	name := lastParam(b.Op)
	if slices.ContainsFunc(b.within, func(e enclosure) bool { return e.param == name }) {
		return ""
	}
	return name
}

func (a *act) missing(kind *Kind, pointer, id string) error { return a.p.missing(kind, pointer, id) }

func (p *Provider) missing(kind *Kind, pointer, id string) error {
	var vs []openapi.Violation
	if pointer != "" {
		vs = append(vs, openapi.Violation{Pointer: pointer, Rule: "exists", Expected: "the id of an existing " + kind.Short, Got: openapi.Show(pointer, id)})
	}
	var r *Refusal
	if p.ownWords() && kind.spec.Missing == "" {
		return p.Refuse(ReasonNotFound, "", vs...)
	}
	if kind.spec.Missing == "" {
		r = p.Refuse(ReasonNotFound, "")
	} else {
		r = p.RefuseCode(kind.spec.Missing, "")
	}
	r.Violations = vs
	return r
}

func doRead(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	return result{obj: o}, err
}

// readStraight copies the stored bytes when nothing about them must change.
func readStraight(a *act, b *Binding, c *Call) (*Reply, error) {
	if b.fitted && b.id == nil && b.param() == "" || b.view != nil || b.kind.speak["api"] != nil || b.kind.spec.Singleton || b.id != nil || b.kind.table != nil || c.includes(b.kind) != nil || len(b.within) > 0 || b.refit || len(c.expands(b)) > 0 {
		a.introduce(c)
		o, err := a.target(b, c)
		if err != nil {
			return nil, err
		}
		return a.answer(b, c, result{obj: o})
	}
	id, field, err := a.targetID(b, c)
	if err != nil {
		return nil, err
	}
	owner, body, ok, err := a.conn.Body(b.kind.Name, id)
	if err != nil {
		return nil, err
	}
	if !ok && b.kind.spec.Alias != "" {
		o, err := a.get(b.kind, id)
		if err != nil {
			return nil, err
		}
		if o != nil {
			return b.straight(o.row.Body)
		}
	}
	if !ok {
		o, err := a.find(b, "", id)
		if err != nil {
			return nil, err
		}
		if o != nil {
			return a.answer(b, c, result{obj: o})
		}
	}
	if !ok || !a.mine(b.kind, owner) {
		return nil, a.missing(b.kind, field, id)
	}
	return b.straight(body)
}

// straight is the reply that shows stored bytes.
func (b *Binding) straight(body []byte) (*Reply, error) {
	reply := &Reply{Status: b.success, Media: b.media}
	if !b.fitted {
		reply.Body = b.wrapped(body)
		return reply, nil
	}
	if b.schema == nil {
		return reply, nil
	}
	var err error
	reply.Body, err = b.framed(body)
	return reply, err
}

func doUpdate(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	before := o.vars()
	from, err := a.changes(o, b, c)
	if err != nil {
		return result{}, err
	}
	if err := a.resolve(b, c, from); err != nil {
		return result{}, err
	}
	if err := a.alone(b.kind, o, from, c); err != nil {
		return result{}, err
	}
	if err := a.change(o, from); err != nil {
		return result{}, err
	}
	if b.set != nil {
		if err := a.with("resource", before, func() error { return b.set.EvalFields(&a.env, o.assign) }); err != nil {
			return result{}, err
		}
	}
	if err := a.fits(o); err != nil {
		return result{}, err
	}
	return result{obj: o}, a.save(o, b.kind.spec.Emit.Update)
}

// fits refuses a change after which the object could not be shown: a partial
// body alone cannot tell which form it must keep.
func (a *act) fits(o *object) error {
	if o.kind.schema == nil || o.kind.nature.whole {
		return nil // or made to fit when it is saved
	}
	if err := o.seal(); err != nil {
		return err
	}
	body, bad := openapi.DecodeOwn(o.row.Body)
	if bad != nil {
		return a.p.Refuse(ReasonInvalid, "", *bad)
	}
	if bad := o.kind.schema.Validate(body, "/body"); len(bad) > 0 {
		return a.p.Refuse(ReasonInvalid, "", bad...)
	}
	return nil
}

func doRemove(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	return result{obj: o}, a.remove(o)
}

// doHistory lists the states that a resource went through.
func doHistory(a *act, b *Binding, c *Call) (result, error) {
	o, err := a.target(b, c)
	if err != nil {
		return result{}, err
	}
	rows, err := a.conn.Transitions(o.kind.Name, o.row.ID)
	if err != nil {
		return result{}, err
	}
	list := make([]any, 0, len(rows))
	for _, t := range rows {
		state := t.To
		if word, ok := o.kind.speak["api"][state]; ok {
			state = word
		}
		list = append(list, map[string]any{"status": state, "timestamp": a.p.FormatTime(time.UnixMilli(t.At).UTC())})
	}
	raw, err := openapi.Marshal(list, b.schema)
	return result{raw: raw}, err
}

func doReply(*act, *Binding, *Call) (result, error) { return result{}, nil }

// doContract serves the provider's own document.
func doContract(a *act, _ *Binding, _ *Call) (result, error) {
	return result{raw: a.p.Contract.Raw()}, nil
}

// doSample generates a reply from the schema; nothing is remembered.
func doSample(a *act, b *Binding, c *Call) (result, error) {
	if b.schema == nil {
		return result{}, nil
	}
	h := fnv.New64a()
	h.Write([]byte(b.Op.Key()))
	for _, name := range sortedKeys(c.Values.Path) {
		fmt.Fprint(h, name, c.Values.Path[name])
	}
	if b.Infers() {
		if file, ok := a.kept(b, c); ok {
			return result{raw: file}, nil
		}
		raw, err := openapi.Content(b.media, b.schema, nil, openapi.NewFaker(h.Sum64()|1, a.now))
		return result{raw: raw}, err
	}
	v := b.schema.Sample(openapi.NewFaker(h.Sum64()|1, a.now), nil)
	if s, ok := v.(string); ok && b.media != "application/json" {
		return result{raw: []byte(s)}, nil
	}
	raw, err := openapi.Marshal(v, b.schema)
	return result{raw: raw}, err
}

// single finds the one resource of a singleton kind.
func (a *act) single(kind *Kind) (*object, error) {
	row, ok, err := a.first(kind)
	if err != nil || !ok {
		return nil, err
	}
	return a.open(kind, row)
}

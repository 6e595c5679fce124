package sandbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// draft says what a new resource starts from.
type draft struct {
	kind  *Kind
	id    string         // "" = a new one
	from  map[string]any // copied where the shape has the name
	set   *scenarios.Value
	early *early // fields of set that are known already
	print string // fingerprint of the request body, for creates that are made once

	outer  *enclosure // what it is made under
	parent string

	unasked bool // nobody made it: somebody asked for its id
}

// assign stores one evaluated field; a status is not a field like others.
func (o *object) assign(name string, value any) error {
	if name == o.kind.spec.Status.Field && name != "" {
		return fmt.Errorf("%s.%s: only a move changes a status", o.kind.Short, name)
	}
	o.put(name, value)
	return nil
}

// makeNew creates a resource with its event, history and timers.
func (a *act) makeNew(d draft) (*object, error) {
	o := &object{kind: d.kind, body: map[string]any{}, hidden: map[string]any{}}
	o.row = store.Resource{Kind: d.kind.Name, Created: a.ms(), Updated: a.ms()}
	var err error
	if o.row.Owner, err = a.ownerOf(d.kind); err != nil {
		return nil, err
	}
	if err := a.change(o, d.from); err != nil {
		return nil, err
	}
	start, err := a.startOf(o)
	if err != nil {
		return nil, err
	}
	if o.row.Status != "" {
		start = o.row.Status // the caller's to say, where the contract asks for it
	}
	if d.set != nil {
		err = a.evalSet(d.set, d.early, func(name string, value any) error {
			if s, ok := value.(string); ok && name == d.kind.spec.Status.Field && name != "" {
				start = s // a new object may be born in any state
				return nil
			}
			o.put(name, value)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if d.outer != nil && d.parent != "" {
		o.attach(d.outer.kind, d.parent)
	}
	if err := a.identify(o, d.id); err != nil {
		return nil, err
	}
	if err := a.fill(o); err != nil {
		return nil, err
	}
	if start != "" {
		o.become(start)
	}
	if d.print != "" {
		o.hidden[onceField] = d.print
	}
	if d.unasked {
		o.hidden[unaskedField] = true
	}
	o.keepFile(a.upload)
	a.upload = nil
	a.stamp(o)
	a.complete(o)
	o.settle()
	if err := o.seal(); err != nil {
		return nil, err
	}
	if err := a.insert(o); err != nil {
		return nil, err
	}
	return o, a.follow(o)
}

// fill gives a new object the defaults of its kind, in order.
func (a *act) fill(o *object) error {
	if o.kind.defaults == nil {
		return nil
	}
	seen := o.vars()
	seen["hidden"] = o.hidden // what was filled in before counts
	return a.with("resource", seen, func() error {
		return o.kind.defaults.EvalFields(&a.env, func(name string, value any) error {
			if extra, ok := value.(map[string]any); ok && name == "hidden" {
				for key, v := range extra {
					if _, given := o.hidden[key]; !given {
						setOrDrop(o.hidden, key, v)
					}
				}
				return nil
			}
			if _, given := o.body[name]; !given {
				o.put(name, value)
				seen[name] = value
			}
			return nil
		})
	})
}

// follow performs what follows every creation of the kind.
func (a *act) follow(o *object) error {
	if len(o.kind.then) == 0 || a.quiet {
		return nil
	}
	return a.with("resource", o.vars(), func() error { return a.steps(o.kind.then) })
}

func (a *act) insert(o *object) error {
	if err := a.supersede(o); err != nil {
		return err
	}
	err := a.tx.InsertResource(&o.row)
	if errors.Is(err, store.ErrExists) {
		return a.p.Refuse(ReasonExists, "", openapi.Violation{Pointer: "/id", Rule: "unique", Expected: "an id that is not in use", Got: o.row.ID})
	}
	if err != nil {
		return err
	}
	o.stored = o.row.Body
	a.hold(o)
	if err := a.audit(o, "create", nil, o.row.Body); err != nil {
		return err
	}
	if o.row.Status != "" {
		if err := a.note(o, "create", "", ""); err != nil {
			return err
		}
	}
	if err := a.announce(o, o.kind.spec.Emit.Create, nil); err != nil {
		return err
	}
	if err := a.schedule(o); err != nil {
		return err
	}
	return a.await(o)
}

func (a *act) startOf(o *object) (string, error) {
	if o.kind.start == nil {
		return "", nil
	}
	v, err := o.kind.start.Eval(&a.env)
	s, _ := v.(string)
	return s, err
}

func (a *act) identify(o *object, id string) (err error) {
	k := o.kind
	switch {
	case id != "" && openapi.MaskCards(id) != id:
		return a.p.Refuse(ReasonInvalid, "", openapi.Violation{Pointer: "/id", Rule: "id", Expected: "an id without a card number in it", Got: openapi.Mask(id)})
	case id != "":
		if o.row.ID, err = a.free(k, o.row.Parent, id); err != nil {
			return err
		}
	case k.plainID():
		if id, err = a.newID(k.nature.idForm); err != nil {
			return err
		}
		o.row.ID = id
	default:
		if id, err = a.freshID(k); err != nil {
			return err
		}
		o.row.ID = id
	}
	if k.nature.idField != "" {
		o.body[k.nature.idField] = k.idValue(id)
	}
	return nil
}

// stamp writes the times that the dialect shows on every object.
func (a *act) stamp(o *object) {
	stamps := o.kind.nature.stamps
	o.row.Updated = a.ms()
	for name, ms := range map[string]int64{stamps.Created: o.row.Created, stamps.Updated: o.row.Updated} {
		if name != "" && (o.kind.shape == nil || o.kind.shape[name]) {
			o.body[name] = o.kind.stampOf(a.p, name, time.UnixMilli(ms).UTC())
		}
	}
}

// complete generates what the schema requires and nobody set: null where that
// is allowed, a sample elsewhere.
func (a *act) complete(o *object) {
	if o.kind.schema == nil {
		return
	}
	if o.kind.nature.whole {
		a.makeWhole(o)
		return
	}
	var missing []string
	for _, name := range o.kind.schema.Required() {
		if _, ok := o.body[name]; ok {
			continue
		}
		if o.kind.nullable[name] {
			o.body[name] = nil
			continue
		}
		missing = append(missing, name)
	}
	if len(missing) == 0 {
		return
	}
	a.s.w.o.Log.Debug("sampled: the scenario gives no value", "kind", o.kind.Name, "properties", missing)
	h := fnv.New64a()
	h.Write([]byte(o.row.ID))
	sample, _ := o.kind.schema.Sample(openapi.NewFaker(h.Sum64()|1, a.now), o.body).(map[string]any)
	for _, name := range missing {
		o.body[name] = sample[name]
	}
}

// save writes a changed object with its events, and sets its timers anew.
func (a *act) save(o *object, emit scenarios.Events) error {
	a.stamp(o)
	before := o.stored
	if o.kind.nature.whole && o.kind.schema != nil {
		a.makeWhole(o)
	}
	o.settle()
	if err := o.seal(); err != nil {
		return err
	}
	if err := a.tx.UpdateResource(&o.row); err != nil {
		return err
	}
	if err := a.audit(o, a.action(), before, o.row.Body); err != nil {
		return err
	}
	o.stored = o.row.Body
	if err := a.announce(o, emit, before); err != nil {
		return err
	}
	return a.schedule(o)
}

// remove takes an object away, softly, with its event and timers.
func (a *act) remove(o *object) error {
	for _, kind := range []string{timerMove, timerAt} {
		if _, err := a.tx.RemoveTimers(kind, timerRef(o.kind.Name, o.row.ID)); err != nil {
			return err
		}
	}
	if err := a.tx.RemoveResource(o.kind.Name, o.row.ID, a.ms()); err != nil {
		return err
	}
	if err := a.audit(o, "remove", o.stored, nil); err != nil {
		return err
	}
	o.row.Deleted = a.ms()
	delete(a.objects, timerRef(o.kind.Name, o.row.ID))
	return a.announce(o, o.kind.spec.Emit.Remove, nil)
}

// FormatTime writes an instant as the provider does.
func (p *Provider) FormatTime(t time.Time) any {
	return formatTime(p.Scenario.Dialect.Time, t)
}

func formatTime(form string, t time.Time) any {
	switch form {
	case "unix":
		return t.Unix()
	case "unix-ms":
		return t.UnixMilli()
	case "iso":
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

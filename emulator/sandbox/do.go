package sandbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/openapi"
	"github.com/sandgate/sandgate/scenarios"
)

// Call is one request that is well said and known to come from somebody.
type Call struct {
	Binding *Binding
	Values  *openapi.Values
	Who     *Identity   // nil when the operation is anonymous
	Base    string      // scheme://host/mount, for links in replies
	Key     string      // idempotency key, "" = none
	KeyName string      // the header that it came in
	Target  string      // path and query as they came: a key is good for one address
	Include []string    // what the reply shall show beside the object
	Sandbox string      // name of the sandbox, for links that carry no credential
	Raw     []byte      // the request body as it came
	Request string      // its id, for the audit log
	Header  http.Header // as it came; only where the body is the verb's to read
	If      *Condition  // what has to hold first; nil = nothing

	print  string  // fingerprint of the body, where a create is made once
	early  *early  // nil for reads
	ticket *ticket // nil without a key
}

// Reply is what goes back, rendered.
type Reply struct {
	Status int
	Media  string
	Body   []byte
	Header map[string]string

	refusal *Refusal // that it is; committed all the same
}

// Do carries a call out: reads on a reader, everything else in one write
// transaction with one instant. What a 2xx promises is committed when it
// returns.
func (s *Sandbox) Do(ctx context.Context, c *Call) (*Reply, error) {
	if err := s.w.noRealCard(c.Binding.provider, c.Values); err != nil {
		return nil, err
	}
	release, err := s.claim(c)
	if err != nil {
		return nil, err
	}
	defer release()
	g, err := s.pin()
	if err != nil {
		return nil, err
	}
	defer s.unpin()
	b := c.Binding
	if !b.writes {
		var reply *Reply
		err := g.db.View(func(conn *store.Conn) error {
			a := s.newAct(g, b.provider, conn, nil, s.time().Now())
			reply, err = a.perform(b, c)
			return err
		})
		if !errors.Is(err, errWrite) {
			return reply, err
		}
	}
	b.workOut(c)
	if b.onceBy != nil {
		if c.print, err = fingerprint(c.Values.Body); err != nil {
			return nil, err
		}
	}
	var reply *Reply
	var a *act
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		a = s.newAct(g, b.provider, tx.Conn, tx, s.time().Now())
		a.by = c.caller()
		reply, err = a.once(b, c)
		return a.traces(err)
	})
	if err != nil {
		return nil, err
	}
	if a.refusal != nil {
		return nil, a.refusal
	}
	s.committed(a)
	if reply.refusal != nil {
		return nil, reply.refusal
	}
	return reply, nil
}

// perform runs a binding: names, guards, verb, further effects, reply.
func (a *act) perform(b *Binding, c *Call) (*Reply, error) {
	a.owner, a.who = c.Who.owner(), c.Who
	if b.plain && b.verb.straight != nil {
		return b.verb.straight(a, b, c)
	}
	a.introduce(c)
	a.upload = c.upload()
	if err := a.holds(c.If); err != nil {
		return nil, err
	}
	if b.onceBy != nil {
		if reply, err := a.repeated(b, c); reply != nil || err != nil {
			return reply, err
		}
	}
	if err := a.prepare(b, c); err != nil {
		return nil, err
	}
	if err := a.begin(b); err != nil {
		return nil, err
	}
	res, err := b.verb.run(a, b, c)
	if err != nil {
		return nil, err
	}
	if res.obj != nil {
		a.vars()["resource"] = res.obj.vars()
	}
	for _, st := range b.then { // what they name, the reply may use
		if err := a.repeat(st, map[string]any{}); err != nil {
			return nil, err
		}
	}
	if reply, err := a.ensured(b, res); reply != nil || err != nil {
		return reply, err
	}
	return a.answer(b, c, res)
}

// introduce gives the expressions their request and caller.
func (a *act) introduce(c *Call) {
	known := c.early.request()
	if known == nil {
		known = requestVars(c)
	}
	for name, v := range known {
		a.vars()[name] = v
	}
}

// requestVars are the names that come with a request.
func requestVars(c *Call) map[string]any {
	files := make(map[string]any, len(c.Values.Files))
	for name, f := range c.Values.Files {
		files[name] = map[string]any{"name": f.Name, "contentType": f.ContentType, "size": f.Size, "sha256": f.SHA256}
	}
	vars := map[string]any{"request": map[string]any{
		"body": c.Values.Body, "query": c.Values.Query, "path": c.Values.Path,
		"header": c.Values.Header, "files": files, "base": c.Base, "sandbox": c.Sandbox,
	}}
	if c.Who != nil {
		vars["caller"] = c.Who.Caller
		vars["auth"] = map[string]any{"issued": c.Who.Issued, "expires": c.Who.Expires}
	}
	return vars
}

// prepare loads, computes and guards, in the order of the file.
func (a *act) prepare(b *Binding, c *Call) error {
	for _, l := range b.loads {
		if err := a.load(l); err != nil {
			return err
		}
	}
	for _, l := range b.lets {
		v, known := c.early.let(l.name)
		if !known {
			var err error
			if v, err = l.value.Eval(&a.env); err != nil {
				return err
			}
		}
		a.vars()[l.name] = v
	}
	for i, r := range b.requires {
		err, known := c.early.guard(i)
		if !known {
			err = a.require(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *act) load(l load) error {
	kind, err := a.p.Kind(l.spec.Kind)
	if err != nil {
		return err
	}
	key, field := l.id, "id"
	if key == nil {
		key, field = l.is, l.spec.By
	}
	value, err := key.Run(&a.env)
	if err != nil {
		return err
	}
	var o *object
	if id, ok := value.(string); ok && field == "id" {
		o, err = a.get(kind, id)
	} else if value != nil {
		var row store.Resource
		row, ok, err = a.findBy(kind, field, value)
		if ok && err == nil {
			o, err = a.open(kind, row)
		}
	}
	if err != nil {
		return err
	}
	if o != nil {
		a.vars()[l.spec.Name] = o.vars()
		return nil
	}
	a.vars()[l.spec.Name] = nil
	if l.spec.Else == "" {
		return nil
	}
	return a.blame(l.spec.Else, l.spec.Field, "exists", "the "+field+" of an existing "+kind.Short, value, "")
}

func (a *act) require(r require) error {
	ok, err := r.when.True(&a.env)
	if err != nil || ok {
		return err
	}
	message, err := a.saying(r.message)
	if err != nil {
		return err
	}
	expected, err := a.saying(r.expected)
	if err != nil {
		return err
	}
	err = a.blame(r.spec.Else, r.spec.Field, r.spec.Else, expected, pointed(a.vars()["request"], r.spec.Field), message)
	return a.detailed(r, err)
}

// saying is the text of an expression, "" where there is none.
func (a *act) saying(p *scenarios.Program) (string, error) {
	if p == nil {
		return "", nil
	}
	v, err := p.Run(&a.env)
	s, _ := v.(string)
	return s, err
}

// blame refuses with a code of the provider, naming field, rule, what was
// expected and what came.
func (a *act) blame(code, field, rule, expected string, got any, message string) error {
	if field == "" {
		return a.p.RefuseCode(code, message)
	}
	r := a.p.RefuseCode(code, message)
	r.Violations = []openapi.Violation{{Pointer: field, Rule: rule, Expected: expected, Got: openapi.Show(field, got)}}
	return r
}

// repeated answers a create whose own reference was used before: the same
// body gets the first object, another body is refused.
func (a *act) repeated(b *Binding, c *Call) (*Reply, error) {
	ref, err := b.onceBy.Run(&a.env)
	if err != nil || ref == nil || ref == "" {
		return nil, err
	}
	row, ok, err := a.conn.FindResource(b.kind.Name, a.scopeOwner(b.kind), b.kind.path(b.Spec.Once.Field), asStored(b.Spec.Once.Field, ref))
	if err != nil || !ok {
		return nil, err
	}
	o, err := a.open(b.kind, row)
	if err != nil {
		return nil, err
	}
	if o.hidden[onceField] != c.print {
		return nil, a.blame(b.Spec.Once.Else, "/body/"+b.Spec.Once.Field, "unique", "a reference that is new, or the body it was first sent with", ref, "")
	}
	return a.answer(b, c, result{obj: o})
}

// onceField keeps the fingerprint of the body that made a resource.
const onceField = "fingerprint"

func fingerprint(body any) (string, error) {
	raw, err := openapi.Marshal(body, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw)), nil
}

// answer renders the reply of a finished act.
func (a *act) answer(b *Binding, c *Call, res result) (*Reply, error) {
	if b.fitted && b.status == nil && b.attachment == nil {
		return a.answerWhole(b, c, res)
	}
	reply := &Reply{Status: b.success, Media: b.media}
	if res.made {
		reply.Status = b.fresh
	}
	if b.status != nil {
		v, err := b.status.Eval(&a.env)
		if err != nil {
			return nil, err
		}
		reply.Status = number(v, b.success)
	}
	if b.attachment != nil {
		v, err := b.attachment.Run(&a.env)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprint(plain(v))
		reply.Header = map[string]string{"Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": name})}
	}
	if a.callback != "" {
		reply.Header = map[string]string{CallbackHeader: a.callback}
	}
	var err error
	template := b.reply
	if template == nil && b.Spec.Verb == "remove" && b.schema != nil {
		template = b.provider.removed
	}
	switch {
	case res.raw != nil:
		reply.Body = res.raw
	case template != nil:
		reply.Body, err = a.said(b, template, res)
	}
	switch {
	case reply.Body != nil || err != nil:
	case res.obj != nil && b.schema != nil && res.obj.row.Deleted == 0:
		if reply.Body, err = a.shown(b, res.obj, c.includes(b.kind)); err == nil {
			reply.Body = b.wrapped(reply.Body)
		}
	}
	return reply, err
}

// said evaluates the reply that a scenario spells out.
func (a *act) said(b *Binding, template *scenarios.Value, res result) ([]byte, error) {
	if b.tokens && a.vars()["tokens"] == nil && res.obj != nil {
		if err := a.issue(res.obj); err != nil {
			return nil, err
		}
	}
	if res.obj != nil {
		a.vars()["resource"] = res.obj.vars()
	}
	v, err := template.Eval(&a.env)
	if err != nil {
		return nil, err
	}
	if v == nil && res.obj != nil {
		return nil, nil // the object itself
	}
	if text, ok := v.(string); ok && b.media != "" && b.media != "application/json" {
		return []byte(text), nil // a file
	}
	raw, err := openapi.Marshal(v, b.schema)
	return openapi.MaskCardsJSON(raw), err // a reply may repeat what was sent and is stored nowhere
}

// wrapped puts an object into the envelope of the reply.
func (b *Binding) wrapped(object []byte) []byte {
	if b.wrap == "" {
		return object
	}
	out := appendName(append(make([]byte, 0, len(object)+len(b.wrap)+8), '{'), b.wrap)
	return append(append(out, object...), '}')
}

// shown is an object as the binding's replies show it.
func (a *act) shown(b *Binding, o *object, include []let) ([]byte, error) {
	if len(include) == 0 {
		return o.project("api", b.view, b.shown)
	}
	extra := map[string]any{}
	err := a.with("resource", o.vars(), func() error {
		for _, l := range include {
			v, err := l.value.Eval(&a.env)
			if err != nil {
				return err
			}
			extra[l.name] = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.projectWith("api", b.view, b.shown, extra)
}

package scenarios

import "time"

// Scenario is one provider's behaviour, as read from its YAML file. Nothing
// in it is compiled: Bind and Compile do that, once, on first use.
type Scenario struct {
	Provider    string                `json:"provider" yaml:"provider"`
	Title       string                `json:"title,omitempty" yaml:"title"`
	Contract    string                `json:"contract" yaml:"contract"`
	Config      []Setting             `json:"config,omitempty" yaml:"config"`
	Credentials Credentials           `json:"credentials" yaml:"credentials"`
	Try         []string              `json:"try,omitempty" yaml:"try"`
	Data        map[string]any        `json:"data,omitempty" yaml:"data"` // JSON values, numbers as json.Number
	Auth        Auth                  `json:"auth" yaml:"auth"`
	Dialect     Dialect               `json:"dialect" yaml:"dialect"`
	Refusals    map[string]string     `json:"refusals" yaml:"refusals"` // engine reason -> error code
	Errors      map[string]ErrorShape `json:"errors" yaml:"errors"`
	Webhooks    Webhooks              `json:"webhooks" yaml:"webhooks"`
	// Idempotency is what a key means on every operation that writes.
	Idempotency *Idempotency      `json:"idempotency,omitempty" yaml:"idempotency"`
	Challenge   *Challenge        `json:"challenge,omitempty" yaml:"challenge"`
	View        *View             `json:"view,omitempty" yaml:"view"`
	Limits      *Limits           `json:"limits,omitempty" yaml:"limits"`
	Callbacks   []*CallbackSource `json:"callbacks,omitempty" yaml:"callbacks"`
	Resources   []*Resource       `json:"resources" yaml:"resources"`   // in file order
	Operations  []*Operation      `json:"operations" yaml:"operations"` // in file order
	Seed        []Step            `json:"seed,omitempty" yaml:"seed"`
	// Sections say which file of several a top key stands in, if not in File.
	Sections map[string]string `json:"sections,omitempty" yaml:"-"`
	File     string            `json:"file" yaml:"-"` // for messages: "name.yaml"
	Checked  bool              `json:"-" yaml:"-"`    // known to compile: expressions may wait for their first use

	// Infer takes what the file leaves out from the contract: kinds, their states, how lists and replies are shaped.
	Infer bool `json:"infer,omitempty" yaml:"infer"`

	// Environments are the provider's own: what --environment means for it.
	Environments *Environments `json:"environments,omitempty" yaml:"environments"`
}

// Setting is one thing that --set may change.
type Setting struct {
	Path    string `json:"path"`
	Default any    `json:"default"`
	Enum    []any  `json:"enum,omitempty"`
	About   string `json:"about"`
}

// Credentials are fixed, public and for development only.
type Credentials struct {
	Email    string `json:"email,omitempty" yaml:"email"`
	Password string `json:"password,omitempty" yaml:"password"`
	Key      string `json:"key,omitempty" yaml:"key"`
	Secret   string `json:"secret,omitempty" yaml:"secret"`
}

// Auth says where a credential stands and whom it belongs to.
type Auth struct {
	Credentials []CredentialPlace `json:"credentials" yaml:"credentials"`
	Member      string            `json:"member" yaml:"member"`   // kind of a token's subject
	Default     string            `json:"default" yaml:"default"` // member that an unknown test-shaped key acts as
	Caller      Template          `json:"caller" yaml:"caller"`   // evaluated over `member`
	Access      Duration          `json:"access" yaml:"access"`
	Refresh     Duration          `json:"refresh" yaml:"refresh"`
	Keys        Keys              `json:"keys,omitzero" yaml:"keys"`
}

type CredentialPlace struct {
	Header string `json:"header,omitempty" yaml:"header"`
	Prefix string `json:"prefix,omitempty" yaml:"prefix"`
	Query  string `json:"query,omitempty" yaml:"query"`   // or a query parameter …
	Cookie string `json:"cookie,omitempty" yaml:"cookie"` // … or a cookie
	Basic  bool   `json:"basic,omitempty" yaml:"basic"`   // the header is HTTP Basic: the user name is the credential, or the password where it is empty
}

// Dialect is how the provider speaks.
type Dialect struct {
	ID       string   `json:"id" yaml:"id"`           // uuid, or prefix:xx_
	Time     string   `json:"time" yaml:"time"`       // iso-ms, iso, unix, unix-ms
	Created  string   `json:"created" yaml:"created"` // property names, "" = none
	Updated  string   `json:"updated" yaml:"updated"`
	Error    Template `json:"error" yaml:"error"`
	Internal Template `json:"internal" yaml:"internal"` // body of a 500
	Argument Template `json:"argument" yaml:"argument"` // one violation
	Pages    Pages    `json:"pages" yaml:"pages"`
	// Envelope is the property that holds what a success reply is about, "" = none. A reply whose schema lacks it has none.
	Envelope string   `json:"envelope,omitempty" yaml:"envelope"`
	Removed  Template `json:"removed,omitzero" yaml:"removed"` // body of the reply to a remove
	Names    string   `json:"names,omitempty" yaml:"names"`    // snake: a request's camelCase names are stored in snake_case
	ETag     bool     `json:"etag,omitempty" yaml:"etag"`      // replies to GET carry an ETag and honour If-None-Match
	// Untyped is json where a body that nobody gave a type is read as JSON: fetch then says text/plain.
	Untyped string `json:"untyped,omitempty" yaml:"untyped"`
}

// Pages is the provider's paging habit. Fields maps a property of a list
// reply, or one inside an object as meta.total, to one of: page, pages, total,
// limit, offset, next, prev, more, url (the request's path), count (objects on
// this page). Sort and Order name the parameters that choose the
// order, Cursor the one that goes on where a page ended, Window another one for
// how many, Offset one that passes over some.
type Pages struct {
	Cursor string            `json:"cursor,omitempty" yaml:"cursor"`
	After  string            `json:"after,omitempty" yaml:"after"`   // names the object that the page comes after …
	Before string            `json:"before,omitempty" yaml:"before"` // … or before
	Window string            `json:"window,omitempty" yaml:"window"`
	Offset string            `json:"offset,omitempty" yaml:"offset"`
	Sort   string            `json:"sort,omitempty" yaml:"sort"`
	Order  string            `json:"order,omitempty" yaml:"order"`
	Page   string            `json:"page" yaml:"page"`
	Limit  string            `json:"limit" yaml:"limit"`
	Size   int               `json:"size" yaml:"size"`
	Max    int               `json:"max" yaml:"max"`
	Fields map[string]string `json:"fields" yaml:"fields"`
}

type ErrorShape struct {
	Status  int    `json:"status" yaml:"status"`
	Message string `json:"message" yaml:"message"`
}

// Webhooks is the provider's delivery policy.
type Webhooks struct {
	Header      string     `json:"header" yaml:"header"`
	Scheme      Template   `json:"scheme" yaml:"scheme"`
	ContentType string     `json:"contentType" yaml:"content-type"`
	Timeout     Duration   `json:"timeout" yaml:"timeout"`
	Retry       []Duration `json:"retry" yaml:"retry"`
	RetryFrom   string     `json:"retryFrom" yaml:"retry-from"` // previous | first
	SecretMin   int        `json:"secretMin" yaml:"secret-min"`
	Event       string     `json:"event,omitempty" yaml:"event"` // form of an event's id: uuid, or prefix:evt_ (a ULID follows)
	Body        Template   `json:"body" yaml:"body"`             // over `event`, `attempt`

	Order      string    `json:"order,omitempty" yaml:"order"`           // free (default), per-object, shuffle
	Duplicates Percent   `json:"duplicates,omitempty" yaml:"duplicates"` // of what was accepted, sent once more
	Jitter     Percent   `json:"jitter,omitempty" yaml:"jitter"`         // of a retry's delay, up or down, by the seed
	RetryAfter bool      `json:"retryAfter,omitempty" yaml:"retry-after"`
	Floor      Duration  `json:"floor,omitempty" yaml:"floor"`      // least delay after 429 or a timeout
	Gone       bool      `json:"gone,omitempty" yaml:"gone"`        // 410 switches the endpoint off
	FailsOn    []string  `json:"failsOn,omitempty" yaml:"fails-on"` // what is tried again: a status, 5xx, or a word of FailureWords; none = everything
	Resend     string    `json:"resend,omitempty" yaml:"resend"`    // now | then: the address that an attempt goes to
	Overlap    *Duration `json:"overlap,omitempty" yaml:"overlap"`  // how long a replaced secret still signs
	Disable    *Disable  `json:"disable,omitempty" yaml:"disable"`
}

// Challenge is how a card holder proves who pays: the resource that waits for
// it, and which move each answer makes: Y, A, N, U, R as in EMV 3-D Secure, and
// abandon and timeout. That it is over is a move of the kind, by the clock.
type Challenge struct {
	Line    int                 `json:"line"`
	Kind    string              `json:"kind" yaml:"kind"`
	State   string              `json:"state" yaml:"state"`
	Token   string              `json:"token" yaml:"token"`     // stored field that holds the link's secret, such as hidden.challenge
	Show    Template            `json:"show" yaml:"show"`       // what the page says, over `resource`: merchant, amount, currency, card …; propose is the answer that it offers first
	Return  string              `json:"return" yaml:"return"`   // expression: where the page sends the payer afterwards, or nil
	Results map[string][]string `json:"results" yaml:"results"` // answer -> moves, tried in order; with none it goes on waiting
}

// Resource is one kind of stored object.
type Resource struct {
	Kind    string   `json:"kind"`
	Line    int      `json:"line"`
	Schema  []string `json:"schema" yaml:"schema"` // shape of the stored body: the union of their properties
	ID      string   `json:"id,omitempty" yaml:"id"`
	Owner   Template `json:"owner,omitzero" yaml:"owner"`
	Missing string   `json:"missing,omitempty" yaml:"missing"`
	Status  Status   `json:"status,omitzero" yaml:"status"`
	Emit    Emit     `json:"emit,omitzero" yaml:"emit"`
	File    string   `json:"file,omitempty" yaml:"-"` // of a scenario in several files
	Index   []string `json:"index,omitempty" yaml:"index"`
	// Alias is a field whose value may stand wherever the id may.
	Alias string `json:"alias,omitempty" yaml:"alias"`
	// Unique maps fields that no two live ones share to the code of the refusal.
	Unique []Pair `json:"unique,omitempty" yaml:"unique"`
	// References maps fields of a request to the kind that must have the id.
	References []Pair `json:"references,omitempty" yaml:"references"`
	// Include is what replies show only when the query parameter `include` names it.
	Include []Let `json:"include,omitempty" yaml:"include"`
	// Defaults are fields of a new one that nothing else gave, in order.
	Defaults Template `json:"defaults,omitzero" yaml:"defaults"`
	// Then follows every creation, whatever made it.
	Then []Step `json:"then,omitempty" yaml:"then"`
	// Sealed are names in `hidden` whose text is encrypted at rest.
	Sealed    []string         `json:"sealed,omitempty" yaml:"sealed"`
	Survives  bool             `json:"survives,omitempty" yaml:"survives"`
	Singleton bool             `json:"singleton,omitempty" yaml:"singleton"`
	Endpoint  *EndpointMapping `json:"endpoint,omitempty" yaml:"endpoint"`
	Key       *KeyMapping      `json:"key,omitempty" yaml:"key"`
	Moves     []*Move          `json:"moves,omitempty" yaml:"moves"` // in file order
	// Table is one of the engine's own, event or delivery; Show is what replies say of a `row`.
	Table string   `json:"table,omitempty" yaml:"table"`
	Show  Template `json:"show,omitzero" yaml:"show"`
	Nature
}

// Pair is one entry of a mapping whose order matters.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Status is where a kind's state stands. Words are other vocabularies: word ->
// the states it stands for; API and Webhooks choose one by name ("" or
// "contract" = the states themselves).
type Status struct {
	Field    string                         `json:"field,omitempty" yaml:"field"`
	Start    Template                       `json:"start,omitzero" yaml:"start"` // a constant state unless it is written as an expression in ${}
	Words    map[string]map[string][]string `json:"words,omitempty" yaml:"words"`
	API      Template                       `json:"api,omitzero" yaml:"api"`
	Webhooks Template                       `json:"webhooks,omitzero" yaml:"webhooks"`
}

// Emit names events as FAMILY.ACTION.
type Emit struct {
	Create Events `json:"create,omitempty" yaml:"create"`
	Update Events `json:"update,omitempty" yaml:"update"`
	Remove Events `json:"remove,omitempty" yaml:"remove"`
}

// Events are names of events; nil = not said, empty = none.
type Events []string

// EndpointMapping says that a kind is a webhook endpoint.
type EndpointMapping struct {
	URL    Template `json:"url" yaml:"url"`
	Secret Template `json:"secret" yaml:"secret"`
	Events Template `json:"events" yaml:"events"`
	Active Template `json:"active" yaml:"active"`
	// Overlap is how long the secret before this one still signs, as text like 24h; nil = the provider's.
	Overlap Template `json:"overlap,omitzero" yaml:"overlap"`
	// Own are events that go to the endpoint they are about and to no other.
	Own Events `json:"own,omitempty" yaml:"own"`
	// Unknown is the error of an event that the provider never sends; "" = none is refused.
	Unknown string `json:"unknown,omitempty" yaml:"unknown"`
}

// Move is a named transition of a machine.
type Move struct {
	Name  string    `json:"name"`
	Line  int       `json:"line"`
	From  []string  `json:"from" yaml:"from"`
	To    string    `json:"to,omitempty" yaml:"to"`       // "" = the state stays
	After *Duration `json:"after,omitempty" yaml:"after"` // automatic, this long after a From state is entered
	At    string    `json:"at,omitempty" yaml:"at"`       // automatic, at the instant of this expression; nil = not now
	When  string    `json:"when,omitempty" yaml:"when"`
	Set   Template  `json:"set,omitzero" yaml:"set"`
	Emit  *Events   `json:"emit,omitempty" yaml:"emit"` // default: the kind's emit.update
	Then  []Step    `json:"then,omitempty" yaml:"then"`
	Why   string    `json:"why,omitempty" yaml:"why"`
}

// Step is one further effect of an operation, move or seed: one of Create,
// Update, Move, Remove, Do and Let. Each repeats it for every element of a
// list, as `item` at `index`.
type Step struct {
	Each   string   `json:"each,omitempty" yaml:"each"` // expression
	Do     []Step   `json:"do,omitempty" yaml:"do"`     // several steps under one `when` or `each`
	Let    []Let    `json:"let,omitempty" yaml:"let"`   // names for the steps after it
	With   Template `json:"with,omitzero" yaml:"with"`  // what the move's expressions see as `with`
	File   string   `json:"file,omitempty" yaml:"-"`    // of a seed in several files
	Line   int      `json:"line"`
	When   string   `json:"when,omitempty" yaml:"when"`
	Create string   `json:"create,omitempty" yaml:"create"`
	Update string   `json:"update,omitempty" yaml:"update"`
	Move   string   `json:"move,omitempty" yaml:"move"`
	Remove string   `json:"remove,omitempty" yaml:"remove"`
	ID     string   `json:"id,omitempty" yaml:"id"` // expression
	By     []string `json:"by,omitempty" yaml:"by"` // move names
	Set    Template `json:"set,omitzero" yaml:"set"`
	As     string   `json:"as,omitempty" yaml:"as"` // name for the steps after it
}

// Fetch loads a stored resource by id, or by a field, under a name.
type Fetch struct {
	Name string `json:"name"`
	Line int    `json:"line"`
	Kind string `json:"kind" yaml:"kind"`
	ID   string `json:"id,omitempty" yaml:"id"` // expression
	By   string `json:"by,omitempty" yaml:"by"` // field path …
	Is   string `json:"is,omitempty" yaml:"is"` // … equals this expression
	Else string `json:"else,omitempty" yaml:"else"`
	// Field is the JSON pointer blamed when it is missing.
	Field string `json:"field,omitempty" yaml:"field"`
}

// Let is a named intermediate value.
type Let struct {
	Name  string   `json:"name"`
	Value Template `json:"value"`
}

// Require is a guard: When must be true, else the request is refused.
type Require struct {
	Line  int    `json:"line"`
	When  string `json:"when" yaml:"when"`
	Else  string `json:"else" yaml:"else"`
	Field string `json:"field,omitempty" yaml:"field"` // JSON pointer that is blamed
	// Message is a template of extra text: an expression giving a string.
	Message string `json:"message,omitempty" yaml:"message"`
	// Expected is an expression giving a string: what the blamed field should have been.
	Expected string `json:"expected,omitempty" yaml:"expected"`
	// Details are what the dialect may show as error.details.
	Details Template `json:"details,omitzero" yaml:"details"`
}

// Once makes a create idempotent by a caller's own reference.
type Once struct {
	By    string `json:"by" yaml:"by"`       // expression; nil = no reference given
	Field string `json:"field" yaml:"field"` // where it is stored
	Else  string `json:"else" yaml:"else"`   // code when the body differs
}

// Filter says which stored field a query parameter is about.
type Filter struct {
	Param string `json:"param"`
	Field string `json:"field" yaml:"field"`
	Op    string `json:"op,omitempty" yaml:"op"` // =, !=, <, <=, >, >=, in, contains, has (a list), missing, present, from, to (days or instants); default =
	// Fields are alternatives: one of them must fit.
	Fields []string `json:"fields,omitempty" yaml:"fields"`
	Value  string   `json:"value,omitempty" yaml:"value"` // expression; default: what the parameter says
	When   string   `json:"when,omitempty" yaml:"when"`   // expression; default: the parameter was sent
	Line   int      `json:"line,omitempty"`
}

// Operation binds METHOD /path to one verb.
type Operation struct {
	Key     string    `json:"key"` // "POST /api/v2/ramps"
	Line    int       `json:"line"`
	File    string    `json:"file,omitempty"` // of a scenario in several files
	Verb    string    `json:"verb"`           // create read list update remove move login refresh logout reply history contract redeliver replay
	Kind    string    `json:"kind,omitempty"` // what the verb is about
	Auth    string    `json:"auth,omitempty" yaml:"auth"`
	Sandbox string    `json:"sandbox,omitempty" yaml:"sandbox"`
	Load    []Fetch   `json:"load,omitempty" yaml:"load"`
	Let     []Let     `json:"let,omitempty" yaml:"let"`
	Require []Require `json:"require,omitempty" yaml:"require"`
	Set     Template  `json:"set,omitzero" yaml:"set"`
	Copy    *[]string `json:"copy,omitempty" yaml:"copy"` // nil = every property of the shape; empty = none
	Once    *Once     `json:"once,omitempty" yaml:"once"`
	// Idempotency names the request header of an idempotency key.
	Idempotency string   `json:"idempotency,omitempty" yaml:"idempotency"`
	ID          string   `json:"id,omitempty" yaml:"id"`
	By          []string `json:"by,omitempty" yaml:"by"`
	Done        []string `json:"done,omitempty" yaml:"done"`
	Else        string   `json:"else,omitempty" yaml:"else"`
	Where       []Filter `json:"where,omitempty" yaml:"where"`
	Sort        string   `json:"sort,omitempty" yaml:"sort"`     // order of a list: a field, "-" before it = descending
	Oldest      bool     `json:"oldest,omitempty" yaml:"oldest"` // list oldest first
	With        Template `json:"with,omitzero" yaml:"with"`      // what the move's expressions see as `with`
	To          string   `json:"to,omitempty" yaml:"to"`         // of a replay: the one endpoint that gets it; nil = all that want it
	Then        []Step   `json:"then,omitempty" yaml:"then"`
	Reply       Template `json:"reply,omitzero" yaml:"reply"`
	Status      Template `json:"status,omitzero" yaml:"status"` // default: the contract's first success
	// Rest is what was not read yet of one that Outline gave; Whole reads it.
	Rest string `json:"-" yaml:"-"`
	// Attachment is an expression: the file name that a reply is sent under.
	Attachment string `json:"attachment,omitempty" yaml:"attachment"`
	// StandsFor names the outside service that the operation only pretends to reach.
	StandsFor string `json:"standsFor,omitempty" yaml:"stands-for"`
	// Permission is what a key needs: NAME, or NAME:read or :write; default: what the path shows, and the method.
	Permission string `json:"permission,omitempty" yaml:"permission"`
	Limit      *Rate  `json:"limit,omitempty" yaml:"limit"` // of its own, beside the caller's
	Manner
}

// Template is a value with expressions in it: a string scalar is an
// expression, another scalar a constant, lists and mappings hold templates.
type Template struct {
	Expr   string     `json:"e,omitempty"`
	Const  *any       `json:"c,omitempty"` // json value; pointer to tell null from absent
	List   []Template `json:"l,omitempty"`
	Fields []Field    `json:"f,omitempty"`
	Map    bool       `json:"m,omitempty"` // an empty mapping or list is still one
	Seq    bool       `json:"s,omitempty"`
	Line   int        `json:"n,omitempty"`
}

// Field is one entry of a mapping template, in file order.
type Field struct {
	Name  string   `json:"k"`
	Value Template `json:"v"`
}

// IsZero reports a template that was not written at all.
func (t Template) IsZero() bool {
	return t.Expr == "" && t.Const == nil && !t.Map && !t.Seq && t.List == nil && t.Fields == nil
}

// Duration is a span of sandbox time, written as Go does plus d for days.
type Duration time.Duration

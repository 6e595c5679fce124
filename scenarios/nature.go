package scenarios

// Nature is what a kind is like beyond its shape. Inference finds it in a
// contract; a scenario may say it.
type Nature struct {
	// IDField is the property that shows the id, "" = id.
	IDField string `json:"idField,omitempty" yaml:"id-field"`
	// Stamps are the times shown on every object, where they differ from the dialect's.
	Stamps *Stamps `json:"stamps,omitempty" yaml:"stamps"`
	// Parent is the kind that each one belongs to.
	Parent *Parent `json:"parent,omitempty" yaml:"parent"`
	// Merge are properties whose members a change adds to or replaces one by one; null or "" takes a member away.
	Merge []string `json:"merge,omitempty" yaml:"merge"`
	// Expand maps properties that hold an id to the kind that a request may ask to see in its place.
	Expand []Pair `json:"expand,omitempty" yaml:"expand"`
	// Assumed is one that is there before anybody made it: a balance, the account itself.
	Assumed bool `json:"assumed,omitempty" yaml:"assumed"`
}

// Stamps name the properties that show when an object was made and changed,
// and the form of their values as in dialect.time.
type Stamps struct {
	Created string `json:"created,omitempty" yaml:"created"`
	Updated string `json:"updated,omitempty" yaml:"updated"`
	Time    string `json:"time,omitempty" yaml:"time"`
}

// Parent is the kind that a kind belongs to, and the property that shows the
// parent's id, "" = none does.
type Parent struct {
	Kind  string `json:"kind" yaml:"kind"`
	Field string `json:"field,omitempty" yaml:"field"`
}

// Manner is how an operation reads its request and shapes its reply, where a
// contract's habits differ from operation to operation.
type Manner struct {
	// Within are the objects that the path goes through, the outermost first: each must be there, and be the next one's parent.
	Within []Within `json:"within,omitempty" yaml:"within"`
	// Envelope is the path of the property that the object or the list stands in, such as data or data.items.
	Envelope string `json:"envelope,omitempty" yaml:"envelope"`
	// Pages are the list's own, where they differ from the dialect's.
	Pages *Pages `json:"pages,omitempty" yaml:"pages"`
	// Before are effects that come before the verb: what it is about may be made by them.
	Before []Step `json:"before,omitempty" yaml:"before"`
	// Ensure are guards that are asked after all effects, which stay: a charge that is declined is still a charge.
	Ensure []Require `json:"ensure,omitempty" yaml:"ensure"`
	// Patch says how a change is written: json-patch (RFC 6902) or merge-patch (RFC 7396); "" = the fields themselves.
	Patch string `json:"patch,omitempty" yaml:"patch"`
}

// Within is one object on the way to what an operation is about.
type Within struct {
	Kind string `json:"kind" yaml:"kind"`
	ID   string `json:"id" yaml:"id"` // expression
}

package sandbox

import (
	"errors"
)

// ReasonPrecondition is a write that was to happen only while the object is as the caller knows it.
const ReasonPrecondition = "precondition"

func init() { reasonStatus[ReasonPrecondition] = 412 }

// Condition is what has to hold of an object, as a read shows it, for a write to happen. Both are in one transaction.
type Condition struct {
	Read *Call
	Met  func(*Reply) error // nil: there is nothing to read
}

// holds looks at the object by the read's own rules; a read that is refused finds nothing.
func (a *act) holds(c *Condition) error {
	if c == nil {
		return nil
	}
	look := a.s.newAct(a.g, a.p, a.conn, nil, a.now)
	reply, err := look.perform(c.Read.Binding, c.Read)
	var refused *Refusal
	if errors.As(err, &refused) {
		return c.Met(nil)
	}
	if err != nil {
		return err
	}
	return c.Met(reply)
}

// Infers reports that what the scenario leaves out is taken from the contract, HTTP's own habits with it. Nothing does not.
func (b *Binding) Infers() bool { return b != nil && b.provider != nil && b.provider.Scenario.Infer }

// maxKept is the largest file whose content is kept.
const maxKept = 1 << 20

// KeepFiles is how many bytes of a file are to be kept for what may read it back.
func (b *Binding) KeepFiles() int64 {
	if b.Infers() && b.writes {
		return maxKept
	}
	return 0
}

package sandbox

import (
	"errors"

	"github.com/sandgate/sandgate/emulator/store"
)

// kindWith is kindOf where an id is known, too: of several providers with a
// kind of that name, the one that has the object is meant.
func (s *Sandbox) kindWith(provider, short, id string) (*Provider, *Kind, error) {
	p, kind, err := s.kindOf(provider, short)
	var several *Invalid
	if id == "" || provider != "" || !errors.As(err, &several) || several.Pointer != "/provider" {
		return p, kind, err
	}
	lookErr := s.look(func(c *store.Conn) error {
		for _, one := range s.w.Providers() {
			if !one.has(short) {
				continue
			}
			k, err := one.Kind(short)
			if err != nil {
				return err
			}
			_, ok, err := c.Resource(k.Name, id)
			if err != nil {
				return err
			}
			if ok && p != nil {
				p, kind = nil, nil
				return nil // two have it, and only the caller knows which is meant
			}
			if ok {
				p, kind = one, k
			}
		}
		return nil
	})
	switch {
	case lookErr != nil:
		return nil, nil, lookErr
	case p == nil:
		return nil, nil, err
	}
	return p, kind, nil
}

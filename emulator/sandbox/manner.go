package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// Manner is how webhooks arrive, where somebody chose otherwise than the
// provider's policy.
type Manner struct {
	Order      string             // one of scenarios.Orders; "" = the provider's
	Duplicates *scenarios.Percent // of what was accepted, sent once more; nil = the provider's
}

// Orders, as scenarios name them.
const (
	orderPerObject = "per-object"
	orderShuffle   = "shuffle"
)

const (
	// shuffleWindow is how much later than its due a first attempt may be made.
	shuffleWindow = time.Minute
	// duplicateWindow is how long after it was accepted a delivery may be sent once more.
	duplicateWindow = 30 * time.Second
)

// ParseManner reads an order and a share like 10%; "" leaves one to the provider.
func ParseManner(order, duplicates string) (m Manner, err error) {
	if order != "" {
		if !slices.Contains(scenarios.Orders, order) {
			return m, &Invalid{"/body/order", fmt.Sprintf("%q is no order; one of %s", order, strings.Join(scenarios.Orders, ", "))}
		}
		m.Order = order
	}
	if duplicates != "" {
		share, err := scenarios.ParsePercent(duplicates)
		if err != nil {
			return m, &Invalid{"/body/duplicates", err.Error()}
		}
		m.Duplicates = &share
	}
	return m, nil
}

// over is m, and what it leaves open from below.
func (m Manner) over(below Manner) Manner {
	if m.Order == "" {
		m.Order = below.Order
	}
	if m.Duplicates == nil {
		m.Duplicates = below.Duplicates
	}
	return m
}

// storedManner is the manner as the file and the control API have it.
type storedManner struct {
	Order      *string `json:"order"`
	Duplicates *string `json:"duplicates"`
}

func (m Manner) stored() storedManner {
	var out storedManner
	if m.Order != "" {
		out.Order = &m.Order
	}
	if m.Duplicates != nil {
		text := m.Duplicates.String()
		out.Duplicates = &text
	}
	return out
}

// metaManner is what was chosen for this sandbox.
const metaManner = "webhooks"

// chosen is what was chosen for this sandbox, read once an epoch.
func (g *generation) chosen(c *store.Conn) (Manner, error) {
	if m := g.manner.Load(); m != nil {
		return *m, nil
	}
	text, ok, err := c.Meta(metaManner)
	if err != nil {
		return Manner{}, err
	}
	var m Manner
	if ok {
		var kept storedManner
		if err := json.Unmarshal([]byte(text), &kept); err != nil {
			return m, fmt.Errorf("stored manner of webhooks: %w", err)
		}
		if m, err = ParseManner(deref(kept.Order), deref(kept.Duplicates)); err != nil {
			return m, err
		}
	}
	g.manner.CompareAndSwap(nil, &m)
	return m, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// manner is how a provider's webhooks arrive in this sandbox.
func (s *Sandbox) manner(g *generation, c *store.Conn, p *Provider) (order string, share scenarios.Percent, err error) {
	chosen, err := g.chosen(c)
	if err != nil {
		return "", 0, err
	}
	hooks := p.Scenario.Webhooks
	m := chosen.over(s.w.o.Manner).over(Manner{hooks.Order, &hooks.Duplicates})
	return m.Order, *m.Duplicates, nil
}

func (s *Sandbox) shareOf(g *generation, c *store.Conn, p *Provider) (share scenarios.Percent, err error) {
	if p == nil {
		return 0, nil
	}
	_, share, err = s.manner(g, c, p)
	return share, err
}

// arrange gives a new delivery its place: in the lane of its object, or later
// than it should be, as the order wants.
func (a *act) arrange(d *store.Delivery, e *store.Event) error {
	order, _, err := a.s.manner(a.g, a.conn, a.p)
	if err != nil {
		return err
	}
	switch order {
	case orderPerObject:
		d.Lane = laneOf(d.Endpoint, e)
	case orderShuffle:
		d.First += int64(a.s.chance("shuffle", d.ID) % uint64(shuffleWindow.Milliseconds()))
		d.Due = d.First
	}
	return nil
}

func laneOf(endpoint string, e *store.Event) string {
	return endpoint + "/" + e.Kind + "/" + e.Resource
}

// chance is a number that depends on the seed and on what it is about, and on
// nothing else.
func (s *Sandbox) chance(purpose, about string) uint64 {
	sum := s.seedFor(purpose + " " + about)
	return binary.BigEndian.Uint64(sum[:])
}

// duplicate says when an accepted delivery is sent once more, 0 = never. In a
// lane that is at once: those behind it still come after it.
func (s *Sandbox) duplicate(at *sending) int64 {
	if at.timer.B != "" || at.share == 0 || s.chance("duplicate", at.delivery.ID)%100 >= uint64(at.share) {
		return 0
	}
	if at.delivery.Lane != "" {
		return at.timer.Due
	}
	return at.timer.Due + 1 + int64(s.chance("duplicate after", at.delivery.ID)%uint64(duplicateWindow.Milliseconds()))
}

// WebhooksView is how webhooks arrive: what was chosen for the sandbox, null
// where nothing was, and what follows for each provider.
type WebhooksView struct {
	storedManner
	Providers []ProviderWebhooks `json:"providers"`
}

// ProviderWebhooks is how a provider's webhooks arrive.
type ProviderWebhooks struct {
	Provider   string `json:"provider"`
	Order      string `json:"order"`
	Duplicates string `json:"duplicates"`
	Bodies     string `json:"bodies"` // same on every attempt, or counted: they tell attempts apart
}

// Webhooks tells how webhooks arrive.
func (s *Sandbox) Webhooks() (view WebhooksView, err error) {
	g, err := s.pin()
	if err != nil {
		return view, err
	}
	defer s.unpin()
	return view, g.db.View(func(c *store.Conn) error {
		chosen, err := g.chosen(c)
		if err != nil {
			return err
		}
		view = WebhooksView{storedManner: chosen.stored(), Providers: []ProviderWebhooks{}}
		for _, p := range s.w.o.Providers {
			order, share, err := s.manner(g, c, p)
			if err != nil {
				return err
			}
			one := ProviderWebhooks{Provider: p.Name(), Order: order, Duplicates: share.String(), Bodies: "same"}
			if one.Order == "" {
				one.Order = scenarios.Orders[0]
			}
			if p.hooks.counts {
				one.Bodies = "counted"
			}
			view.Providers = append(view.Providers, one)
		}
		return nil
	})
}

// SetWebhooks chooses how the webhooks of this sandbox arrive, from the next
// event on; a reset leaves it.
func (s *Sandbox) SetWebhooks(ctx context.Context, m Manner) error {
	g, err := s.pin()
	if err != nil {
		return err
	}
	defer s.unpin()
	text, err := json.Marshal(m.stored())
	if err != nil {
		return err
	}
	if err := g.db.Write(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaManner, string(text)) }); err != nil {
		return err
	}
	g.manner.Store(&m)
	return nil
}

package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"

	"github.com/sandgate/sandgate/openapi"
)

// stream is the act's random bytes: a function of the run's seed, the
// sandbox's name and one number of its sequence, so that the same calls give
// the same ids, whatever else happens in other sandboxes.
type stream struct {
	a   *act
	src *rand.ChaCha8
}

func (*stream) lazy(a *act) *stream { return &stream{a: a} }

// Read fills p. The stream is opened on its first use, because most reads
// need none and each opening takes a number.
func (r *stream) Read(p []byte) (int, error) {
	if r.src == nil {
		var n int64
		if r.a.tx != nil {
			n = r.a.tx.NextDraw()
		}
		r.src = rand.NewChaCha8(r.a.s.seedFor(strconv.FormatInt(n, 10)))
	}
	return r.src.Read(p)
}

// seedFor derives a key for one purpose.
func (s *Sandbox) seedFor(purpose string) [32]byte {
	h := sha256.New()
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], s.w.o.Seed)
	h.Write(seed[:])
	io.WriteString(h, s.name+"\x00"+purpose)
	return [32]byte(h.Sum(nil))
}

// newID makes an id in one of the dialect's forms.
func (a *act) newID(form string) (string, error) {
	if prefix, ok := cutForm(form, "prefix:"); ok {
		var b [12]byte
		if _, err := io.ReadFull(a.env.Random, b[:]); err != nil {
			return "", err
		}
		id := prefix + hex.EncodeToString(b[:])
		if openapi.MaskCards(id) != id {
			return a.newID(form) // a run of digits in it could be a card's: it would be hidden wherever it is kept
		}
		return id, nil
	}
	id, err := uuid.NewRandomFromReader(a.env.Random)
	return id.String(), err
}

// newOrderedID makes an id for a row that is written often: a UUID that begins
// with the sandbox's time (version 7), so that its index grows at one end.
func (a *act) newOrderedID() (string, error) {
	var id uuid.UUID
	if _, err := io.ReadFull(a.env.Random, id[6:]); err != nil {
		return "", err
	}
	binary.BigEndian.PutUint32(id[:], uint32(a.ms()>>16))
	binary.BigEndian.PutUint16(id[4:], uint16(a.ms()))
	id[6], id[8] = 0x70|id[6]&0x0f, 0x80|id[8]&0x3f
	return id.String(), nil
}

// newEventID makes an event's id: ordered like other rows, in the form that
// the provider shows.
func (a *act) newEventID() (string, error) {
	prefix, ok := cutForm(a.p.Scenario.Webhooks.Event, "prefix:")
	if !ok {
		return a.newOrderedID()
	}
	var b [16]byte
	if _, err := io.ReadFull(a.env.Random, b[6:]); err != nil {
		return "", err
	}
	binary.BigEndian.PutUint32(b[:], uint32(a.ms()>>16))
	binary.BigEndian.PutUint16(b[4:], uint16(a.ms()))
	return prefix + ulid.ULID(b).String(), nil
}

func cutForm(form, prefix string) (string, bool) {
	if len(form) > len(prefix) && form[:len(prefix)] == prefix {
		return form[len(prefix):], true
	}
	return "", false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

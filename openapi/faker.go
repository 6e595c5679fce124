package openapi

import (
	"fmt"
	"math/rand"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/brianvoe/gofakeit/v6/data"
)

// Faker is where samples get their believable values from. A faker is a stream: it is used by one goroutine at a time.
type Faker interface {
	Intn(n int) int         // 0 to n-1
	Say(kind string) string // a text of a kind: "email", "city", …; an unknown kind is a word
	Now() time.Time         // what dates are counted from
}

// NewFaker returns a faker whose values depend on the seed and now alone.
func NewFaker(seed uint64, now time.Time) Faker {
	return &fake{draw: rand.New(&splitmix{seed}), now: now.UTC()}
}

// fake draws from the tables of gofakeit v6, as gofakeit does. The tables alone: the package itself costs each start the
// making of some hundred generators and the binary a megabyte, and its dates depend on today.
type fake struct {
	draw *rand.Rand
	now  time.Time
}

func (f *fake) Now() time.Time { return f.now }

func (f *fake) Intn(n int) int {
	if n <= 1 {
		return 0
	}
	return f.draw.Intn(n)
}

func (f *fake) Say(kind string) string {
	switch kind {
	case "first-name":
		return f.of(data.Person["first"])
	case "last-name":
		return f.of(data.Person["last"])
	case "url":
		return "https://example.com/" + f.noun() + f.hex(6)
	case "uuid":
		return f.uuid()
	case "hex":
		return f.hex(32)
	case "ipv4":
		return fmt.Sprintf("192.0.2.%d", 1+f.Intn(254))
	case "ipv6":
		return fmt.Sprintf("2001:db8::%x", 1+f.Intn(65_000))
	case "sentence":
		return f.sentence(5)
	}
	return f.noun()
}

// of draws one entry; there is always one.
func (f *fake) of(list []string) string { return list[f.draw.Intn(len(list))] }

func (f *fake) noun() string { return f.of(data.Word["noun_common"]) }

func (f *fake) sentence(words int) string {
	said := make([]string, words)
	for i := range said {
		said[i] = f.of(data.Word[f.of(data.WordKeys)])
		if strings.Contains(said[i], " ") {
			said[i] = f.of(strings.Split(said[i], " "))
		}
	}
	first, size := utf8.DecodeRuneInString(said[0])
	said[0] = string(unicode.ToTitle(first)) + said[0][size:]
	return strings.Join(said, " ") + "."
}

func (f *fake) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = hexDigits[f.Intn(16)]
	}
	return string(b)
}

// uuid is a version 4 one.
func (f *fake) uuid() string {
	h := f.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-" + string("89ab"[f.Intn(4)]) + h[17:20] + "-" + h[20:]
}

// splitmix is a source that is cheap to seed and takes every seed, zero too; gofakeit's own constructor makes a random one of zero.
type splitmix struct{ state uint64 }

var _ rand.Source64 = (*splitmix)(nil)

func (s *splitmix) Seed(seed int64) { s.state = uint64(seed) }
func (s *splitmix) Int63() int64    { return int64(s.Uint64() >> 1) }

func (s *splitmix) Uint64() uint64 {
	s.state += 0x9e3779b97f4a7c15
	z := s.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

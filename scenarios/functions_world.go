package scenarios

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/oklog/ulid/v2"
)

var worldFunctions = []*function{
	world(0, 0, "uuid()", "a new version 4 UUID", func(env *Env, _ []any) (any, error) {
		b, err := draw(env, 16)
		if err != nil {
			return nil, err
		}
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		h := hex.EncodeToString(b)
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
	}),
	world(1, 1, "hex(n)", "n new hexadecimal digits", letters("hex", "0123456789abcdef")),
	world(1, 1, "digits(n)", "n new decimal digits", letters("digits", "0123456789")),
	world(1, 1, "token(n)", "n new letters and digits", letters("token", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")),
	world(0, 0, "newKey()", "a new API key in the provider's form, to be shown once; what is kept is its digest()", newKey),
	world(1, 1, "password(s)", "a salted hash of s, to be kept", password),
	pure(2, 2, "samePassword(given, stored)", "whether given is the password that password() made stored of", samePassword),
	world(3, 3, "find(kind, field, value)", "the newest stored resource whose field has that value, or nil", find),
	world(1, 2, "list(kind[, {field: value}])", "the stored resources that fit", list),
	world(1, 2, "count(kind[, {field: value}])", "how many fit", count),
	world(2, 2, "get(kind, ref)", "the stored resource of that id or alias, or nil; get(x, key) of a list or object is x[key]", get),
	world(0, 0, "ulid()", "a new ULID: 26 characters that sort by the instant", func(env *Env, _ []any) (any, error) { return newULID(env) }),
	world(1, 1, "card({number, holder, cvc, …})", "what the test deck says of a presented card, nil when it is not listed", card),
	world(1, 1, "testcard(s)", "whether s is a listed test card", func(env *Env, args []any) (any, error) {
		if env.Lookup == nil {
			return nil, errNoLookup
		}
		s, _ := args[0].(string)
		outcome, err := env.Lookup.CardOutcome(s)
		return outcome != "", err
	}),
	world(1, 1, "cardOutcome(s)", "what a listed test card means, or nil", func(env *Env, args []any) (any, error) {
		if env.Lookup == nil {
			return nil, errNoLookup
		}
		s, _ := args[0].(string)
		if outcome, err := env.Lookup.CardOutcome(s); outcome != "" || err != nil {
			return outcome, err
		}
		return nil, nil
	}),
}

const maxRandom = 1024

func draw(env *Env, n int) ([]byte, error) {
	if env.Random == nil {
		return nil, errNoRandom
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(env.Random, b); err != nil {
		return nil, errors.New("the random stream is at its end")
	}
	return b, nil
}

// letters draws evenly: a byte beyond the last whole multiple is drawn again.
func letters(name, alphabet string) func(env *Env, args []any) (any, error) {
	limit := 256 - 256%len(alphabet)
	return func(env *Env, args []any) (any, error) {
		n, ok := toInt(args[0])
		if !ok || n < 1 || n > maxRandom {
			return nil, fmt.Errorf("%s: n is a whole number from 1 to %d", name, maxRandom)
		}
		out := make([]byte, 0, n)
		for len(out) < n {
			b, err := draw(env, n-len(out))
			if err != nil {
				return nil, err
			}
			for _, c := range b {
				if int(c) < limit {
					out = append(out, alphabet[int(c)%len(alphabet)])
				}
			}
		}
		return string(out), nil
	}
}

func kindArgument(name string, env *Env, v any) (string, error) {
	if env.Lookup == nil {
		return "", errNoLookup
	}
	kind, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s: the kind is text, not %s", name, describe(v))
	}
	return kind, nil
}

// find of a missing value finds nothing.
func find(env *Env, args []any) (any, error) {
	kind, err := kindArgument("find", env, args[0])
	if err != nil {
		return nil, err
	}
	field, ok := args[1].(string)
	if !ok {
		return nil, fmt.Errorf("find: the field is text, not %s", describe(args[1]))
	}
	if args[2] == nil {
		return nil, nil
	}
	m, err := env.Lookup.Find(kind, field, args[2])
	if m == nil || err != nil {
		return nil, err
	}
	return m, nil
}

func where(name string, args []any) (map[string]any, error) {
	if len(args) < 2 || args[1] == nil {
		return nil, nil
	}
	m, ok := toMap(args[1])
	if !ok {
		return nil, fmt.Errorf("%s: the condition is an object, not %s", name, describe(args[1]))
	}
	return m, nil
}

func list(env *Env, args []any) (any, error) {
	kind, err := kindArgument("list", env, args[0])
	if err != nil {
		return nil, err
	}
	fits, err := where("list", args)
	if err != nil {
		return nil, err
	}
	rows, err := env.Lookup.List(kind, fits)
	if rows == nil {
		rows = []any{}
	}
	return rows, err
}

func count(env *Env, args []any) (any, error) {
	kind, err := kindArgument("count", env, args[0])
	if err != nil {
		return nil, err
	}
	fits, err := where("count", args)
	if err != nil {
		return nil, err
	}
	n, err := env.Lookup.Count(kind, fits)
	return n, err
}

// get of a missing reference is nil. What is no text as kind is no kind, but
// a value to look into.
func get(env *Env, args []any) (any, error) {
	kind, ok := args[0].(string)
	if !ok {
		return index(args[0], args[1]), nil
	}
	if args[1] == nil || args[1] == "" {
		return nil, nil
	}
	ref, err := text(args[1])
	if err != nil {
		return nil, err
	}
	if env.Lookup == nil {
		return nil, errNoLookup
	}
	m, err := env.Lookup.Get(kind, ref.(string))
	if m == nil || err != nil {
		return nil, err
	}
	return m, nil
}

func card(env *Env, args []any) (any, error) {
	presented, err := objectOf(args[0])
	if err != nil {
		return nil, err
	}
	if env.Lookup == nil {
		return nil, errNoLookup
	}
	m, err := env.Lookup.Card(presented)
	if m == nil || err != nil {
		return nil, err
	}
	return m, nil
}

func newULID(env *Env) (any, error) {
	b, err := draw(env, 10)
	if err != nil {
		return nil, err
	}
	var id ulid.ULID
	if id.SetTime(ulid.Timestamp(env.Now)) != nil || id.SetEntropy(b) != nil {
		return nil, errors.New("ulid: the instant is out of reach")
	}
	return id.String(), nil
}

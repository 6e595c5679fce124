package sandbox

import (
	"encoding/binary"
	"io"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// maxTries bounds how often an id is drawn that may be in use already.
const maxTries = 50

// freshID makes an id that no object of the kind has, in the kind's form, and
// one that its schema allows.
func (a *act) freshID(k *Kind) (id string, err error) {
	for range maxTries {
		if id, err = a.drawnID(k); err != nil {
			return "", err
		}
		if id, err = a.allowedID(k, id); err != nil {
			return "", err
		}
		_, used, err := a.conn.Resource(k.Name, id)
		if err != nil || !used {
			return id, err
		}
	}
	return id, nil // the insert will say that it is taken
}

func (a *act) drawnID(k *Kind) (string, error) {
	form := k.nature.idForm
	if form == "integer" {
		n, err := a.nextNumber(k)
		return strconv.FormatInt(n, 10), err
	}
	if like, ok := cutForm(form, "like:"); ok {
		return a.idLike(like)
	}
	if pattern, ok := cutForm(form, "pattern:"); ok {
		fake, err := a.faker()
		if err != nil {
			return "", err
		}
		if text := openapi.TextOf(pattern, fake); text != "" {
			return text, nil
		}
	}
	return a.newID(form)
}

// allowedID is id if the kind's schema takes it, else one that the schema makes.
func (a *act) allowedID(k *Kind, id string) (string, error) {
	s := k.nature.idSchema
	if s == nil || !k.nature.whole || len(s.Validate(k.idValue(id), "")) == 0 {
		return id, nil
	}
	fake, err := a.faker()
	if err != nil {
		return "", err
	}
	if made := idText(s.Sample(fake, nil)); made != "" {
		return made, nil
	}
	return id, nil
}

// faker invents things from the act's own randomness.
func (a *act) faker() (openapi.Faker, error) {
	var b [8]byte
	if _, err := io.ReadFull(a.env.Random, b[:]); err != nil {
		return nil, err
	}
	return openapi.NewFaker(binary.LittleEndian.Uint64(b[:])|1, a.now), nil
}

// metaNumber begins the names of the last numbers that kinds were given.
const metaNumber = "number "

// nextNumber counts the objects of a kind.
func (a *act) nextNumber(k *Kind) (int64, error) {
	text, _, err := a.conn.Meta(metaNumber + k.Name)
	if err != nil {
		return 0, err
	}
	n, _ := strconv.ParseInt(text, 10, 64)
	n++
	if a.tx == nil {
		return n, nil
	}
	return n, a.tx.SetMeta(metaNumber+k.Name, strconv.FormatInt(n, 10))
}

// idLike makes an id of the same form as another: what stands before its last
// underscore or first dash stays, digits become digits and letters letters.
func (a *act) idLike(like string) (string, error) {
	keep := strings.LastIndexByte(like, '_') + 1
	if dash := strings.IndexByte(like, '-'); keep == 0 && dash > 0 && !strings.ContainsAny(like[:dash], "0123456789") {
		keep = dash + 1
	}
	hexed := isHex(like[keep:])
	random := make([]byte, len(like))
	if _, err := io.ReadFull(a.env.Random, random); err != nil {
		return "", err
	}
	out := []byte(like)
	for i := keep; i < len(out); i++ {
		r := random[i]
		switch c := out[i]; {
		case c >= '0' && c <= '9':
			if out[i] = '0' + r%10; i == keep && c != '0' {
				out[i] = '1' + r%9
			}
		case c >= 'a' && c <= 'z' && hexed:
			out[i] = 'a' + r%6
		case c >= 'a' && c <= 'z':
			out[i] = 'a' + r%26
		case c >= 'A' && c <= 'Z' && hexed:
			out[i] = 'A' + r%6
		case c >= 'A' && c <= 'Z':
			out[i] = 'A' + r%26
		}
	}
	return string(out), nil
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF-", r) })
}

// scopedID is the id under which a row is kept whose own id another parent's
// child has already.
func scopedID(parent, id string) string { return parent + "/" + id }

// free is the id that a new row is kept under: its own, unless a child of
// another parent has that.
func (a *act) free(k *Kind, parent, id string) (string, error) {
	if parent == "" {
		return id, nil
	}
	row, used, err := a.conn.Resource(k.Name, id)
	if err != nil || !used || row.Parent == parent {
		return id, err
	}
	return scopedID(parent, id), nil
}

package scenarios

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Limits of a number: what a request may send and what arithmetic may grow to.
const (
	maxDigits   = 1000
	maxExponent = 1000
	maxBits     = 20000
	maxPlaces   = 1000
)

var (
	errTooLarge   = errors.New("the number is too large")
	errDivideZero = errors.New("division by zero")
	ten           = big.NewInt(10)
)

// Decimal is an exact number. The zero value is 0. Whole numbers of int64 size
// need no allocation; everything else is a rational.
type Decimal struct {
	small int64
	rat   *big.Rat // nil = small
}

// NewDecimal is a whole number.
func NewDecimal(n int64) Decimal { return Decimal{small: n} }

// ParseDecimal reads a number as JSON writes it, digit for digit.
func ParseDecimal(s string) (Decimal, error) {
	whole, exponent, ok := scanNumber(s)
	if !ok {
		return Decimal{}, fmt.Errorf("%q is not a number", clip(s, 40))
	}
	if whole && len(s) <= 18 {
		n, err := strconv.ParseInt(s, 10, 64)
		return Decimal{small: n}, err
	}
	if len(s) > maxDigits || exponent > maxExponent || exponent < -maxExponent {
		return Decimal{}, errTooLarge
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return Decimal{}, fmt.Errorf("%q is not a number", clip(s, 40))
	}
	return fromRat(r), nil
}

// scanNumber checks the JSON grammar of a number; whole means digits only.
func scanNumber(s string) (whole bool, exponent int, ok bool) {
	i := 0
	digits := func() int {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i - from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	lead := i
	n := digits()
	if n == 0 || n > 1 && s[lead] == '0' {
		return false, 0, false
	}
	whole = true
	if i < len(s) && s[i] == '.' {
		whole = false
		i++
		if digits() == 0 {
			return false, 0, false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		whole = false
		i++
		sign := i
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() == 0 {
			return false, 0, false
		}
		e, err := strconv.Atoi(s[sign:i])
		if err != nil {
			e = math.MaxInt32
		}
		exponent = e
	}
	return whole, exponent, i == len(s)
}

func fromRat(r *big.Rat) Decimal {
	if r.IsInt() && r.Num().IsInt64() {
		return Decimal{small: r.Num().Int64()}
	}
	return Decimal{rat: r}
}

func fromInt(n *big.Int) Decimal { return fromRat(new(big.Rat).SetInt(n)) }

// Rat is the number as a new rational.
func (d Decimal) Rat() *big.Rat {
	if d.rat == nil {
		return new(big.Rat).SetInt64(d.small)
	}
	return new(big.Rat).Set(d.rat)
}

// ref is Rat without the copy: for reading only.
func (d Decimal) ref() *big.Rat {
	if d.rat == nil {
		return new(big.Rat).SetInt64(d.small)
	}
	return d.rat
}

// Add is d + e.
func (d Decimal) Add(e Decimal) Decimal {
	if d.rat == nil && e.rat == nil {
		if s := d.small + e.small; (s > d.small) == (e.small > 0) {
			return Decimal{small: s}
		}
	}
	return fromRat(new(big.Rat).Add(d.ref(), e.ref()))
}

// Sub is d - e.
func (d Decimal) Sub(e Decimal) Decimal {
	if d.rat == nil && e.rat == nil {
		if s := d.small - e.small; (s < d.small) == (e.small > 0) {
			return Decimal{small: s}
		}
	}
	return fromRat(new(big.Rat).Sub(d.ref(), e.ref()))
}

// Mul is d × e.
func (d Decimal) Mul(e Decimal) Decimal {
	if d.rat == nil && e.rat == nil && int64(int32(d.small)) == d.small && int64(int32(e.small)) == e.small {
		return Decimal{small: d.small * e.small}
	}
	return fromRat(new(big.Rat).Mul(d.ref(), e.ref()))
}

// Quo is d ÷ e, exact: a third stays a third until it is rounded.
func (d Decimal) Quo(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, errDivideZero
	}
	return fromRat(new(big.Rat).Quo(d.ref(), e.ref())), nil
}

// Mod is d - e × trunc(d ÷ e), with the sign of d.
func (d Decimal) Mod(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, errDivideZero
	}
	if d.rat == nil && e.rat == nil && e.small != -1 {
		return Decimal{small: d.small % e.small}, nil
	}
	q := new(big.Rat).Quo(d.ref(), e.ref())
	whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
	return fromRat(new(big.Rat).Sub(d.ref(), whole.Mul(whole, e.ref()))), nil
}

// Neg is -d.
func (d Decimal) Neg() Decimal { return Decimal{}.Sub(d) }

// Abs is d without its sign.
func (d Decimal) Abs() Decimal {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.rat != nil:
		return d.rat.Sign()
	case d.small < 0:
		return -1
	case d.small > 0:
		return 1
	}
	return 0
}

// Cmp is -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	if d.rat == nil && e.rat == nil {
		switch {
		case d.small < e.small:
			return -1
		case d.small > e.small:
			return 1
		}
		return 0
	}
	return d.ref().Cmp(e.ref())
}

// Equal reports whether both are the same number.
func (d Decimal) Equal(e Decimal) bool { return d.Cmp(e) == 0 }

// Int64 is the number when it is whole and fits.
func (d Decimal) Int64() (int64, bool) { return d.small, d.rat == nil }

// Finite reports whether the number can be written with finitely many digits.
func (d Decimal) Finite() bool {
	if d.rat == nil {
		return true
	}
	_, exact := d.rat.FloatPrec()
	return exact
}

// String is the shortest plain decimal, or a fraction if there is none.
func (d Decimal) String() string {
	if d.rat == nil {
		return strconv.FormatInt(d.small, 10)
	}
	places, exact := d.rat.FloatPrec()
	if !exact {
		return d.rat.String()
	}
	return d.rat.FloatString(places)
}

// Fixed is the number with exactly that many places, half-even.
func (d Decimal) Fixed(places int, mode Rounding) string {
	return d.Round(places, mode).ref().FloatString(max(places, 0))
}

// MarshalJSON writes the shortest plain decimal. A number that has none must
// have been rounded before.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if !d.Finite() {
		return nil, errors.New("the number " + clip(d.String(), 60) + " has no finite decimal form: round it")
	}
	return []byte(d.String()), nil
}

func (d Decimal) tooLarge() bool {
	return d.rat != nil && d.rat.Num().BitLen()+d.rat.Denom().BitLen() > maxBits
}

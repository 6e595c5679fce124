package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
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

// Decimal is an exact number. The zero value is 0. What fits in an int64 and a
// few decimal places, as money does, needs no allocation; everything else is a
// rational.
type Decimal struct {
	small int64    // × 10^-scale, without trailing zeros after the point
	scale uint8    // at most maxScale
	rat   *big.Rat // nil = small
}

const maxScale = 18

var powers = func() (p [maxScale + 1]int64) {
	p[0] = 1
	for i := range maxScale {
		p[i+1] = p[i] * 10
	}
	return p
}()

// NewDecimal is a whole number.
func NewDecimal(n int64) Decimal { return Decimal{small: n} }

// scaled is n × 10^-scale in its shortest form.
func scaled(n int64, scale int) Decimal {
	for scale > 0 && n%10 == 0 {
		n, scale = n/10, scale-1
	}
	return Decimal{small: n, scale: uint8(scale)}
}

// ParseDecimal reads a number as JSON writes it, digit for digit.
func ParseDecimal(s string) (Decimal, error) {
	n, ok := scanNumber(s)
	if !ok {
		return Decimal{}, fmt.Errorf("%q is not a number", clip(s, 40))
	}
	if n.plain && n.digits <= maxScale {
		return scaled(n.value, n.places), nil
	}
	if len(s) > maxDigits || n.exponent > maxExponent || n.exponent < -maxExponent {
		return Decimal{}, errTooLarge
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return Decimal{}, fmt.Errorf("%q is not a number", clip(s, 40))
	}
	return fromRat(r), nil
}

// scanned is what a number is made of.
type scanned struct {
	plain    bool  // no exponent
	digits   int   // before and after the point
	places   int   // after the point
	value    int64 // the digits as one number, if they are few
	exponent int
}

// scanNumber checks the JSON grammar of a number.
func scanNumber(s string) (n scanned, ok bool) {
	i := 0
	digits := func() (count int) {
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			if count++; n.digits+count <= maxScale {
				n.value = n.value*10 + int64(s[i]-'0')
			}
		}
		n.digits += count
		return count
	}
	negative := i < len(s) && s[i] == '-'
	if negative {
		i++
	}
	lead := i
	if count := digits(); count == 0 || count > 1 && s[lead] == '0' {
		return n, false
	}
	n.plain = true
	if i < len(s) && s[i] == '.' {
		i++
		if n.places = digits(); n.places == 0 {
			return n, false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		n.plain = false
		sign := i + 1
		if i = sign; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() == 0 {
			return n, false
		}
		e, err := strconv.Atoi(s[sign:i])
		if err != nil {
			e = math.MaxInt32
		}
		n.exponent = e
	}
	if negative {
		n.value = -n.value
	}
	return n, i == len(s)
}

func fromRat(r *big.Rat) Decimal {
	if r.IsInt() && r.Num().IsInt64() {
		return Decimal{small: r.Num().Int64()}
	}
	return Decimal{rat: r}
}

// Rat is the number as a new rational.
func (d Decimal) Rat() *big.Rat {
	if d.rat == nil {
		return big.NewRat(d.small, powers[d.scale])
	}
	return new(big.Rat).Set(d.rat)
}

// ref is Rat without the copy: for reading only.
func (d Decimal) ref() *big.Rat {
	if d.rat == nil {
		return d.Rat()
	}
	return d.rat
}

// align gives both numbers in one scale, if they are small and stay so.
func align(d, e Decimal) (x, y int64, scale int, ok bool) {
	if d.rat != nil || e.rat != nil {
		return 0, 0, 0, false
	}
	if d.scale == e.scale {
		return d.small, e.small, int(d.scale), true
	}
	if d.scale > e.scale {
		y, ok = times(e.small, powers[d.scale-e.scale])
		return d.small, y, int(d.scale), ok
	}
	x, ok = times(d.small, powers[e.scale-d.scale])
	return x, e.small, int(e.scale), ok
}

// times is a × b unless that overflows.
func times(a, b int64) (int64, bool) {
	if a == math.MinInt64 || b == math.MinInt64 {
		return 0, false
	}
	high, low := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	return a * b, high == 0 && low <= math.MaxInt64
}

// Add is d + e.
func (d Decimal) Add(e Decimal) Decimal {
	if x, y, scale, ok := align(d, e); ok {
		if s := x + y; (s > x) == (y > 0) {
			return scaled(s, scale)
		}
	}
	return fromRat(new(big.Rat).Add(d.ref(), e.ref()))
}

// Sub is d - e.
func (d Decimal) Sub(e Decimal) Decimal {
	if x, y, scale, ok := align(d, e); ok {
		if s := x - y; (s < x) == (y > 0) {
			return scaled(s, scale)
		}
	}
	return fromRat(new(big.Rat).Sub(d.ref(), e.ref()))
}

// Mul is d × e.
func (d Decimal) Mul(e Decimal) Decimal {
	if d.rat == nil && e.rat == nil && d.scale+e.scale <= maxScale {
		if n, ok := times(d.small, e.small); ok {
			return scaled(n, int(d.scale+e.scale))
		}
	}
	return fromRat(new(big.Rat).Mul(d.ref(), e.ref()))
}

// Quo is d ÷ e, exact: a third stays a third until it is rounded.
func (d Decimal) Quo(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, errDivideZero
	}
	if x, y, _, ok := align(d, e); ok && y != -1 && x%y == 0 {
		return Decimal{small: x / y}, nil
	}
	return fromRat(new(big.Rat).Quo(d.ref(), e.ref())), nil
}

// Mod is d - e × trunc(d ÷ e), with the sign of d.
func (d Decimal) Mod(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, errDivideZero
	}
	if x, y, scale, ok := align(d, e); ok {
		return scaled(x%y, scale), nil
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
	if x, y, _, ok := align(d, e); ok {
		return cmp.Compare(x, y)
	}
	return d.ref().Cmp(e.ref())
}

// Equal reports whether both are the same number.
func (d Decimal) Equal(e Decimal) bool { return d.Cmp(e) == 0 }

// Int64 is the number when it is whole and fits.
func (d Decimal) Int64() (int64, bool) { return d.small, d.rat == nil && d.scale == 0 }

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
		return string(d.appendSmall(nil))
	}
	places, exact := d.rat.FloatPrec()
	if !exact {
		return d.rat.String()
	}
	return d.rat.FloatString(places)
}

// appendSmall writes a number that is no rational.
func (d Decimal) appendSmall(b []byte) []byte {
	start := len(b)
	b = strconv.AppendInt(b, d.small, 10)
	if d.scale == 0 {
		return b
	}
	if b[start] == '-' {
		start++
	}
	for len(b)-start <= int(d.scale) {
		b = slices.Insert(b, start, '0')
	}
	return slices.Insert(b, len(b)-int(d.scale), '.')
}

// Fixed is the number with exactly that many places, half-even.
func (d Decimal) Fixed(places int, mode Rounding) string {
	return d.Round(places, mode).ref().FloatString(max(places, 0))
}

// MarshalJSON writes the shortest plain decimal. A number that has none must
// have been rounded before.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d.rat == nil {
		return d.appendSmall(nil), nil
	}
	if !d.Finite() {
		return nil, errors.New("the number " + clip(d.String(), 60) + " has no finite decimal form: round it")
	}
	return []byte(d.String()), nil
}

func (d Decimal) tooLarge() bool {
	return d.rat != nil && d.rat.Num().BitLen()+d.rat.Denom().BitLen() > maxBits
}

package scenarios

import (
	"cmp"
	"fmt"
	"math/big"
)

// Rounding is what happens to the digits that are cut off.
type Rounding string

// The rounding modes. Up and down are away from and towards zero.
const (
	HalfEven Rounding = "half-even"
	HalfUp   Rounding = "half-up"
	Up       Rounding = "up"
	Down     Rounding = "down"
)

// ParseRounding reads a mode; "" is half-even.
func ParseRounding(s string) (Rounding, error) {
	switch r := Rounding(s); r {
	case HalfEven, HalfUp, Up, Down:
		return r, nil
	case "":
		return HalfEven, nil
	}
	return "", fmt.Errorf("no rounding mode %q%s", clip(s, 40), suggest(s, []string{"half-even", "half-up", "up", "down"}))
}

// Round keeps that many places after the point; negative places round to
// tens, hundreds and so on.
func (d Decimal) Round(places int, mode Rounding) Decimal {
	places = min(max(places, -maxPlaces), maxPlaces)
	if d.rat == nil {
		if places >= int(d.scale) {
			return d
		}
		if r, ok := d.roundSmall(places, mode); ok {
			return r
		}
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(abs(places))), nil))
	if places < 0 {
		scale.Inv(scale)
	}
	shifted := new(big.Rat).Mul(d.ref(), scale)
	n := roundInt(shifted, mode)
	if n.IsInt64() && places >= 0 && places <= maxScale {
		return scaled(n.Int64(), places)
	}
	whole := new(big.Rat).SetInt(n)
	return fromRat(whole.Quo(whole, scale))
}

// roundSmall rounds without rationals, unless the number is cut very short.
func (d Decimal) roundSmall(places int, mode Rounding) (Decimal, bool) {
	cut := int(d.scale) - places
	if cut > maxScale {
		return d, false
	}
	unit := powers[cut]
	q, rest := d.small/unit, d.small%unit
	half := cmp.Compare(2*max(rest, -rest), unit)
	if rest != 0 && away(mode, half, q%2 != 0) {
		q += int64(d.Sign())
	}
	if places >= 0 {
		return scaled(q, places), true
	}
	n, ok := times(q, powers[min(-places, maxScale)])
	return Decimal{small: n}, ok && -places <= maxScale
}

// away reports whether a rest is rounded away from zero; half compares it
// with one half.
func away(mode Rounding, half int, odd bool) bool {
	switch mode {
	case Up:
		return true
	case Down:
		return false
	case HalfUp:
		return half >= 0
	}
	return half > 0 || half == 0 && odd
}

func roundInt(r *big.Rat, mode Rounding) *big.Int {
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() == 0 {
		return q
	}
	half := rest.Abs(rest).Lsh(rest, 1).Cmp(r.Denom())
	if away(mode, half, q.Bit(0) == 1) {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	return q
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

package scenarios

import (
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
	if d.rat == nil && places >= 0 {
		return d
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(abs(places))), nil))
	if places < 0 {
		scale.Inv(scale)
	}
	scaled := new(big.Rat).Mul(d.ref(), scale)
	whole := new(big.Rat).SetInt(roundInt(scaled, mode))
	return fromRat(whole.Quo(whole, scale))
}

func roundInt(r *big.Rat, mode Rounding) *big.Int {
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() == 0 {
		return q
	}
	away := false
	half := rest.Abs(rest).Lsh(rest, 1).Cmp(r.Denom())
	switch mode {
	case Up:
		away = true
	case Down:
	case HalfUp:
		away = half >= 0
	default:
		away = half > 0 || half == 0 && q.Bit(0) == 1
	}
	if away {
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

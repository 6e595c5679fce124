package scenarios

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "1": "1", "-1": "-1", "1.50": "1.5", "0.1": "0.1", "-0.10": "-0.1",
		"1e3": "1000", "1E-3": "0.001", "12.5e1": "125", "100": "100", "0.000": "0",
		"9223372036854775807":      "9223372036854775807",
		"9223372036854775808":      "9223372036854775808",
		"-9223372036854775808":     "-9223372036854775808",
		"123456789012345678.12345": "123456789012345678.12345",
		"1e30":                     "1" + strings.Repeat("0", 30),
	} {
		if got := dec(t, in).String(); got != want {
			t.Errorf("ParseDecimal(%s) = %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{
		"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1_000", "NaN", "Inf", " 1", "1 ", "1/3", "1e1001", "1e-1001",
		"1e99999999999999999999", "1" + strings.Repeat("0", 1000), "१",
	} {
		if d, err := ParseDecimal(in); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", in, d)
		}
	}
}

func TestDecimalMarshal(t *testing.T) {
	third, err := NewDecimal(1).Quo(NewDecimal(3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(third); err == nil || !strings.Contains(err.Error(), "round it") {
		t.Errorf("a third rendered: %v", err)
	}
	if got := third.String(); got != "1/3" {
		t.Errorf("third = %s", got)
	}
	for in, want := range map[string]string{"2.50": "2.5", "1e2": "100", "0.00000001": "0.00000001", "-3": "-3"} {
		if got, err := json.Marshal(dec(t, in)); err != nil || string(got) != want {
			t.Errorf("%s rendered as %s, %v", in, got, err)
		}
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		in                       string
		places                   int
		halfEven, halfUp, up, dn string
	}{
		{"2.5", 0, "2", "3", "3", "2"},
		{"3.5", 0, "4", "4", "4", "3"},
		{"-2.5", 0, "-2", "-3", "-3", "-2"},
		{"2.345", 2, "2.34", "2.35", "2.35", "2.34"},
		{"2.355", 2, "2.36", "2.36", "2.36", "2.35"},
		{"2.3401", 2, "2.34", "2.34", "2.35", "2.34"},
		{"-0.001", 2, "0", "0", "-0.01", "0"},
		{"1250", -2, "1200", "1300", "1300", "1200"},
		{"1350", -2, "1400", "1400", "1400", "1300"},
		{"1", 2, "1", "1", "1", "1"},
		{"0.5", 5, "0.5", "0.5", "0.5", "0.5"},
	} {
		for mode, want := range map[Rounding]string{HalfEven: c.halfEven, HalfUp: c.halfUp, Up: c.up, Down: c.dn} {
			if got := dec(t, c.in).Round(c.places, mode).String(); got != want {
				t.Errorf("Round(%s, %d, %s) = %s, want %s", c.in, c.places, mode, got, want)
			}
		}
	}
	if got := dec(t, "2.5").Fixed(3, HalfEven); got != "2.500" {
		t.Errorf("Fixed = %s", got)
	}
}

func TestDecimalEdges(t *testing.T) {
	low, high := NewDecimal(math.MinInt64), NewDecimal(math.MaxInt64)
	for name, c := range map[string][2]string{
		"overflow":  {high.Add(NewDecimal(1)).String(), "9223372036854775808"},
		"underflow": {low.Sub(NewDecimal(1)).String(), "-9223372036854775809"},
		"negated":   {low.Neg().String(), "9223372036854775808"},
		"abs":       {low.Abs().String(), "9223372036854775808"},
		"product":   {high.Mul(high).String(), "85070591730234615847396907784232501249"},
		"adding 0":  {high.Add(Decimal{}).String(), "9223372036854775807"},
		"less 0":    {high.Sub(Decimal{}).String(), "9223372036854775807"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s, want %s", name, c[0], c[1])
		}
	}
	if _, err := high.Quo(Decimal{}); err == nil {
		t.Error("division by zero went through")
	}
	if m, err := low.Mod(NewDecimal(-1)); err != nil || m.Sign() != 0 {
		t.Errorf("low %% -1 = %v, %v", m, err)
	}
	if m, _ := dec(t, "-7.5").Mod(NewDecimal(2)); m.String() != "-1.5" {
		t.Errorf("-7.5 %% 2 = %s", m)
	}
}

// anyDecimal draws small and large, whole and broken numbers, as JSON writes them.
func anyDecimal() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?`),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?[eE][+-]?[0-9]{1,2}`),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,2})`),
	)
}

func TestDecimalAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		read := func(name string) (Decimal, *big.Rat) {
			s := anyDecimal().Draw(t, name)
			d, err := ParseDecimal(s)
			if err != nil {
				t.Fatal(err)
			}
			r, ok := new(big.Rat).SetString(s)
			if !ok {
				t.Fatal(s)
			}
			return d, r
		}
		a, ra := read("a")
		b, rb := read("b")
		same := func(op string, d Decimal, r *big.Rat) {
			if d.Rat().Cmp(r) != 0 {
				t.Fatalf("a %s b = %s, want %s", op, d, r)
			}
			if r.IsInt() && r.Num().IsInt64() && d.rat != nil {
				t.Fatalf("%s is not in its small form", d)
			}
		}
		same("+", a.Add(b), new(big.Rat).Add(ra, rb))
		same("-", a.Sub(b), new(big.Rat).Sub(ra, rb))
		same("*", a.Mul(b), new(big.Rat).Mul(ra, rb))
		if a.Cmp(b) != ra.Cmp(rb) {
			t.Fatalf("compare: %d", a.Cmp(b))
		}
		if q, err := a.Quo(b); err == nil {
			same("/", q, new(big.Rat).Quo(ra, rb))
		} else if rb.Sign() != 0 {
			t.Fatal(err)
		}
		if !a.Add(b).Sub(b).Equal(a) {
			t.Fatal("a + b - b is not a")
		}
	})
}

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := ParseDecimal(anyDecimal().Draw(t, "d"))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseDecimal(string(written))
		if err != nil || !again.Equal(d) {
			t.Fatalf("%s came back as %s: %v", written, again, err)
		}
		if s := string(written); strings.Contains(s, ".") && (strings.HasSuffix(s, "0") || strings.HasSuffix(s, ".")) || strings.ContainsAny(s, "eE") {
			t.Fatalf("%s is not the shortest plain form", s)
		}
	})
}

func TestRoundProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.Int64().Draw(t, "n"), rapid.Int64Range(1, 1e6).Draw(t, "d")
		x, err := NewDecimal(n).Quo(NewDecimal(d))
		if err != nil {
			t.Fatal(err)
		}
		places := rapid.IntRange(-3, 6).Draw(t, "places")
		step := new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(abs(places))), nil))
		if places > 0 {
			step.Inv(step)
		}
		half := new(big.Rat).Mul(step, big.NewRat(1, 2))
		for _, mode := range []Rounding{HalfEven, HalfUp, Up, Down} {
			r := x.Round(places, mode)
			if !r.Finite() || !r.Round(places, mode).Equal(r) {
				t.Fatalf("%s: %s does not stay", mode, r)
			}
			off := x.Sub(r).Abs().Rat()
			limit := step
			if mode == HalfEven || mode == HalfUp {
				limit = half
			}
			if off.Cmp(limit) > 0 {
				t.Fatalf("%s: %s is %s away from %s", mode, r, off, x)
			}
			if mode == Down && r.Abs().Cmp(x.Abs()) > 0 || mode == Up && r.Abs().Cmp(x.Abs()) < 0 {
				t.Fatalf("%s went the wrong way: %s to %s", mode, x, r)
			}
		}
	})
}

// The form without rationals gives what the rationals give.
func TestSmallFormAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		read := func(name string) (Decimal, Decimal) {
			d := scaled(rapid.Int64().Draw(t, name), rapid.IntRange(0, maxScale).Draw(t, name+" scale"))
			return d, Decimal{rat: d.Rat()}
		}
		a, ra := read("a")
		b, rb := read("b")
		same := func(what string, got, want Decimal) {
			if got.ref().Cmp(want.ref()) != 0 {
				t.Fatalf("%s: %s, want %s", what, got, want)
			}
			if got.rat == nil && got.scale > 0 && got.small%10 == 0 {
				t.Fatalf("%s: %d e-%d is not in its shortest form", what, got.small, got.scale)
			}
		}
		same("+", a.Add(b), ra.Add(rb))
		same("-", a.Sub(b), ra.Sub(rb))
		same("*", a.Mul(b), ra.Mul(rb))
		same("neg", a.Neg(), Decimal{}.Sub(ra))
		if b.Sign() != 0 {
			q, _ := a.Quo(b)
			rq, _ := ra.Quo(rb)
			same("/", q, rq)
			m, _ := a.Mod(b)
			rm, _ := ra.Mod(rb)
			same("%", m, rm)
		}
		if a.Cmp(b) != ra.Cmp(rb) || a.Sign() != ra.Sign() {
			t.Fatal("compared otherwise")
		}
		if a.String() != ra.String() {
			t.Fatalf("%s is written %s", ra, a)
		}
		places := rapid.IntRange(-25, 25).Draw(t, "places")
		for _, mode := range []Rounding{HalfEven, HalfUp, Up, Down} {
			same("round "+string(mode), a.Round(places, mode), ra.Round(places, mode))
		}
		if a.Fixed(4, HalfUp) != ra.Fixed(4, HalfUp) {
			t.Fatal("fixed otherwise")
		}
	})
}

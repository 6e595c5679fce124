package testcards

import "testing"

func TestReal(t *testing.T) {
	for _, number := range published {
		if !Luhn(number) || Real(number) {
			t.Errorf("%s is no test card", Mask(number))
		}
	}
	for number, want := range map[string]bool{
		"4242424242424242": false, "4242 4242-4242 4242": false, "4000000000000002": false,
		"4539000073571117": Luhn("4539000073571117"), "4539578763621486": true, "4539 5787 6362 1486": true,
		"4539578763621487": false, "123": false, "": false, "tok_visa": false, "45395787636214864539578763621486": false,
	} {
		if got := Real(number); got != want {
			t.Errorf("%s: %v", Mask(number), got)
		}
	}
}

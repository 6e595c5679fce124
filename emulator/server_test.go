package emulator_test

import (
	"testing"

	"github.com/sandgate/sandgate/emulator"
)

// newServer is a server that closes without a complaint when its test ends.
func newServer(t testing.TB, o emulator.Options, change ...func(*emulator.Options)) *emulator.Server {
	t.Helper()
	for _, f := range change {
		f(&o)
	}
	s, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

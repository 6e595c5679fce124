package emulator_test

import "testing"

// onebyone is for tests that send one request after another: the race detector
// learns nothing from them that others do not show, and takes ten times as long.
func onebyone(t *testing.T) {
	t.Helper()
	if racing && testing.Short() {
		t.Skip("one request after another: left out of -race -short")
	}
}

package sandbox

import (
	"maps"
	"slices"
	"testing"

	"github.com/sandgate/sandgate/emulator/store"
	"github.com/sandgate/sandgate/scenarios"
)

// What a scenario may choose rows by is what the store can.
func TestTableFieldsAreTheStores(t *testing.T) {
	for name, said := range scenarios.TableFields {
		said = slices.Sorted(slices.Values(said))
		if has := slices.Sorted(maps.Keys(store.TableFields(name))); !slices.Equal(said, has) {
			t.Errorf("%s: a scenario may say %v, the store knows %v", name, said, has)
		}
	}
}

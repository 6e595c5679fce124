package emulator

import (
	"fmt"

	"github.com/sandgate/sandgate/scenarios"
)

// FirstScenario writes what a contract says by itself as a scenario to edit.
// The options name one --spec; name is the provider's, "" = the file's.
func FirstScenario(o Options) (name string, text []byte, err error) {
	list, err := sources(o)
	if err != nil {
		return "", nil, err
	}
	if len(list) != 1 || list[0].spec == "" {
		return "", nil, fmt.Errorf("a first scenario is written for one --spec")
	}
	_, doc, err := list[0].load(o, scenarios.Embedded)
	if err != nil {
		return "", nil, err
	}
	writer, ok := any(scenarios.NewInference(doc)).(interface {
		YAML(name string) ([]byte, error)
	})
	if !ok {
		return "", nil, fmt.Errorf("inference cannot be written yet")
	}
	text, err = writer.YAML(list[0].mount())
	return list[0].mount(), text, err
}

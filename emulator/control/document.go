package control

import (
	_ "embed"
	"sync"

	"github.com/sandgate/sandgate/openapi"
)

//go:embed openapi.json
var contract []byte

// document is the control API's own contract: what it answers to a reader and
// what it holds every request against.
var document = sync.OnceValues(func() (*openapi.Document, error) { return openapi.Load(contract) })

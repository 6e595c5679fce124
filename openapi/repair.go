package openapi

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Repair is something in a document that breaks OpenAPI, and what was made of it.
type Repair struct {
	Pointer string // JSON pointer into the document
	Problem string // what is wrong
	Meaning string // what it was taken for
}

// maxRepairs bounds what is remembered of a document that is nothing but broken.
const maxRepairs = 10_000

// repairs collects what was repaired, each once.
type repairs struct {
	mu   sync.Mutex
	seen map[Repair]bool
	told map[string]bool // references of which bundling said already why they lead nowhere
}

// repaired remembers a repair. Any goroutine may call it, with any other lock held.
func (d *Document) repaired(pointer, problem, meaning string) {
	r := &d.repairs
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) >= maxRepairs || r.told[pointer] && strings.HasSuffix(problem, leavesDocument) {
		return
	}
	if r.seen == nil {
		r.seen = map[Repair]bool{}
	}
	r.seen[Repair{pointer, problem, meaning}] = true
}

const leavesDocument = "leaves the document"

// tell remembers what was said of references before there was an index.
func (d *Document) tell(before []Repair) {
	d.repairs.told = map[string]bool{}
	for _, r := range before {
		if strings.HasSuffix(r.Pointer, "/$ref") {
			d.repairs.told[r.Pointer] = true
		}
	}
}

// Repairs lists what was repaired so far, sorted. What stands in schemas is found when they are first used; Inspect finds all.
func (d *Document) Repairs() []Repair {
	r := &d.repairs
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Repair, 0, len(r.seen))
	for repair := range r.seen {
		list = append(list, repair)
	}
	slices.SortFunc(list, func(a, b Repair) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Meaning, b.Meaning))
	})
	return list
}

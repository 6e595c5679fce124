package openapi

import (
	"cmp"
	"slices"
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
}

// repaired remembers a repair. Any goroutine may call it, with any other lock held.
func (d *Document) repaired(pointer, problem, meaning string) {
	r := &d.repairs
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) >= maxRepairs {
		return
	}
	if r.seen == nil {
		r.seen = map[Repair]bool{}
	}
	r.seen[Repair{pointer, problem, meaning}] = true
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

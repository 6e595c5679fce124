package scenarios

import (
	"maps"
	"slices"
	"strings"
)

// View is a page that shows one resource to whoever has its link, and lets
// nobody do anything: under a provider's mount, Path and the id.
type View struct {
	Line int    `json:"line"`
	Path string `json:"path" yaml:"path"` // such as /pay/
	Kind string `json:"kind" yaml:"kind"`
	// Show is what the page says, over `resource`, in the order of the file. These have a place of their own: title, amount, currency, note
	// (a sentence that stands out), address (to be copied), until (the instant that time is counted down to).
	Show   Template             `json:"show" yaml:"show"`
	States map[string]ViewState `json:"states" yaml:"states"` // every state of the kind
}

// ViewState is how a page speaks of a state.
type ViewState struct {
	Title string `json:"title" yaml:"title"`
	About string `json:"about,omitempty" yaml:"about"`
	Final bool   `json:"final,omitempty" yaml:"final"` // the page does not look again
}

func (c *check) view(v *View) {
	if v == nil {
		return
	}
	if !strings.HasPrefix(v.Path, "/") || !strings.HasSuffix(v.Path, "/") || len(v.Path) < len("/x/") {
		c.fail(v.Line, "view, path: such as /pay/, with a / at both ends, not %q", clip(v.Path, 40))
	}
	if !c.kind(v.Line, "view", v.Kind) {
		return
	}
	if !v.Show.Map {
		c.fail(v.Line, "view, show: names and what the page says under each")
	}
	c.template(v.Show, c.base().with("resource", v.Kind))
	for _, state := range slices.Sorted(maps.Keys(v.States)) {
		c.state(v.Line, "view, states", v.Kind, state)
	}
	for _, state := range c.states(v.Kind) {
		if _, said := v.States[state]; !said {
			c.fail(v.Line, "view, states: nothing is said of %s", state)
		}
	}
}

package sandbox

import (
	"maps"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// showID shows an object's id where a reply calls it otherwise than the kind
// does. One that was just made and whose reply has no place for the id shows
// it under the kind's name for it: else nobody could reach it.
func (b *Binding) showID(o *object, s *openapi.Schema, out map[string]any) {
	own := o.kind.nature.idField
	if own == "" || s.Has(own) || len(s.Properties()) == 0 {
		return
	}
	id := o.kind.idValue(o.row.ID)
	short := o.kind.Short
	for _, name := range []string{"id", "uid", "uuid", short + "_id", short + "Id", camel(short) + "Id", short + "_uid", short + "_uuid"} {
		if _, there := out[name]; s.Has(name) && !there && len(s.Property(name).Validate(id, "")) == 0 {
			out[name] = id
			return
		}
	}
	if spec := b.Spec; spec == nil || spec.Verb != "create" || b.Depth != Generic {
		return
	}
	for _, name := range s.Properties() {
		if _, there := out[name]; there && identityName(name) {
			return
		}
	}
	out[own] = id
}

// identityName tells properties that may stand for an object.
func identityName(name string) bool {
	word := strings.ToLower(name)
	return slices.ContainsFunc([]string{"id", "uuid", "reference", "code", "token"}, func(end string) bool { return strings.HasSuffix(word, end) })
}

// extras invents what a reply shows beside the object itself: the address that
// a payer is sent to.
func (o *object) extras(s *openapi.Schema, out map[string]any) {
	k := o.kind
	if !k.nature.whole || k.nature.lean || k.shape == nil || !slices.ContainsFunc(s.Properties(), func(name string) bool { return !k.shape[name] }) {
		return
	}
	filled, _ := s.FitWith(maps.Clone(out), o.faker(), openapi.FitOptions{Fill: true}).(map[string]any)
	for name, v := range filled {
		if _, there := out[name]; !there && !k.shape[name] {
			out[name] = v
		}
	}
}

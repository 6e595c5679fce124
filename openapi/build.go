package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const schemasPrefix = "#/components/schemas/"

func schemaRef(name string) string {
	return schemasPrefix + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// builder turns raw schemas into Schema values while the document's lock is held. A schema is entered under its reference before it is filled,
// which is what lets circles close.
type builder struct {
	doc   *Document
	added []string
}

// forget takes back what a failed build entered, because it may be half filled.
func (b *builder) forget() {
	for _, ref := range b.added {
		delete(b.doc.schemas, ref)
	}
}

// resolve returns the schema that a reference names.
func (b *builder) resolve(ref string) (*Schema, error) {
	ref = spelled(ref)
	if s := b.doc.schemas[ref]; s != nil {
		return s, nil
	}
	raw, err := b.doc.at(ref)
	if err != nil {
		return nil, err
	}
	target := ref
	for range maxHops {
		next, ok := reference(raw)
		if !ok || isNullableRef(raw) {
			return b.named(ref, target, raw)
		}
		if raw, err = b.doc.at(next); err != nil {
			return nil, err
		}
		target = spelled(next)
	}
	return nil, fmt.Errorf("reference %q goes round in a circle", ref)
}

// spelled is the one spelling of a reference under which its schema is kept: that without percent signs.
func spelled(ref string) string {
	if strings.Contains(ref, "%") {
		if decoded, err := url.PathUnescape(ref); err == nil {
			return decoded
		}
	}
	return ref
}

func (b *builder) named(ref, target string, raw json.RawMessage) (*Schema, error) {
	s := b.doc.schemas[target]
	if s == nil {
		s = &Schema{kin: &openapi3.Schema{}, raw: raw, siblings: readSiblings(b.doc, raw)}
		if name, ok := strings.CutPrefix(target, schemasPrefix); ok && !strings.Contains(name, "/") {
			s.name = unescapeToken(name)
		}
		b.enter(target, s)
		if err := b.fill(s, raw); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimPrefix(target, "#/"), err)
		}
	}
	if ref != target {
		b.enter(ref, s)
	}
	return s, nil
}

func (b *builder) enter(ref string, s *Schema) {
	b.doc.schemas[ref] = s
	b.added = append(b.added, ref)
}

// schema builds the schema in raw, which may be a reference, and wraps it as kin's model wants it: with the reference's text, which
// discriminators are compared with.
func (b *builder) schema(raw json.RawMessage) (*Schema, *openapi3.SchemaRef, error) {
	if ref, ok := reference(raw); ok && !isNullableRef(raw) {
		s, err := b.resolve(ref)
		if err != nil {
			return nil, nil, err
		}
		return s, &openapi3.SchemaRef{Ref: ref, Value: s.kin}, nil
	}
	s := &Schema{kin: &openapi3.Schema{}, raw: raw}
	if err := b.fill(s, raw); err != nil {
		return nil, nil, err
	}
	return s, &openapi3.SchemaRef{Value: s.kin}, nil
}

// isNullableRef recognises {"$ref": …, "nullable": true}. OpenAPI 3.0 ignores what stands beside $ref, but authors mean it.
func isNullableRef(raw json.RawMessage) bool {
	value, ok := member(raw, "nullable")
	return ok && string(value) == "true"
}

func (b *builder) fill(s *Schema, raw json.RawMessage) error {
	if yes, err := truth(raw); err == nil {
		s.kin.Always = &yes
		return nil
	}
	if ref, ok := reference(raw); ok {
		part, kin, err := b.schema(json.RawMessage(`{"$ref":` + string(appendString(nil, ref)) + `}`))
		if err != nil {
			return err
		}
		s.allOf, s.kin.AllOf, s.kin.Nullable, s.kin.AllowEmptyValue = []*Schema{part}, openapi3.SchemaRefs{kin}, true, true
		return nil
	}
	err := eachMember(raw, func(keyword string, value json.RawMessage) error {
		if err := b.keyword(s, keyword, value); err != nil {
			return fmt.Errorf("%s: %w", keyword, err)
		}
		return nil
	})
	if s.kin.Type == nil {
		// kin asks a schema without a type whether it is empty by walking everything below it, which never ends in a circle. This mark,
		// which nothing else looks at, makes it answer at once.
		s.kin.AllowEmptyValue = true
	}
	return err
}

// keyword reads one keyword; those that describe or are unknown are left in raw.
func (b *builder) keyword(s *Schema, keyword string, value json.RawMessage) (err error) {
	kin := s.kin
	switch keyword {
	case "type":
		err = readTypes(kin, value)
	case "format":
		kin.Format, err = text(value)
	case "description":
		kin.Description, err = text(value)
	case "enum":
		err = eachItem(value, func(item json.RawMessage) error {
			v, err := decodeValue(item)
			kin.Enum = append(kin.Enum, v)
			return err
		})
	case "default":
		kin.Default, err = decodeValue(value)
	case "example":
		kin.Example, err = decodeValue(value)
	case "nullable":
		kin.Nullable, err = truth(value)
	case "readOnly":
		kin.ReadOnly, err = truth(value)
	case "writeOnly":
		kin.WriteOnly, err = truth(value)
	case "required":
		kin.Required, err = texts(value)
	case "items", "not", "additionalProperties", "properties", "allOf", "oneOf", "anyOf", "discriminator":
		err = b.structure(s, keyword, value)
	default:
		err = readBound(kin, keyword, value)
	}
	return err
}

func readTypes(kin *openapi3.Schema, value json.RawMessage) error {
	if len(value) > 0 && value[0] == '[' {
		list, err := texts(value)
		types := openapi3.Types(list)
		kin.Type = &types
		return err
	}
	t, err := text(value)
	kin.Type = &openapi3.Types{t}
	return err
}

// readBound reads the keywords that limit a value by a number, a flag or a pattern.
func readBound(kin *openapi3.Schema, keyword string, value json.RawMessage) (err error) {
	switch keyword {
	case "minimum":
		kin.Min, err = pointerTo(number(value))
	case "maximum":
		kin.Max, err = pointerTo(number(value))
	case "multipleOf":
		kin.MultipleOf, err = pointerTo(number(value))
	case "exclusiveMinimum":
		kin.ExclusiveMin, err = exclusive(value)
	case "exclusiveMaximum":
		kin.ExclusiveMax, err = exclusive(value)
	case "minLength":
		kin.MinLength, err = count(value)
	case "maxLength":
		kin.MaxLength, err = pointerTo(count(value))
	case "pattern":
		kin.Pattern, err = text(value)
	case "minItems":
		kin.MinItems, err = count(value)
	case "maxItems":
		kin.MaxItems, err = pointerTo(count(value))
	case "uniqueItems":
		kin.UniqueItems, err = truth(value)
	case "minProperties":
		kin.MinProps, err = count(value)
	case "maxProperties":
		kin.MaxProps, err = pointerTo(count(value))
	}
	return err
}

func pointerTo[T any](v T, err error) (*T, error) { return &v, err }

func exclusive(value json.RawMessage) (openapi3.ExclusiveBound, error) {
	if yes, err := truth(value); err == nil {
		return openapi3.ExclusiveBound{Bool: &yes}, nil
	}
	f, err := number(value)
	return openapi3.ExclusiveBound{Value: &f}, err
}

// structure reads the keywords that hold schemas.
func (b *builder) structure(s *Schema, keyword string, value json.RawMessage) (err error) {
	kin := s.kin
	switch keyword {
	case "items":
		s.items, kin.Items, err = b.schema(value)
	case "not":
		_, kin.Not, err = b.schema(value)
	case "additionalProperties":
		if yes, no := truth(value); no == nil {
			kin.AdditionalProperties.Has = &yes
			return nil
		}
		s.extra, kin.AdditionalProperties.Schema, err = b.schema(value)
	case "properties":
		err = b.properties(s, value)
	case "allOf":
		s.allOf, kin.AllOf, err = b.list(s.allOf, value)
	case "oneOf":
		// Variants read as oneOf before anyOf, however the document orders the two keywords.
		anyOf := s.variants
		if s.variants, kin.OneOf, err = b.list(nil, value); err == nil {
			s.variants = append(s.variants, anyOf...)
		}
	case "anyOf":
		s.variants, kin.AnyOf, err = b.list(s.variants, value)
	case "discriminator":
		kin.Discriminator, err = readDiscriminator(value)
	}
	return err
}

func (b *builder) list(schemas []*Schema, value json.RawMessage) ([]*Schema, openapi3.SchemaRefs, error) {
	var refs openapi3.SchemaRefs
	err := eachItem(value, func(item json.RawMessage) error {
		s, kin, err := b.schema(item)
		schemas, refs = append(schemas, s), append(refs, kin)
		return err
	})
	return schemas, refs, err
}

func (b *builder) properties(s *Schema, value json.RawMessage) error {
	s.props, s.kin.Properties = map[string]*Schema{}, openapi3.Schemas{}
	return eachMember(value, func(name string, item json.RawMessage) error {
		child, kin, err := b.schema(item)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if s.props[name] == nil {
			s.order = append(s.order, name)
		}
		s.props[name], s.kin.Properties[name] = child, kin
		return nil
	})
}

func readDiscriminator(value json.RawMessage) (*openapi3.Discriminator, error) {
	name, ok := member(value, "propertyName")
	if !ok {
		return nil, fmt.Errorf("no propertyName")
	}
	d := &openapi3.Discriminator{}
	var err error
	if d.PropertyName, err = text(name); err != nil {
		return nil, err
	}
	mapping, ok := member(value, "mapping")
	if !ok {
		return d, nil
	}
	d.Mapping = map[string]openapi3.MappingRef{}
	return d, eachMember(mapping, func(name string, target json.RawMessage) error {
		ref, err := text(target)
		d.Mapping[name] = openapi3.MappingRef{Ref: ref}
		return err
	})
}

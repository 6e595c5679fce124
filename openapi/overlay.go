package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Overlaid is the document with an overlay applied, given as JSON or YAML.
//
// Overlays are those of the OpenAPI Initiative, version 1.0.0, and not a merge form of our own: authors and editors know them, other tools write
// them, one target can change hundreds of operations at once, and what a target does not find is a mistake that can be told. A merge form
// would be shorter for one value and would have to invent removal, lists and wildcards.
//
// An action whose target finds nothing is an error: the contract has changed under the overlay, or there is a typo.
func (d *Document) Overlaid(overlay []byte) (*Document, error) {
	text, notes, err := overlaid(d.raw, overlay)
	if err != nil {
		return nil, err
	}
	return indexed(text, slices.Concat(d.before, notes))
}

// CheckOverlay says what is wrong with an overlay, whatever document it is for.
func CheckOverlay(overlay []byte) error {
	_, _, err := readOverlay(overlay)
	return err
}

// overlayAction is one change: to every value that target finds.
type overlayAction struct {
	target string
	line   int // 0 if it is not known
	path   *jsonPath
	update json.RawMessage
	remove bool
}

func (a *overlayAction) fail(format string, args ...any) error {
	place := ""
	if a.line > 0 {
		place = fmt.Sprintf("line %d: ", a.line)
	}
	return fmt.Errorf("%starget %s: %s", place, a.target, fmt.Sprintf(format, args...))
}

// overlaid applies an overlay to the text of a document.
func overlaid(text, overlay []byte) ([]byte, []Repair, error) {
	actions, notes, err := readOverlay(overlay)
	if err != nil {
		return nil, nil, err
	}
	root := newTree(text[skipSpace(text, 0):], nil, "", new(int))
	for _, a := range actions {
		found, err := a.path.nodes(root, root)
		if err != nil {
			return nil, nil, a.fail("%v", err)
		}
		if found = distinctNodes(found); len(found) == 0 {
			return nil, nil, a.fail("nothing is there")
		}
		if err := a.apply(root, found); err != nil {
			return nil, nil, err
		}
	}
	out := root.write(make([]byte, 0, len(text)+len(overlay)))
	if len(out) > MaxDocument {
		return nil, nil, fmt.Errorf("the document has %d bytes after the overlay, the limit is %d", len(out), MaxDocument)
	}
	return out, notes, checkText(out)
}

func (a *overlayAction) apply(root *tree, found []*tree) error {
	if a.remove {
		for _, t := range found {
			if t == root {
				return a.fail("the whole document cannot be removed")
			}
		}
		remove(found)
		return nil
	}
	size := 0
	for _, t := range found {
		if size += len(a.update); size > MaxDocument {
			return a.fail("what it adds is too large: more than %d bytes", MaxDocument)
		}
		switch {
		case t.kind != '{' && t.kind != '[':
			return a.fail("an update goes into an object or a list, %s is %s; target what it is in, and update the member", t.pointer(), kindOf(t.raw))
		case t.kind == '{' && a.update[0] != '{':
			return a.fail("%s is an object: the update wants to be one, and is %s", t.pointer(), kindOf(a.update))
		}
		if err := t.merge(a.update); err != nil {
			return a.fail("%v", err)
		}
	}
	return nil
}

// readOverlay reads the actions of an overlay document.
func readOverlay(overlay []byte) (actions []*overlayAction, notes []Repair, err error) {
	text, notes, err := readText(overlay)
	if err != nil {
		return nil, nil, err
	}
	lines := bytes.Split(overlay, []byte("\n"))
	hasVersion, hasActions := false, false
	err = eachMember(text, func(name string, value json.RawMessage) error {
		switch name {
		case "overlay":
			hasVersion = true
			return readOverlayVersion(value, &notes)
		case "extends":
			notes = append(notes, Repair{"", "the overlay says what it extends", "nothing: it is applied to the contract that it is given with, and nothing is fetched"})
		case "actions":
			hasActions = true
			return eachItem(value, func(item json.RawMessage) error {
				a, err := readAction(item)
				if err != nil {
					return fmt.Errorf("actions/%d: %w", len(actions), err)
				}
				a.line = lineOfTarget(lines, actions, a.target)
				if a.path, err = parsePath(a.target); err != nil {
					return a.fail("%v", err)
				}
				actions = append(actions, a)
				return nil
			})
		case "info":
		default:
			if !strings.HasPrefix(name, "x-") {
				return fmt.Errorf("an overlay has no field %q; it has overlay, info, extends and actions", clip(name))
			}
		}
		return nil
	})
	if err == nil && !hasVersion {
		err = fmt.Errorf("no field overlay: an overlay starts with overlay: 1.0.0")
	}
	if err == nil && (!hasActions || len(actions) == 0) {
		err = fmt.Errorf("actions: want at least one")
	}
	return actions, notes, err
}

func readOverlayVersion(value json.RawMessage, notes *[]Repair) error {
	version, err := text(value)
	if err != nil {
		version = string(value)
	}
	switch {
	case version == "1.0" || strings.HasPrefix(version, "1.0."):
		return nil
	case strings.HasPrefix(version, "1."):
		*notes = append(*notes, Repair{"", "the overlay's version " + clip(version) + " is newer than 1.0", "1.0"})
		return nil
	}
	return fmt.Errorf("overlay: want version 1.0.0, have %s", clip(version))
}

func readAction(raw json.RawMessage) (*overlayAction, error) {
	a := &overlayAction{}
	err := eachMember(raw, func(name string, value json.RawMessage) (err error) {
		switch name {
		case "target":
			a.target, err = text(value)
		case "update":
			a.update = value
		case "remove":
			a.remove, err = truth(value)
		case "description":
		default:
			if !strings.HasPrefix(name, "x-") {
				err = fmt.Errorf("an action has no such field; it has target, description, update and remove")
			}
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", clip(name), err)
		}
		return err
	})
	switch {
	case err != nil:
	case a.target == "":
		err = fmt.Errorf("target: missing")
	case a.update == nil && !a.remove:
		err = fmt.Errorf("target %s: want update or remove: true", a.target)
	}
	return a, err
}

// lineOfTarget finds the line of an action in the overlay's text: the one that says target and this target, for the n-th time if n have it.
func lineOfTarget(lines [][]byte, before []*overlayAction, target string) int {
	skip := 0
	for _, a := range before {
		if a.target == target {
			skip++
		}
	}
	for i, line := range lines {
		_, rest, ok := bytes.Cut(line, []byte("target"))
		if !ok || !bytes.Contains(rest, []byte(target)) {
			continue
		}
		if skip == 0 {
			return i + 1
		}
		skip--
	}
	return 0
}

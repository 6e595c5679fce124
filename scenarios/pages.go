package scenarios

import "slices"

// Params are the parameters that choose a page, and nothing else about a list.
func (p Pages) Params() []string {
	return slices.DeleteFunc([]string{p.Page, p.Limit, p.Cursor, p.Window, p.Offset, p.After, p.Before}, func(name string) bool { return name == "" })
}

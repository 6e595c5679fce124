package openapi

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// maxServerPaths bounds what the variables of one server may multiply to.
const maxServerPaths = 64

// ServerPaths lists the paths under which the document's servers have its operations ("/api/v2"), the longest first. A server at the root of its host
// has none.
func (d *Document) ServerPaths() []string {
	list := serverPaths(d.root["servers"])
	if bytes.Count(d.raw, []byte(`"servers"`)) > 1 {
		list = append(list, d.innerServerPaths()...)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// innerServerPaths are those of path items and operations.
func (d *Document) innerServerPaths() (list []string) {
	for _, o := range d.operations {
		list = append(list, serverPaths(o.Field("servers"))...)
	}
	_ = eachMember(d.root["paths"], func(_ string, item json.RawMessage) error {
		if own, ok := member(item, "servers"); ok {
			list = append(list, serverPaths(own)...)
		}
		return nil
	})
	return list
}

func serverPaths(servers json.RawMessage) (list []string) {
	if servers == nil {
		return nil
	}
	_ = eachItem(servers, func(server json.RawMessage) error {
		raw, _ := member(server, "url")
		address, err := text(raw)
		if err != nil {
			return nil
		}
		variables, _ := member(server, "variables")
		for _, filled := range fillServer([]string{address}, variables) {
			if path := pathOfServer(filled); path != "" {
				list = append(list, path)
			}
		}
		return nil
	})
	return list
}

// fillServer puts the values of variables into a server's URL: each default, and each value of an enum.
func fillServer(list []string, variables json.RawMessage) []string {
	if variables == nil {
		return list
	}
	_ = eachMember(variables, func(name string, variable json.RawMessage) error {
		var values []string
		if raw, ok := member(variable, "default"); ok {
			values = append(values, variableText(raw))
		}
		if raw, ok := member(variable, "enum"); ok {
			_ = eachItem(raw, func(v json.RawMessage) error {
				values = append(values, variableText(v))
				return nil
			})
		}
		var next []string
		for _, address := range list {
			if !strings.Contains(address, "{"+name+"}") || len(values) == 0 {
				next = append(next, address)
				continue
			}
			for _, v := range values {
				if filled := strings.ReplaceAll(address, "{"+name+"}", v); !slices.Contains(next, filled) && len(next) < maxServerPaths {
					next = append(next, filled)
				}
			}
		}
		list = next
		return nil
	})
	return list
}

// variableText is a variable's value, which some documents write as a number.
func variableText(raw json.RawMessage) string {
	if s, err := text(raw); err == nil {
		return s
	}
	return string(raw)
}

// pathOfServer is the escaped path of a server's URL without its last slash.
func pathOfServer(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, path, _ := strings.Cut(rest, "/") // a host may still hold a variable, which no URL can
		address = "/" + path
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if path != "" && path[0] != '/' {
		path = "/" + path
	}
	return path
}

// Under lets a router find operations below these paths too, where it has none of its own. They are asked for on the first miss.
func (r *Router) Under(paths func() []string) *Router {
	r.under = paths
	return r
}

// findUnder takes a server's path off and looks again.
func (r *Router) findUnder(method, path string) (op *Operation, params map[string]string, allow []string) {
	if r.under == nil {
		return nil, nil, nil
	}
	for _, prefix := range r.under() {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if rest == "" {
			rest = "/"
		}
		found, values, others := r.find(method, rest)
		if found != nil {
			return found, values, nil
		}
		if len(allow) == 0 {
			allow = others
		}
	}
	return nil, nil, allow
}

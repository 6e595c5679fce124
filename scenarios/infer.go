package scenarios

import "strings"

// Inferred is what the shape of a path says about an operation that a
// scenario does not bind.
type Inferred struct {
	Verb       string // create, read, list, update, remove
	Kind       string // the collection's path names the kind
	Collection string
	Why        string
}

// Infer binds operations by path shape, cautiously: a path is a collection
// only when one of its items can be read (GET collection/{id}), so that
// `POST …/cancel_all` is never taken for a create.
func Infer(keys []string) map[string]Inferred {
	readable := map[string]bool{}
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		if collection, ok := collectionOf(path); ok && method == "GET" {
			readable[collection] = true
		}
	}
	out := map[string]Inferred{}
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		collection, item := collectionOf(path)
		if !item {
			collection = path
		}
		if !readable[collection] {
			continue
		}
		verb := map[string]string{
			"POST false": "create", "GET false": "list", "GET true": "read",
			"PUT true": "update", "PATCH true": "update", "DELETE true": "remove",
		}[method+" "+boolWord(item)]
		if verb == "" {
			continue
		}
		out[key] = Inferred{Verb: verb, Kind: kindOf(collection), Collection: collection, Why: "inferred from " + collection + "/{id}"}
	}
	return out
}

// collectionOf cuts the parameter that ends an item's path.
func collectionOf(path string) (string, bool) {
	i := strings.LastIndexByte(path, '/')
	last := path[i+1:]
	if i <= 0 || !strings.HasPrefix(last, "{") || !strings.HasSuffix(last, "}") || strings.HasSuffix(path[:i], "}") {
		return "", false
	}
	return path[:i], true
}

// kindOf makes a kind's name of a collection's path: its fixed segments.
func kindOf(collection string) string {
	var parts []string
	for _, segment := range strings.Split(collection, "/") {
		if segment != "" && !strings.HasPrefix(segment, "{") {
			parts = append(parts, segment)
		}
	}
	return strings.Join(parts, ".")
}

func boolWord(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

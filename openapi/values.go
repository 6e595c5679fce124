package openapi

// Values is a request decoded and typed by its schemas: json.Number, bool, string, []any, map[string]any. Only declared parameters are in it.
type Values struct {
	Path, Query, Header, Cookie map[string]any
	Body                        any             // nil if none came
	Media                       string          // the body's media type, lower case, without parameters; "" if none came
	Files                       map[string]File // the files of a multipart body by property; further files of a list as "name/1", "name/2"; a body that is a file itself as "body"
}

// File is what is kept of an uploaded file.
type File struct {
	Name        string
	ContentType string
	Size        int64
	SHA256      string // hex
	Data        []byte // the content, where it was to be kept and is not too large
}

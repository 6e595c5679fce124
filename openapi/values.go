package openapi

// Values is a request decoded and typed by its schemas: json.Number, bool, string, []any, map[string]any. Only declared parameters are in it.
type Values struct {
	Path, Query, Header, Cookie map[string]any
	Body                        any             // nil if none came
	Files                       map[string]File // the files of a multipart body by property; further files of a list as "name/1", "name/2"
}

// File is what is kept of an uploaded file.
type File struct {
	Name        string
	ContentType string
	Size        int64
	SHA256      string // hex
}

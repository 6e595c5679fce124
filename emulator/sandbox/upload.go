package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// fileField is where an object keeps the file that it was made of, unseen.
const fileField = "file"

// plainAlphabet has no digits: what is kept can never be taken for the number of a card.
var plainAlphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$()*+,-./:")

// upload is the first file of a request, by its property's name.
func (c *Call) upload() *openapi.File {
	for _, name := range sortedKeys(c.Values.Files) {
		f := c.Values.Files[name]
		return &f
	}
	return nil
}

// keepFile keeps a file with the object that is made of it, unless there is the number of a card in it.
func (o *object) keepFile(f *openapi.File) {
	if f == nil || f.Data == nil || openapi.MaskCards(string(f.Data)) != string(f.Data) {
		return
	}
	o.hidden[fileField] = map[string]any{"type": f.ContentType, "data": plainAlphabet.EncodeToString(f.Data)}
}

// kept is the content of the file that an operation under an object reads back: GET /files/{id}/contents.
func (a *act) kept(b *Binding, c *Call) ([]byte, bool) {
	at := strings.LastIndexByte(b.Op.Path, '/')
	if at <= 0 || !openapi.IsFile(openapi.Concrete(b.media, b.schema)) {
		return nil, false
	}
	op, _, _ := a.p.Router.Find("GET", b.Op.Path[:at])
	if op == nil || op.Path != b.Op.Path[:at] {
		return nil, false
	}
	above, err := a.p.Binding(op)
	if err != nil || above.kind == nil || above.Spec.Verb != "read" {
		return nil, false
	}
	o, err := a.target(above, c)
	if err != nil {
		return nil, false
	}
	file, _ := o.hidden[fileField].(map[string]any)
	text, there := file["data"].(string)
	if !there {
		return nil, false
	}
	data, err := plainAlphabet.DecodeString(text)
	return data, err == nil && len(data) > 0
}

// described adds what a file says about itself to what is made of it, where the kind has such properties and the caller does not say them.
func (k *Kind) described(from map[string]any, f *openapi.File) {
	if f == nil || k.schema == nil {
		return
	}
	size := json.Number(strconv.FormatInt(f.Size, 10))
	for name, v := range map[string]any{
		"filename": f.Name, "file_name": f.Name, "fileName": f.Name, "original_filename": f.Name, "size": size, "file_size": size, "fileSize": size, "bytes": size,
		"content_type": f.ContentType, "contentType": f.ContentType, "mime_type": f.ContentType, "mimeType": f.ContentType, "mimetype": f.ContentType, "sha256": f.SHA256,
	} {
		if _, said := from[name]; said || v == "" || !k.shape[name] {
			continue
		}
		if s := k.schema.Property(name); s != nil && len(s.Validate(v, "")) == 0 {
			from[name] = v
		}
	}
}

package openapi

import "encoding/base64"

// smallFiles are the smallest valid files of their types: pictures of one pixel, archives of nothing.
var smallFiles = map[string]string{
	"image/png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x01\x03\x00\x00\x00%\xdbV\xca\x00\x00\x00\x03PLTE\xff\xff\xff\xa7\xc4\x1b\xc8" +
		"\x00\x00\x00\x0eIDATx\xdab`\x00\x04\x00\x00\xff\xff\x00\x02\x00\x01V\xd3g\xe9\x00\x00\x00\x00IEND\xaeB`\x82",
	"image/gif":     "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
	"image/jpeg":    pixelJPEG(),
	"image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>` + "\n",

	"application/zip":  emptyZip,
	"application/gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",

	"application/octet-stream":     "\x00sandgate\n",
	"application/x-zip-compressed": emptyZip,
}

const emptyZip = "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func pixelJPEG() string {
	file, _ := base64.StdEncoding.DecodeString("/9j/2wCEAP////////////////////////////////////////////////////////////////////////////////////8B////////////////////////////////////////////////////////////////////////////////////" +
		"///AAAsIAAEAAQEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5" +
		"OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwCOv//Z")
	return string(file)
}

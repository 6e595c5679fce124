package openapi_test

import (
	"bytes"
	"testing"

	"github.com/sandgate/sandgate/openapi"
)

func TestPack(t *testing.T) {
	data := bytes.Repeat([]byte(`{"a":"é"},`), 5000)
	packed, err := openapi.Pack(data)
	if err != nil || len(packed) > len(data)/10 {
		t.Fatalf("%d bytes, %v", len(packed), err)
	}
	if got, err := openapi.Unpack(packed); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if again, err := openapi.Repack(data, packed); err != nil || &again[0] != &packed[0] {
		t.Errorf("the same data was packed again: %v", err)
	}
	for at := range len(packed) {
		broken := bytes.Clone(packed)
		broken[at] ^= 0x10
		if got, err := openapi.Unpack(broken); err == nil && !bytes.Equal(got, data) {
			t.Errorf("byte %d changed, and nobody noticed", at)
		}
	}
	for n := range len(packed) {
		if _, err := openapi.Unpack(packed[:n]); err == nil {
			t.Errorf("%d bytes of %d were enough", n, len(packed))
		}
	}
}

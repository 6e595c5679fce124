package openapi

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// Pack compresses what is embedded: JSON shrinks to a tenth, and half of the binary would be JSON else.
func Pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// Unpack is what Pack was given.
func Unpack(packed []byte) ([]byte, error) {
	if len(packed) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	size := binary.LittleEndian.Uint32(packed[len(packed)-4:]) // gzip ends with it
	if size > MaxDocument {
		return nil, fmt.Errorf("%d bytes, the limit is %d", size, MaxDocument)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	var end [1]byte
	if n, err := r.Read(end[:]); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("more than the %d bytes that it says (%v)", size, err) // the sum is checked by now
	}
	return data, nil
}

// Repack is Pack, unless what is there says the same: another release of Go may compress to other bytes.
func Repack(data, there []byte) ([]byte, error) {
	if old, err := Unpack(there); err == nil && bytes.Equal(old, data) {
		return there, nil
	}
	return Pack(data)
}

// WritePacked writes a generated file, there to be read, and beside it the .gz that is embedded. It leaves alone what is up to date.
func WritePacked(target string, data []byte) error {
	if old, err := os.ReadFile(target); err != nil || !bytes.Equal(old, data) {
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
	}
	target += ".gz"
	old, _ := os.ReadFile(target)
	packed, err := Repack(data, old)
	if err != nil || bytes.Equal(old, packed) {
		return err
	}
	return os.WriteFile(target, packed, 0o644)
}

package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
)

// derive makes a key for one purpose, or a name that does not tell what it is
// made of.
func derive(key []byte, purpose string, about ...string) [32]byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	for _, part := range about {
		h.Write([]byte{0})
		h.Write([]byte(part))
	}
	return [32]byte(h.Sum(nil))
}

// seal makes of a text what only the key opens, and only beside the same
// label. The nonce follows from all three, so that equal runs write equal bytes
// and no nonce serves two texts.
func seal(key [32]byte, label string, text []byte) []byte {
	box := boxOf(key)
	nonce := derive(key[:], "nonce", label, string(text))
	return box.Seal(nonce[:box.NonceSize()], nonce[:box.NonceSize()], text, []byte(label))
}

// unseal gives the text back, or false where anything was changed.
func unseal(key [32]byte, label string, sealed []byte) ([]byte, bool) {
	box := boxOf(key)
	if len(sealed) < box.NonceSize() {
		return nil, false
	}
	text, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(label))
	return text, err == nil
}

func boxOf(key [32]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the length is right
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return box
}

package scenarios

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
)

// A sandbox keeps public test passwords: few rounds keep tests fast.
const (
	passwordForm   = "pbkdf2-sha256"
	passwordRounds = 1000
	passwordSalt   = 16
)

func password(env *Env, args []any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	s, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("password takes text, not %s", describe(args[0]))
	}
	salt, err := draw(env, passwordSalt)
	if err != nil {
		return nil, err
	}
	return hashPassword(s, salt)
}

func hashPassword(s string, salt []byte) (string, error) {
	key, err := pbkdf2.Key(sha256.New, s, salt, passwordRounds, sha256.Size)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return passwordForm + "$" + enc.EncodeToString(salt) + "$" + enc.EncodeToString(key), nil
}

// PasswordMatches reports whether given is the password that the function
// password made stored of. The comparison takes constant time.
func PasswordMatches(stored, given string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 3 || parts[0] != passwordForm {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	again, err := hashPassword(given, salt)
	return err == nil && subtle.ConstantTimeCompare([]byte(again), []byte(stored)) == 1
}

func samePassword(args ...any) (any, error) {
	given, ok := args[0].(string)
	stored, also := args[1].(string)
	return ok && also && PasswordMatches(stored, given), nil
}

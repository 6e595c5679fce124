package main

import "github.com/sandgate/sandgate/emulator/store"

// secretKeyEnv holds keys, and no flag does: a command line can be read by others.
const secretKeyEnv = "SANDGATE_SECRET_KEY"

// settleSecrets reads the keys that seal secrets at rest.
func (o *serveOptions) settleSecrets() error {
	e := &o.emulator
	e.SecretKey = o.a.getenv(secretKeyEnv)
	if e.SecretKey == "" {
		return nil
	}
	if e.SecretKeyFile != "" {
		return usagef("%s and --secret-key-file both give keys; one of them is enough", secretKeyEnv)
	}
	if _, err := store.ParseKeys(e.SecretKey); err != nil {
		return usagef("%s: %s", secretKeyEnv, err)
	}
	return nil
}

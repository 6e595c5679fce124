package sandbox

import (
	"net/http"
	"time"

	"github.com/sandgate/sandgate/emulator/webhook"
)

// messageOf is what the signature of an attempt is made over.
func messageOf(at *sending, body []byte, signedAt time.Time) webhook.Message {
	return webhook.Message{ID: at.event.ID, RequestID: at.delivery.ID, DataID: at.event.Resource, Body: body, At: signedAt}
}

// sign puts the signature into its header, and what it cannot be verified without into theirs.
func sign(header http.Header, scheme, name string, secrets []string, m webhook.Message) error {
	signed, err := webhook.SignMessage(scheme, secrets, m)
	if err != nil {
		return err
	}
	for companion, value := range signed.Headers {
		header.Set(companion, value)
	}
	header.Set(name, signed.Value)
	return nil
}

// checkSecret tells what is wrong with a secret for the provider's scheme; "" is none.
func (p *Provider) checkSecret(secret string) error {
	if p.hooks.scheme == "" || secret == "" {
		return nil
	}
	return webhook.CheckSecret(p.hooks.scheme, secret)
}

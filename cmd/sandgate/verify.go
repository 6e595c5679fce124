package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/emulator"
	"github.com/sandgate/sandgate/emulator/clock"
	"github.com/sandgate/sandgate/emulator/webhook"
	"github.com/sandgate/sandgate/scenarios"
)

// verifySecretEnv holds the secret where a command line would show it to others.
const verifySecretEnv = "SANDGATE_VERIFY_SECRET"

// verifyOptions is what the flags of verify mean.
type verifyOptions struct {
	a                                     *app
	body, provider, scheme, tolerance, at string
	dataID, secretFile                    string
	headers, settings                     []string
	secrets                               secretList
	received                              webhook.Received
	headerName                            string // of the provider's signature, "" = not known
}

// secretList is a flag that may be repeated. An environment variable is one secret, whatever commas are in it.
type secretList []string

func (s *secretList) String() string     { return "" } // help and messages never show one
func (s *secretList) Type() string       { return "string" }
func (s *secretList) Set(v string) error { *s = append(*s, v); return nil }

func (a *app) verify() *cobra.Command {
	o := &verifyOptions{a: a}
	cmd := &cobra.Command{
		Use: "verify", Short: "Verify a webhook's signature, and say why it does not match", Args: exactly(),
		Long: "Verifies a webhook as it came in: the body from --body or stdin, its signature header, and your secret. When the signature does not match, the usual mistakes are tried until one of them explains it: a body that was parsed and written anew, " +
			"a line end, another secret, hex for base64, and so on. Exit code 0 when it matches, 1 when not.\n\nThe scheme is the provider's, or one of: " + strings.Join(webhook.Schemes(), ", ") + ".",
	}
	f := cmd.Flags()
	f.StringVar(&o.body, "body", "-", "file that holds the body's bytes; - is stdin")
	f.StringArrayVar(&o.headers, "header", nil, "header as it came, 'name: value'; may be repeated; or the signature alone")
	f.Var(&o.secrets, "secret", "your secret (environment: "+verifySecretEnv+"); further ones are tried when the first does not match")
	f.StringVar(&o.secretFile, "secret-file", "", "file that holds the secret instead")
	f.StringVar(&o.provider, "provider", "", "provider that sent it, by name or scenario file: gives header and scheme")
	f.StringVar(&o.scheme, "scheme", "", "signature scheme, where no provider gives it or another one is meant")
	f.StringArrayVar(&o.settings, "set", nil, "a setting of the provider's scenario, path=value; may be repeated")
	f.StringVar(&o.tolerance, "tolerance", "5m", "how old or new a signed time may be; 0 is any")
	f.StringVar(&o.at, "at", "", "verify as of this instant, RFC 3339 or seconds since 1970 (default: now)")
	f.StringVar(&o.dataID, "data-id", "", "data.id of the URL, for the scheme that signs it")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, step := range []func() error{o.settleProvider, o.settleHeaders, o.settleSecrets, o.settleTime} {
			if err := step(); err != nil {
				return err
			}
		}
		var err error
		if o.received.Body, err = o.readBody(cmd.InOrStdin()); err != nil {
			return err
		}
		o.received.DataID = o.dataID
		return o.print(webhook.Explain(o.received), *asJSON)
	}
	return cmd
}

func (o *verifyOptions) print(v webhook.Verdict, asJSON bool) error {
	if asJSON {
		if err := o.a.printJSON(v); err != nil {
			return err
		}
	} else if v.Valid {
		fmt.Fprintf(o.a.stdout, "valid: %s\n", v.Scheme)
	} else {
		fmt.Fprintf(o.a.stdout, "not valid: %s\n", v.Reason)
		for _, hint := range v.Hints {
			fmt.Fprintf(o.a.stdout, "  %s\n", clean(hint))
		}
	}
	if !v.Valid {
		return errSilent
	}
	return nil
}

// settleProvider finds header and scheme.
func (o *verifyOptions) settleProvider() error {
	if o.provider == "" && o.scheme == "" {
		return usagef("verify needs --provider or --scheme; there are the schemes %s", strings.Join(webhook.Schemes(), ", "))
	}
	if o.provider != "" {
		if err := knownProviders([]string{o.provider}); err != nil {
			return err
		}
		set := map[string]string{}
		if o.a.source["set"] == "flag" { // the variable of that name is for all providers being served
			for _, s := range o.settings {
				path, value, ok := strings.Cut(s, "=")
				if !ok || path == "" {
					return usagef("--set: %q is not path=value", s)
				}
				set[path] = value
			}
		}
		found, err := emulator.LoadProviders([]string{o.provider}, set)
		if err != nil {
			return settingError(err)
		}
		o.headerName, o.received.Scheme = found[0].Signature()
		o.received.Development = append(o.received.Development, found[0].Scenario.Credentials.Secret)
	}
	if o.scheme != "" {
		o.received.Scheme = o.scheme
	}
	if !slices.Contains(webhook.Schemes(), o.received.Scheme) {
		return usagef("--scheme: there is no signature scheme %q%s", o.received.Scheme, suggest("", o.received.Scheme, webhook.Schemes()))
	}
	for _, name := range scenarios.Names() {
		if s, err := scenarios.Embedded(name); err == nil {
			o.received.Development = append(o.received.Development, s.Credentials.Secret)
		}
	}
	return nil
}

// settleHeaders finds the signature among the headers.
func (o *verifyOptions) settleHeaders() error {
	if len(o.headers) == 0 {
		return usagef("verify needs the signature: --header 'name: value'")
	}
	h, bare, names := http.Header{}, []string{}, []string{}
	for _, line := range o.headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " =,") {
			bare = append(bare, line)
			continue
		}
		h.Set(name, strings.TrimSpace(value))
		if !webhook.Companion(name) {
			names = append(names, name)
		}
	}
	o.received.Header = h
	switch {
	case len(bare) == 1:
		o.received.Value = bare[0]
	case len(bare) > 1:
		return usagef("--header: %q and %q are both without a name; only the signature may be", clip(bare[0]), clip(bare[1]))
	case o.headerName != "" && h.Values(o.headerName) != nil:
		o.received.Value = h.Get(o.headerName)
	case o.headerName != "" && o.scheme == "":
		return usagef("--header: %s signs in %s, and that is not among the headers: %s", o.provider, o.headerName, strings.Join(names, ", "))
	case len(names) == 1:
		o.received.Value = h.Get(names[0])
	default:
		return usagef("--header: which one is the signature? Name one, or --provider")
	}
	return nil
}

func clip(s string) string { return s[:min(len(s), 24)] }

// settleSecrets collects the secrets, the flag's before the environment's.
func (o *verifyOptions) settleSecrets() error {
	o.received.Secrets = o.secrets
	if o.secretFile != "" {
		raw, err := os.ReadFile(o.secretFile)
		if err != nil {
			return usagef("--secret-file: %s", err)
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
		o.received.Secrets = append([]string{text}, o.received.Secrets...)
	}
	if len(o.received.Secrets) == 0 {
		return usagef("verify needs your secret: --secret, --secret-file or %s", verifySecretEnv)
	}
	return nil
}

func (o *verifyOptions) settleTime() (err error) {
	if o.received.Tolerance, err = clock.ParseDuration(o.tolerance); err != nil || o.received.Tolerance < 0 {
		return usagef("--tolerance: %q is no duration like 5m", o.tolerance)
	}
	o.received.Now = time.Now()
	if o.at == "" {
		return nil
	}
	if n, err := strconv.ParseInt(o.at, 10, 64); err == nil {
		o.received.Now = time.Unix(n, 0)
		return nil
	}
	if o.received.Now, err = time.Parse(time.RFC3339Nano, o.at); err != nil {
		return usagef("--at: %q is no instant like 2026-01-01T00:00:00Z, and no number of seconds", o.at)
	}
	return nil
}

// maxVerified is the longest body that is read; no webhook is longer.
const maxVerified = 16 << 20

func (o *verifyOptions) readBody(stdin io.Reader) ([]byte, error) {
	in := stdin
	if o.body != "-" {
		f, err := os.Open(o.body)
		if err != nil {
			return nil, usagef("--body: %s", err)
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxVerified+1))
	if err != nil {
		return nil, usagef("--body: %s", err)
	}
	if len(body) > maxVerified {
		return nil, usagef("--body: longer than %d bytes", maxVerified)
	}
	return body, nil
}

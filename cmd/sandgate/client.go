package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const defaultPort = "7420"

// client talks to the control API of a running emulator.
type client struct {
	a                   *app
	url, sandbox, token string
	limit               int
	timeout             time.Duration
}

// clientFlags adds the flags that every client verb has.
func (a *app) clientFlags(cmd *cobra.Command) *client {
	c := &client{a: a}
	f := cmd.Flags()
	f.StringVar(&c.url, "url", "", "base URL of the emulator (default http://127.0.0.1:7420, or where SANDGATE_LISTEN and PORT put it)")
	f.StringVar(&c.sandbox, "sandbox", "", "name of the sandbox (default \"default\")")
	f.StringVar(&c.token, "token", "", "token of the control API (environment: SANDGATE_CONTROL_TOKEN)")
	return c
}

// limitFlag adds --limit to a client verb that lists.
func (c *client) limitFlag(cmd *cobra.Command) {
	cmd.Flags().IntVar(&c.limit, "limit", 50, "how many at most")
}

// ownURL is where `serve` in this same environment has its control API.
func (a *app) ownURL() string {
	addr := a.getenv(envName("control-addr"))
	if addr == "" {
		port := a.getenv(envName("port"))
		if port == "" {
			port = a.getenv("PORT")
		}
		if addr = a.getenv(envName("listen")); addr == "" {
			addr = "127.0.0.1:" + defaultPort
		}
		if host, _, err := net.SplitHostPort(addr); err == nil && port != "" {
			addr = net.JoinHostPort(host, port)
		}
	}
	return "http://" + reachable(addr)
}

// reachable turns a listen address into one that can be connected to.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func (c *client) base() (string, error) {
	if c.url == "" {
		c.url = c.a.ownURL()
	}
	u, err := url.Parse(c.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", usagef("--url: %q is no URL like http://127.0.0.1:7420", c.url)
	}
	return strings.TrimSuffix(u.Scheme+"://"+u.Host+u.Path, "/"), nil
}

// do sends one request and decodes the answer.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	target := base + "/_sandgate/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, target, in)
	if err != nil {
		return usagef("--url: %s", err)
	}
	r.Header.Set("User-Agent", "sandgate")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.sandbox != "" {
		r.Header.Set("Sandgate-Sandbox", c.sandbox)
	}
	h := http.Client{Timeout: c.timeout, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	reply, err := h.Do(r)
	if err != nil {
		return c.unreachable(base, err)
	}
	defer reply.Body.Close()
	raw, err := io.ReadAll(reply.Body)
	if err != nil {
		return fmt.Errorf("%s broke off: %w", base, err)
	}
	if reply.StatusCode >= 300 {
		return refusal(base, reply.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s does not answer as Sandgate does: %w", base, err)
	}
	return nil
}

func (c *client) unreachable(base string, err error) error {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "dial" {
		return fmt.Errorf("nothing answers at %s: start it with `sandgate serve`, or say where it is with --url", base)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", base, err)
}

// refusal turns an error reply into an error: 400 is wrong use.
func refusal(base string, status int, raw []byte) error {
	var body struct {
		Error struct {
			Message string  `json:"message"`
			Pointer *string `json:"pointer"`
		} `json:"error"`
	}
	if json.Unmarshal(raw, &body) != nil || body.Error.Message == "" {
		return fmt.Errorf("%s answers %d and not as Sandgate does", base, status)
	}
	switch status {
	case http.StatusBadRequest:
		return usagef("%s", body.Error.Message)
	case http.StatusUnauthorized:
		return fmt.Errorf("the control API asks for its token: give it with --token or SANDGATE_CONTROL_TOKEN")
	}
	return errors.New(body.Error.Message)
}

// list reads pages until there are as many items as asked for.
func list[T any](ctx context.Context, c *client, path string, query url.Values) ([]T, error) {
	if c.limit < 1 {
		return nil, usagef("--limit: %d is no number of items; it is 1 or more", c.limit)
	}
	out := []T{}
	for {
		query.Set("limit", strconv.Itoa(min(c.limit-len(out), 500)))
		var page struct {
			Data []T     `json:"data"`
			Next *string `json:"next"`
		}
		if err := c.do(ctx, "GET", path, query, nil, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Data...)
		if page.Next == nil || len(out) >= c.limit {
			return out, nil
		}
		query.Set("cursor", *page.Next)
	}
}

// filters makes a query of the flags that were given.
func filters(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

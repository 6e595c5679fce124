package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// hostSet makes the --allow-host names comparable.
func hostSet(names []string) map[string]bool {
	out := map[string]bool{}
	for _, name := range names {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			out[name] = true
		}
	}
	return out
}

// trusted refuses what a web page on somebody else's site can make a browser
// send: a name of its own that was pointed at us (DNS rebinding), or a request
// across sites. Programs send neither header and pass.
func (s *server) trusted(r *http.Request) error {
	if !s.knownHost(r.Host) {
		return forbidden("host", "/header/Host", "this Host is not served here; use an IP address, localhost or a name of one label, or allow it with --allow-host")
	}
	if origins := r.Header["Origin"]; len(origins) > 0 && (len(origins) > 1 || !sameOrigin(origins[0], r.Host)) {
		return forbidden("origin", "/header/Origin", "requests of another web site are refused")
	}
	for _, site := range r.Header["Sec-Fetch-Site"] {
		switch site {
		case "", "same-origin", "none":
		case "same-site":
			// Another port of this machine may link here, and do no more.
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				return forbidden("origin", "/header/Sec-Fetch-Site", "requests of another web site are refused")
			}
		default:
			return forbidden("origin", "/header/Sec-Fetch-Site", "requests of another web site are refused")
		}
	}
	return nil
}

var (
	oneLabel = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)
	labels   = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]+$`)
)

// knownHost accepts the names that no stranger can point at this machine: IP
// literals, localhost, one label, and the suffixes of private networks.
func (s *server) knownHost(hostport string) bool {
	host, ok := hostOf(hostport)
	if !ok {
		return false
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == ""
	}
	if oneLabel.MatchString(host) || s.hosts[host] {
		return true
	}
	if !labels.MatchString(host) {
		return false
	}
	for _, suffix := range []string{".localhost", ".internal", ".local"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	for rest := host; rest != ""; {
		_, rest, _ = strings.Cut(rest, ".")
		if rest != "" && s.hosts["*."+rest] {
			return true
		}
	}
	return false
}

// hostOf cuts the port and brackets off, in lower case.
func hostOf(hostport string) (string, bool) {
	host := hostport
	if strings.HasPrefix(hostport, "[") || strings.Count(hostport, ":") == 1 {
		if strings.HasSuffix(hostport, "]") {
			hostport += ":80"
		}
		h, port, err := net.SplitHostPort(hostport)
		if err != nil || port == "" || strings.Trim(port, "0123456789") != "" {
			return "", false
		}
		host = h
		if strings.HasPrefix(hostport, "[") != strings.Contains(h, ":") {
			return "", false
		}
	} else if strings.Contains(host, ":") {
		return "", false // an IPv6 literal stands in brackets
	}
	return strings.ToLower(host), host != ""
}

// sameOrigin compares an Origin with the Host that the request was sent to.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host == "" {
		return false
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	return withPort(u.Host, u.Scheme) == withPort(strings.ToLower(host), u.Scheme)
}

func withPort(host, scheme string) string {
	host = strings.ToLower(host)
	if scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

// allowed compares the bearer token, where one is asked for. Hashes are
// compared, so that neither content nor length shows in the time it takes.
func (s *server) allowed(r *http.Request, open bool) error {
	if open || s.o.Token == "" {
		return nil
	}
	const scheme = "bearer "
	given := r.Header.Get("Authorization")
	if len(given) > len(scheme) && strings.EqualFold(given[:len(scheme)], scheme) {
		hash := sha256.Sum256([]byte(strings.TrimSpace(given[len(scheme):])))
		if subtle.ConstantTimeCompare(hash[:], s.token[:]) == 1 {
			return nil
		}
	}
	return &problem{
		status: http.StatusUnauthorized, code: "unauthenticated", pointer: "/header/Authorization",
		message: "the control API asks for its token: Authorization: Bearer TOKEN, the value of --control-token",
		header:  map[string]string{"WWW-Authenticate": `Bearer realm="sandgate control"`},
	}
}

// secure sets the headers that keep a browser from doing anything with a
// reply but show it as what it is.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

package webhook

import (
	"errors"
	"net/url"
	"strconv"
)

// ParseURL reads the URL of a receiver: http or https, with a host, without a user name or password.
// Its errors do not repeat the URL, which may hold a secret.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, errors.New("not a URL: " + err.Error())
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("expected a URL that begins with http:// or https://")
	case u.User != nil:
		return nil, errors.New("a user name or password cannot stand in the URL")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("the URL's port is not between 1 and 65535")
		}
	}
	return u, nil
}

package emulator

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/emulator/api"
	"github.com/sandgate/sandgate/scenarios"
)

// limits reads Options.RateLimit and Options.TrustProxy.
func limits(o Options) (api.LimitOptions, error) {
	off, organization, err := ParseRateLimit(o.RateLimit)
	if err != nil {
		return api.LimitOptions{}, err
	}
	trust, err := ParseProxies(o.TrustProxy)
	return api.LimitOptions{Off: off, Organization: organization, Trust: trust}, err
}

// ParseRateLimit reads on, off, or RATE[/BURST] requests a second; without a
// burst so many may come at once as in a second.
func ParseRateLimit(text string) (off bool, organization scenarios.Rate, err error) {
	switch text {
	case "", "on":
		return false, organization, nil
	case "off":
		return true, organization, nil
	}
	rate, burst, both := strings.Cut(text, "/")
	if !both {
		burst = rate
	}
	for _, n := range []struct {
		text string
		into *int
	}{{rate, &organization.Rate}, {burst, &organization.Burst}} {
		*n.into, err = strconv.Atoi(n.text)
		if err != nil || *n.into < 1 || *n.into > scenarios.MaxRate {
			return false, scenarios.Rate{}, fmt.Errorf("%q is none of on, off and RATE[/BURST], like 5/10, with numbers from 1 to %d", text, scenarios.MaxRate)
		}
	}
	return false, organization, nil
}

// ParseProxies reads networks like 10.0.0.0/8, or single addresses.
func ParseProxies(list []string) (api.Proxies, error) {
	var out api.Proxies
	for _, text := range list {
		network, err := netip.ParsePrefix(text)
		if one, bad := netip.ParseAddr(text); bad == nil {
			network, err = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no network like 10.0.0.0/8 or 127.0.0.1", text)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

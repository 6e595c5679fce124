package sandbox

import "strings"

// livePrefixes are the shapes of credentials that open real accounts
// somewhere. None of them is ever accepted, stored or logged.
var livePrefixes = []string{"sk_live_", "rk_live_", "pk_live_", "live_", "prod_", "APP_USR-", "AQE", "whsec_live_"}

// LiveShaped reports a credential that looks like a live one.
func LiveShaped(credential string) bool {
	for _, prefix := range livePrefixes {
		if strings.HasPrefix(credential, prefix) {
			return true
		}
	}
	return false
}

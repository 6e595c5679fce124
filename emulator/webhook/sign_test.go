package webhook

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const devSecret = "whsec_sandgate_development_only_0000"

// vectors were computed with openssl and Node, not with this code. The second is RFC 4231, case 2.
var vectors = []struct{ name, secret, body, hmac, bodySecret string }{
	{"plain", devSecret, `{"id":"evt_1","type":"invoice.paid"}`, "63f5bd462ae433d1324bc72cf22495e43591bb1c962905efc4f60ae717445f6f", "2412d46b3a2dd43e9f0503dd67840eaeab1bd727dcb961e3d4a0c52f5e3ee989"},
	{"RFC 4231", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "1f2e8517a56541697f1f27cab94b3e8450dc5d78138db34962e34646685b2451"},
	{"non-ASCII", devSecret, `{"name":"José Conceição 東京 🙂"}`, "dfa0897b94d03743a3c24a018bd41708bbaf8fa1883bcbd77cb57bf58e6ca90b", "9643dcde48850eb60955bfe35f394294a7493ff5b6fe386d0d2d11254d6ac6d0"},
	{"HTML", devSecret, `{"html":"<a href='x'>&amp;</a>"}`, "a1ae2b0630f639fce3c76d76df2bc1c1744a38e29cefcb8e5d9b106dce1cda38", "5072c2869e7d0110e8c54f4a75ca1a99c7547edd1fc1cd7386a87c5d9704c426"},
	{"2^53+1", devSecret, `{"n":9007199254740993,"d":10.50}`, "2fc2d959b8f33e914f4da591a7b95490533d8a4ab4a25b5d1fb5396d94a24d1c", "6c470a006c3bbec8d23f2a9f7a12a79d746623efe678b9ba6d0f5315ff1e9f3d"},
	{"escapes", devSecret, `{"url":"https:\/\/example.com\/a","u":"\u003c\u00e9\u2028"}`, "43c30c5d7af4342e6215ff0599d9a75e1290126a41da8b91fabd7007e24c4b5e", "65f22478dd6c05c99e9b74d1f78a6775849d9a47bd6608ffc291da0e7e91f424"},
	{"empty body", devSecret, "", "22976a501f641ec79c6f3d6802a82f60a7c6d9d628f32ce385c1a3c8ec6206b0", "9e54f04ee6cb7c3525c13ec4d00dce4e21261fd1fa55bd957ab5a1a1ab4ccb19"},
	{"bytes that are no text", "clé", "\x00\xff\xfe", "e86e5923bf69ff48d77e192292cc0ad53798c9ff1ab79e6a466d0da0a360d306", "98f533c98f57f464e7fc53070bf5b471449550ed92b13171d24755fcf2628f7d"},
	{"secret longer than a block", strings.Repeat("s", 131), "longer key than a block", "98d18009abe73cbbcf9a57200321e8536a085be12c84443bbf478463cd1c7b5f", "54e16fc9e3016729cb5957eeede0794c71a52cde158e60ce40b7cbaea0ce20df"},
	{"empty secret", "", "{}", "22f8eea909400af98adf3681a9f31923ef6b7fcba4abb553d92823a3e9d5c25e", "d219d13c817179deb3da5136931a1f5a822ed86136ab25082ca10d018b32a6b8"},
	{"other secret", "whsec_0123456789abcdef0123456789abcdef", `{"id":"evt_1","type":"invoice.paid"}`, "0ddca7dc2e637a8f50d861f7680d2776f6611cc56e518db0b5c5f7ae7bba8086", "ec3098ce360027249cc5e8da22765ece17811c1dfbd9d53e85bbb9e1bbeda51b"},
	{"non-ASCII secret", "ключ", `{"a":"ção"}`, "f2083608ee15bb599e512c849a9c22729d76e4634890dd3510ec8f4c8f282930", "176d5876c00d66af847707ac32aea3ad46a967acf20573e331d64ab095388aad"},
	{"line end", "k", "{\"a\":1}\n", "9cf88e5e19526d50943a51ab78c408ef2f5eb6c76d70ab16ae517a941f2d79e0", "33a663abc06dfe158e869a94e7db52c19e17223b02d99bcd72794e1f3e730b71"},
	{"odd numbers", "k", `{"big":18446744073709551616,"neg":-0,"exp":1e400}`, "b96b15427670b6207e198092d62613737b07ab2d12b5353c0fbf132a252b721d", "cedc47900b167eb9112d5f9e29ea18f34d4cb856fe0bb63e75e028a6e3f7daf3"},
	{"nested", "k", `{"nested":{"a":[1,{"b":"\""}]}}`, "195673e68fa8b863e775acabb11e653259574dfc38d5d73edd8568e8b42acc02", "89e15c40374e3518fa5a9897e3e4745383820e46cc7b6460779bc0e1320dfdee"},
}

func TestSign(t *testing.T) {
	for _, v := range vectors {
		for scheme, want := range map[string]string{"hmac-sha256-hex": v.hmac, "sha256-body-secret-hex": v.bodySecret, "sha256=hmac-sha256-hex": "sha256=" + v.hmac} {
			if got, err := Sign(scheme, v.secret, []byte(v.body), time.Unix(1_700_000_000, 0)); err != nil || got != want {
				t.Errorf("%s, %s: %s, %v, want %s", v.name, scheme, got, err, want)
			}
		}
	}
}

func TestSchemes(t *testing.T) {
	want := []string{
		"hmac-sha256-base64", "hmac-sha256-hex", "sha1=HMAC-SHA1-HEX", "sha1=hmac-sha1-hex", "sha256-body-secret-hex", "sha256=hmac-sha256-hex",
		"standard-webhooks-v1", "standard-webhooks-v1a", "t,v1", "ts,v1",
	}
	if got := Schemes(); !slices.Equal(got, want) || !slices.IsSorted(got) {
		t.Errorf("Schemes = %v, want %v", got, want)
	}
	_, err := Sign("md5", devSecret, nil, time.Time{})
	if err == nil || err.Error() != `signature scheme "md5": expected one of `+strings.Join(want, ", ") {
		t.Errorf("unknown scheme: %v", err)
	}
	for _, name := range want {
		if got, want := Single(name), !strings.Contains(name, "v1"); got != want {
			t.Errorf("Single(%s) = %v", name, got)
		}
	}
	if Single("md5") {
		t.Error("Single of no scheme")
	}
}

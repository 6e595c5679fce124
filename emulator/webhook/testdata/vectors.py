#!/usr/bin/env python3
"""Computes vectors.json with Python's own hmac and hashlib, and the cryptography package for Ed25519: not with the code under test."""
import base64, hashlib, hmac, json, os
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

bodies = [
    ("plain", '{"id":"evt_1","type":"invoice.paid"}'),
    ("empty", ""),
    ("empty object", "{}"),
    ("non-ASCII", '{"name":"José Conceição 東京 🙂"}'),
    ("html", "{\"html\":\"<a href='x'>&amp;</a>\"}"),
    ("2^53+1", '{"n":9007199254740993,"d":10.50}'),
    ("escaped slashes", '{"url":"https:\\/\\/example.com\\/a","u":"\\u003c\\u00e9\\u2028"}'),
    ("trailing newline", '{"a":1}\n'),
    ("carriage return", '{"a":1}\r\n'),
    ("pretty", '{\n  "a": [1, 2],\n  "b": null\n}'),
    ("odd numbers", '{"big":18446744073709551616,"neg":-0,"exp":1e400}'),
    ("no text", "\x00\u00ff\u00fe"),
    ("form", "payload%5Ba%5D=1&b=%E2%82%AC"),
    ("long", '{"pad":"' + "x" * 300 + '"}'),
]
ids = ["evt_1", "msg_p5jXN8AQM9LWM0D4loKWxJek", "0b8f6e1a-6f0c-4c38-9a2e-0f4d8a7a1b11"]
data_ids = ["123456", "ORD01JQ4S4KY8HWQ6NA5PXB65B3D3", "b0000000-0000-4000-8000-00000000000A", ""]
plain = ["whsec_0123456789abcdef0123456789abcdef", "s3cr€t", "k" * 131]


def key(n, size):
    return hashlib.sha256(b"vector key %d" % n).digest()[:size]


def row(n, name, body):
    raw = body.encode()
    at, stamp = 1700000000 + n, str(1700000000 + n)
    mid, did = ids[n % 3], data_ids[n % 4]
    secret, second = plain[n % 3], "whsec_second"
    symmetric, other = ("whsec_" + base64.b64encode(key(n + k, 24 + n % 9)).decode() for k in (0, 100))
    seed = key(n, 32)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    tail = public if n % 2 else b""  # both forms of a private key are in use
    h256 = lambda k, data: hmac.new(k, data, hashlib.sha256)
    h1 = hmac.new(secret.encode(), raw, hashlib.sha1)
    content = f"{mid}.{stamp}.".encode() + raw
    lowered = did.lower() if did.isalnum() and did.isascii() else did
    manifest = (f"id:{lowered};" if did else "") + f"request-id:req-{n};ts:{stamp};"
    body256 = h256(secret.encode(), raw)
    std = lambda s: "v1," + base64.b64encode(h256(base64.b64decode(s[6:]), content).digest()).decode()
    t = lambda s: h256(s.encode(), f"{stamp}.".encode() + raw).hexdigest()
    ts = lambda s: h256(s.encode(), manifest.encode()).hexdigest()
    asym = {"private": "whsk_" + base64.b64encode(seed + tail).decode(), "public": "whpk_" + base64.b64encode(public).decode()}
    return {
        "name": name, "body": base64.b64encode(raw).decode(), "at": at, "id": mid, "dataId": did, "requestId": f"req-{n}",
        "secret": secret, "second": second, "symmetric": symmetric, "symmetricSecond": other, **asym,
        "want": {
            "hmac-sha256-base64": base64.b64encode(body256.digest()).decode(),
            "hmac-sha256-hex": body256.hexdigest(),
            "sha1=HMAC-SHA1-HEX": "sha1=" + h1.hexdigest().upper(),
            "sha1=hmac-sha1-hex": "sha1=" + h1.hexdigest(),
            "sha256-body-secret-hex": hashlib.sha256(raw + b"_" + secret.encode()).hexdigest(),
            "sha256=hmac-sha256-hex": "sha256=" + body256.hexdigest(),
            "standard-webhooks-v1": std(symmetric) + " " + std(other),
            "standard-webhooks-v1a": "v1a," + base64.b64encode(private.sign(content)).decode(),
            "t,v1": f"t={stamp},v1={t(secret)},v1={t(second)}",
            "ts,v1": f"ts={stamp},v1={ts(secret)},v1={ts(second)}",
        },
    }


rows = [row(n, *b) for n, b in enumerate(bodies)]
with open(os.path.join(os.path.dirname(__file__), "vectors.json"), "w") as f:
    json.dump(rows, f, indent=1)
    f.write("\n")

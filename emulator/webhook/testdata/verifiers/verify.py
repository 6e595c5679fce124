"""Verifies captured webhooks with Python's own hmac and hashlib. One a line, | between: scheme, secret, value, id, timestamp, request id, data id, base64 of the body."""
import base64, hashlib, hmac, sys


def mac(key, data, kind=hashlib.sha256):
    return hmac.new(key if isinstance(key, bytes) else key.encode(), data, kind)


def pairs(value, name):
    return [p.split("=", 1)[1] for p in value.split(",") if p.startswith(name + "=")]


def verify(scheme, secret, value, mid, time, request, data, body):
    if scheme == "hmac-sha256-base64":
        return value == base64.b64encode(mac(secret, body).digest()).decode()
    if scheme == "hmac-sha256-hex":
        return value == mac(secret, body).hexdigest()
    if scheme == "sha1=HMAC-SHA1-HEX":
        return value == "sha1=" + mac(secret, body, hashlib.sha1).hexdigest().upper()
    if scheme == "sha1=hmac-sha1-hex":
        return value == "sha1=" + mac(secret, body, hashlib.sha1).hexdigest()
    if scheme == "sha256-body-secret-hex":
        return value == hashlib.sha256(body + b"_" + secret.encode()).hexdigest()
    if scheme == "sha256=hmac-sha256-hex":
        return value == "sha256=" + mac(secret, body).hexdigest()
    if scheme == "standard-webhooks-v1":
        key = base64.b64decode(secret.split("_")[1])
        return "v1," + base64.b64encode(mac(key, f"{mid}.{time}.".encode() + body).digest()).decode() in value.split(" ")
    if scheme == "standard-webhooks-v1a":
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError:
            return None
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.split("_")[1])[:32]).public_key()
        try:
            key.verify(base64.b64decode(value[len("v1a,"):]), f"{mid}.{time}.".encode() + body)
        except Exception:
            return False
        return True
    if scheme == "t,v1":
        return mac(secret, pairs(value, "t")[0].encode() + b"." + body).hexdigest() in pairs(value, "v1")
    if scheme == "ts,v1":
        data = data.lower() if data.isalnum() and data.isascii() else data
        return mac(secret, f"id:{data};request-id:{request};ts:{pairs(value, 'ts')[0]};".encode()).hexdigest() in pairs(value, "v1")
    return False


for line in open(sys.argv[1], encoding="utf-8"):
    *fields, body = line.rstrip("\n").split("|")
    good = verify(*fields, base64.b64decode(body))
    print(fields[0], "unable" if good is None else "good" if good else "bad")

#!/bin/sh
# Verifies captured webhooks with openssl. One a line, | between: scheme, secret, value, id, timestamp, request id, data id, base64 of the body.
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

mac() { openssl dgst "-$1" -mac HMAC -macopt "hexkey:$2" -binary "$work/signed"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
key() { printf %s "${1#*_}" | openssl base64 -d -A | hex; }

while IFS='|' read -r scheme secret value id time request data body; do
  printf %s "$body" | openssl base64 -d -A >"$work/body"
  cp "$work/body" "$work/signed"
  plain=$(printf %s "$secret" | hex)
  case $scheme in
  hmac-sha256-base64) want=$(mac sha256 "$plain" | openssl base64 -A) ;;
  hmac-sha256-hex) want=$(mac sha256 "$plain" | hex) ;;
  sha1=HMAC-SHA1-HEX) want=sha1=$(mac sha1 "$plain" | hex | tr a-f A-F) ;;
  sha1=hmac-sha1-hex) want=sha1=$(mac sha1 "$plain" | hex) ;;
  sha256=hmac-sha256-hex) want=sha256=$(mac sha256 "$plain" | hex) ;;
  sha256-body-secret-hex) want=$( (cat "$work/body" && printf %s "_$secret") | openssl dgst -sha256 -binary | hex) ;;
  standard-webhooks-v1)
    (printf %s "$id.$time." && cat "$work/body") >"$work/signed"
    want=v1,$(mac sha256 "$(key "$secret")" | openssl base64 -A)
    ;;
  standard-webhooks-v1a)
    (printf %s "$id.$time." && cat "$work/body") >"$work/signed"
    printf %s "${value#v1a,}" | openssl base64 -d -A >"$work/signature"
    printf '%b' '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040' >"$work/key"
    printf %s "${secret#*_}" | openssl base64 -d -A | head -c 32 >>"$work/key"
    if openssl pkeyutl -verify -keyform DER -inkey "$work/key" -rawin -in "$work/signed" -sigfile "$work/signature" >/dev/null 2>&1; then want=$value; else want=; fi
    ;;
  t,v1)
    stamp=${value#t=} && stamp=${stamp%%,*}
    (printf %s "$stamp." && cat "$work/body") >"$work/signed"
    want=t=$stamp,v1=$(mac sha256 "$plain" | hex)
    ;;
  ts,v1)
    stamp=${value#ts=} && stamp=${stamp%%,*}
    case $data in *[!A-Za-z0-9]*) ;; *) data=$(printf %s "$data" | tr A-Z a-z) ;; esac
    printf %s "id:$data;request-id:$request;ts:$stamp;" >"$work/signed"
    want=ts=$stamp,v1=$(mac sha256 "$plain" | hex)
    ;;
  esac
  if [ -n "$want" ] && [ "$want" = "$value" ]; then echo "$scheme good"; else echo "$scheme bad"; fi
done <"$1"

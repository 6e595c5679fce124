// Verifies captured webhooks with Node's own crypto. One a line, | between: scheme, secret, value, id, timestamp, request id, data id, base64 of the body.
const crypto = require('crypto');
const fs = require('fs');

const hmac = (kind, key, ...parts) => parts.reduce((h, p) => h.update(p), crypto.createHmac(kind, key));
const pair = (value, name) => value.split(',').map((p) => p.split('=')).filter(([k]) => k === name).map(([, v]) => v);
const key = (secret) => Buffer.from(secret.split('_')[1], 'base64');

const verify = {
  'hmac-sha256-base64': (m) => m.value === hmac('sha256', m.secret, m.body).digest('base64'),
  'hmac-sha256-hex': (m) => m.value === hmac('sha256', m.secret, m.body).digest('hex'),
  'sha1=HMAC-SHA1-HEX': (m) => m.value === 'sha1=' + hmac('sha1', m.secret, m.body).digest('hex').toUpperCase(),
  'sha1=hmac-sha1-hex': (m) => m.value === 'sha1=' + hmac('sha1', m.secret, m.body).digest('hex'),
  'sha256-body-secret-hex': (m) => m.value === crypto.createHash('sha256').update(m.body).update('_' + m.secret).digest('hex'),
  'sha256=hmac-sha256-hex': (m) => m.value === 'sha256=' + hmac('sha256', m.secret, m.body).digest('hex'),
  'standard-webhooks-v1': (m) => m.value.split(' ').includes('v1,' + hmac('sha256', key(m.secret), `${m.id}.${m.time}.`, m.body).digest('base64')),
  'standard-webhooks-v1a': (m) => {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), key(m.secret).subarray(0, 32)]);
    const public_ = crypto.createPublicKey(crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    const signed = Buffer.concat([Buffer.from(`${m.id}.${m.time}.`), m.body]);
    return crypto.verify(null, signed, public_, Buffer.from(m.value.slice('v1a,'.length), 'base64'));
  },
  't,v1': (m) => pair(m.value, 'v1').includes(hmac('sha256', m.secret, pair(m.value, 't')[0] + '.', m.body).digest('hex')),
  'ts,v1': (m) => {
    const id = /^[a-z0-9]+$/i.test(m.data) ? m.data.toLowerCase() : m.data;
    return pair(m.value, 'v1').includes(hmac('sha256', m.secret, `id:${id};request-id:${m.request};ts:${pair(m.value, 'ts')[0]};`).digest('hex'));
  },
};

for (const line of fs.readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
  const [scheme, secret, value, id, time, request, data, body] = line.split('|');
  const good = verify[scheme]({ secret, value, id, time, request, data, body: Buffer.from(body, 'base64') });
  console.log(`${scheme} ${good ? 'good' : 'bad'}`);
}

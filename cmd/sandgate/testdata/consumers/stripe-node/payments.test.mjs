// Stripe's own Node library, unmodified, on a Sandgate at $SANDGATE_URL: all that is not usual is the address.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import Stripe from 'stripe';

const url = new URL(process.env.SANDGATE_URL);
const stripe = new Stripe('sk_test_consumer', { host: url.hostname, port: url.port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });

const card = (number) => stripe.paymentMethods.create({ type: 'card', card: { number, exp_month: 12, exp_year: 2034, cvc: '314' } });
const pay = async (number, more) =>
  stripe.paymentIntents.create({ amount: 2000, currency: 'usd', payment_method: (await card(number)).id, confirm: true, return_url: 'https://example.com/return', ...more });

const refusal = async (promise) => promise.then(() => assert.fail('it was not refused'), (error) => error);

test('a customer is made, changed, and gone', async () => {
  const made = await stripe.customers.create({ email: 'ana@example.com', metadata: { order: '1', shop: 'a' } });
  assert.match(made.id, /^cus_/);
  const changed = await stripe.customers.update(made.id, { metadata: { order: '2' } });
  assert.deepEqual(changed.metadata, { order: '2', shop: 'a' });
  assert.equal((await stripe.customers.del(made.id)).deleted, true);
  assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
  const missing = await refusal(stripe.customers.retrieve('cus_nobody'));
  assert.ok(missing instanceof Stripe.errors.StripeInvalidRequestError);
  assert.deepEqual([missing.statusCode, missing.code, missing.param], [404, 'resource_missing', 'id']);
});

test('a card pays, and what it paid can be expanded', async () => {
  const intent = await pay('4242424242424242', { expand: ['latest_charge.balance_transaction'] });
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.latest_charge.amount_captured, 2000);
  assert.equal(intent.latest_charge.balance_transaction.net, 2000 - 88);
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
  assert.equal(refund.status, 'succeeded');
  assert.equal((await stripe.charges.retrieve(intent.latest_charge.id)).amount_refunded, 500);
});

test('a card is declined, and the error says why', async () => {
  const error = await refusal(pay('4000000000000002'));
  assert.ok(error instanceof Stripe.errors.StripeCardError);
  assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, 'card_declined', 'generic_decline']);
  assert.equal(error.payment_intent.status, 'requires_payment_method');
  assert.match(error.requestId, /./);
});

test('what is misspelt is told with the name that was meant', async () => {
  const error = await refusal(stripe.paymentIntents.create({ amount: 2000, currency: 'usd', descripton: 'x' }));
  assert.deepEqual([error.statusCode, error.code, error.param], [400, 'parameter_unknown', 'descripton']);
  assert.match(error.message, /description/);
});

test('the bank asks, and the answer decides', async () => {
  for (const [result, status] of [['Y', 'succeeded'], ['N', 'requires_payment_method']]) {
    const intent = await pay('4000002760003184');
    assert.equal(intent.status, 'requires_action');
    const answer = await fetch(intent.next_action.redirect_to_url.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ result }) });
    assert.equal(answer.status, 200);
    assert.equal((await stripe.paymentIntents.retrieve(intent.id)).status, status);
  }
});

test('a key is good for one request', async () => {
  const key = { idempotencyKey: 'order 1' };
  const first = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' }, key);
  assert.equal((await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' }, key)).id, first.id);
  const error = await refusal(stripe.paymentIntents.create({ amount: 3000, currency: 'usd' }, key));
  assert.ok(error instanceof Stripe.errors.StripeIdempotencyError);
});

test('a list goes on by itself', async () => {
  const made = new Set();
  for (let i = 0; i < 25; i++) made.add((await stripe.products.create({ name: 'Coffee' })).id);
  for await (const product of stripe.products.list({ limit: 10 })) made.delete(product.id);
  assert.equal(made.size, 0);
});

test('a subscription is paid at once', async () => {
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa', email: 'ana@example.com' });
  const methods = await stripe.customers.listPaymentMethods(customer.id);
  const price = await stripe.prices.create({ currency: 'usd', unit_amount: 1500, recurring: { interval: 'month' }, product_data: { name: 'Gold' } });
  const made = await stripe.subscriptions.create({
    customer: customer.id, default_payment_method: methods.data[0].id, items: [{ price: price.id }], expand: ['latest_invoice'],
  });
  assert.deepEqual([made.status, made.latest_invoice.status, made.latest_invoice.amount_paid], ['active', 'paid', 1500]);
});

test('a webhook is accepted by the verifier', async () => {
  let came;
  const hook = new Promise((resolve) => (came = resolve));
  const server = http.createServer((req, res) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      res.end();
      came({ body: Buffer.concat(chunks), header: req.headers['stripe-signature'] });
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${server.address().port}/`, enabled_events: ['payment_intent.succeeded'] });
  const intent = await pay('4242424242424242');
  const { body, header } = await hook;
  const event = stripe.webhooks.constructEvent(body, header, endpoint.secret);
  assert.deepEqual([event.type, event.data.object.id], ['payment_intent.succeeded', intent.id]);
  assert.throws(() => stripe.webhooks.constructEvent(body, header, 'whsec_another'), Stripe.errors.StripeSignatureVerificationError);
  await stripe.webhookEndpoints.del(endpoint.id);
  server.close();
});

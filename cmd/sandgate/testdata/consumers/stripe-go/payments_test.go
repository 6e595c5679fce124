// Package consumer uses Stripe's own Go library, unmodified, on a Sandgate at
// $SANDGATE_URL: all that is not usual is the address.
package consumer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

func client(t *testing.T) *stripe.Client {
	t.Helper()
	url := os.Getenv("SANDGATE_URL")
	if url == "" {
		t.Skip("SANDGATE_URL is not set")
	}
	config := &stripe.BackendConfig{URL: stripe.String(url), LeveledLogger: &stripe.LeveledLogger{}, EnableTelemetry: stripe.Bool(false)}
	return stripe.NewClient("sk_test_consumer", stripe.WithBackends(stripe.NewBackendsWithConfig(config)))
}

// card makes a payment method of a card's data.
func card(t *testing.T, c *stripe.Client, number string) *stripe.PaymentMethod {
	t.Helper()
	method, err := c.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{
		Type: stripe.String("card"),
		Card: &stripe.PaymentMethodCreateCardParams{Number: stripe.String(number), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2034), CVC: stripe.String("314")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return method
}

func pay(ctx context.Context, c *stripe.Client, method string) (*stripe.PaymentIntent, error) {
	return c.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(2000), Currency: stripe.String("usd"), PaymentMethod: stripe.String(method), Confirm: stripe.Bool(true),
		ReturnURL: stripe.String("https://example.com/return"),
	})
}

func TestCustomer(t *testing.T) {
	c := client(t)
	made, err := c.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{
		Name: stripe.String("Ana Souza"), Email: stripe.String("ana@example.com"), Metadata: map[string]string{"order": "1", "shop": "a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.ID, "cus_") || made.Livemode || made.Metadata["order"] != "1" {
		t.Fatalf("%+v", made)
	}
	changed, err := c.V1Customers.Update(t.Context(), made.ID, &stripe.CustomerUpdateParams{Metadata: map[string]string{"order": "2"}})
	if err != nil || changed.Metadata["order"] != "2" || changed.Metadata["shop"] != "a" {
		t.Fatal(changed.Metadata, err)
	}
	gone, err := c.V1Customers.Delete(t.Context(), made.ID, nil)
	if err != nil || !gone.Deleted {
		t.Fatal(gone, err)
	}
	if read, err := c.V1Customers.Retrieve(t.Context(), made.ID, nil); err != nil || !read.Deleted {
		t.Fatal(read, err)
	}
}

func TestPay(t *testing.T) {
	c := client(t)
	intent, err := pay(t.Context(), c, card(t, c, "4242424242424242").ID)
	if err != nil || intent.Status != stripe.PaymentIntentStatusSucceeded {
		t.Fatal(intent, err)
	}
	read, err := c.V1PaymentIntents.Retrieve(t.Context(), intent.ID, &stripe.PaymentIntentRetrieveParams{
		Params: stripe.Params{Expand: []*string{stripe.String("latest_charge.balance_transaction"), stripe.String("payment_method")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if charge := read.LatestCharge; charge.AmountCaptured != 2000 || charge.BalanceTransaction.Net != 2000-88 || charge.PaymentMethodDetails.Card.Last4 != "4242" {
		t.Fatalf("%+v", charge)
	}
	if read.PaymentMethod.Card.Brand != stripe.PaymentMethodCardBrandVisa {
		t.Fatalf("%+v", read.PaymentMethod)
	}
}

func TestDeclined(t *testing.T) {
	c := client(t)
	_, err := pay(t.Context(), c, card(t, c, "4000000000000002").ID)
	var refused *stripe.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if refused.HTTPStatusCode != http.StatusPaymentRequired || refused.Type != stripe.ErrorTypeCard || refused.Code != stripe.ErrorCodeCardDeclined ||
		refused.DeclineCode != stripe.DeclineCodeGenericDecline {
		t.Fatal(err)
	}
	if refused.PaymentIntent.Status != stripe.PaymentIntentStatusRequiresPaymentMethod || refused.ChargeID == "" || refused.RequestID == "" {
		t.Fatal(err)
	}
	charge, err := c.V1Charges.Retrieve(t.Context(), refused.ChargeID, nil)
	if err != nil || charge.Status != stripe.ChargeStatusFailed {
		t.Fatal(charge, err)
	}
}

func TestErrors(t *testing.T) {
	c := client(t)
	for want, call := range map[string]func() error{
		"400 invalid_request_error amount_too_small amount": func() error {
			_, err := c.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{Amount: stripe.Int64(1), Currency: stripe.String("usd")})
			return err
		},
		"400 invalid_request_error parameter_missing currency": func() error {
			_, err := c.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{Amount: stripe.Int64(1000)})
			return err
		},
		"404 invalid_request_error resource_missing id": func() error {
			_, err := c.V1Customers.Retrieve(t.Context(), "cus_nobody", nil)
			return err
		},
		"402 card_error incorrect_number number": func() error {
			_, err := c.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{
				Type: stripe.String("card"),
				Card: &stripe.PaymentMethodCreateCardParams{Number: stripe.String("4242424242424241"), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2034)},
			})
			return err
		},
	} {
		var refused *stripe.Error
		if err := call(); !errors.As(err, &refused) {
			t.Errorf("%s: %v", want, err)
			continue
		}
		got := strings.Join([]string{http.StatusText(refused.HTTPStatusCode), string(refused.Type), string(refused.Code), refused.Param}, " ")
		status, rest, _ := strings.Cut(want, " ")
		name := map[string]int{"400": 400, "402": 402, "404": 404}[status]
		if want := http.StatusText(name) + " " + rest; got != want {
			t.Errorf("%q, want %q: %v", got, want, refused.Msg)
		}
	}
}

func TestChallenge(t *testing.T) {
	c := client(t)
	for answer, want := range map[string]stripe.PaymentIntentStatus{"Y": stripe.PaymentIntentStatusSucceeded, "N": stripe.PaymentIntentStatusRequiresPaymentMethod} {
		intent, err := pay(t.Context(), c, card(t, c, "4000002760003184").ID)
		if err != nil || intent.Status != stripe.PaymentIntentStatusRequiresAction {
			t.Fatal(intent, err)
		}
		page := intent.NextAction.RedirectToURL.URL
		reply, err := http.Post(page, "application/json", strings.NewReader(`{"result":"`+answer+`"}`))
		if err != nil || reply.StatusCode != http.StatusOK {
			t.Fatal(reply, err)
		}
		reply.Body.Close()
		intent, err = c.V1PaymentIntents.Retrieve(t.Context(), intent.ID, nil)
		if err != nil || intent.Status != want {
			t.Fatal(answer, intent.Status, err)
		}
		if answer == "N" && intent.LastPaymentError.Code != stripe.ErrorCodePaymentIntentAuthenticationFailure {
			t.Fatal(intent.LastPaymentError)
		}
	}
}

func TestIdempotency(t *testing.T) {
	c := client(t)
	make := func(amount int64) (*stripe.PaymentIntent, error) {
		return c.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{
			Params: stripe.Params{IdempotencyKey: stripe.String("order-1 " + t.Name())}, Amount: &amount, Currency: stripe.String("usd"),
		})
	}
	first, err := make(1000)
	if err != nil {
		t.Fatal(err)
	}
	again, err := make(1000)
	if err != nil || again.ID != first.ID || again.LastResponse.Header.Get("Idempotent-Replayed") != "true" {
		t.Fatal(again, err)
	}
	_, err = make(2000)
	var refused *stripe.Error
	if !errors.As(err, &refused) || refused.Type != stripe.ErrorTypeIdempotency {
		t.Fatal(err)
	}
}

func TestPages(t *testing.T) {
	c := client(t)
	missing := map[string]bool{}
	for range 25 {
		product, err := c.V1Products.Create(t.Context(), &stripe.ProductCreateParams{Name: stripe.String("Coffee")})
		if err != nil {
			t.Fatal(err)
		}
		missing[product.ID] = true
	}
	seen := map[string]bool{}
	for product, err := range c.V1Products.List(t.Context(), &stripe.ProductListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(10)}}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[product.ID] {
			t.Fatal(product.ID, "came twice")
		}
		seen[product.ID] = true
		delete(missing, product.ID)
	}
	if len(missing) > 0 {
		t.Fatal(len(missing), "did not come")
	}
}

func TestSubscription(t *testing.T) {
	c := client(t)
	ctx := t.Context()
	product, err := c.V1Products.Create(ctx, &stripe.ProductCreateParams{Name: stripe.String("Gold"), DefaultPriceData: &stripe.ProductCreateDefaultPriceDataParams{
		Currency: stripe.String("usd"), UnitAmount: stripe.Int64(1500), Recurring: &stripe.ProductCreateDefaultPriceDataRecurringParams{Interval: stripe.String("month")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	customer, err := c.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: stripe.String("ana@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	method := card(t, c, "4242424242424242")
	if _, err := c.V1PaymentMethods.Attach(ctx, method.ID, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer.ID)}); err != nil {
		t.Fatal(err)
	}
	made, err := c.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID), DefaultPaymentMethod: stripe.String(method.ID),
		Items:  []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(product.DefaultPrice.ID)}},
		Params: stripe.Params{Expand: []*string{stripe.String("latest_invoice")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.Status != stripe.SubscriptionStatusActive || made.LatestInvoice.Status != stripe.InvoiceStatusPaid || made.LatestInvoice.AmountPaid != 1500 {
		t.Fatal(made.Status, made.LatestInvoice.Status, made.LatestInvoice.AmountPaid)
	}
}

func TestWebhook(t *testing.T) {
	c := client(t)
	type received struct {
		body   []byte
		header string
	}
	got := make(chan received, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{body, r.Header.Get("Stripe-Signature")}
	}))
	defer server.Close()
	endpoint, err := c.V1WebhookEndpoints.Create(t.Context(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(server.URL), EnabledEvents: []*string{stripe.String("payment_intent.succeeded")},
	})
	if err != nil || endpoint.Secret == "" {
		t.Fatal(endpoint, err)
	}
	intent, err := pay(t.Context(), c, card(t, c, "4242424242424242").ID)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case hook := <-got:
		event, err := webhook.ConstructEvent(hook.body, hook.header, endpoint.Secret)
		if err != nil || event.Type != stripe.EventTypePaymentIntentSucceeded || event.Data.Object["id"] != intent.ID {
			t.Fatal(event.Type, err)
		}
		if _, err := webhook.ConstructEvent(hook.body, hook.header, "whsec_another"); err == nil {
			t.Fatal("another secret verifies")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no webhook came")
	}
	if _, err := c.V1WebhookEndpoints.Delete(t.Context(), endpoint.ID, nil); err != nil {
		t.Fatal(err)
	}
}

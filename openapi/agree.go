package openapi

import (
	"encoding/json"
	"math/big"
	"strconv"
	"time"
)

// agree makes what was invented agree with the rest of the object: no part is more than the whole, nothing was changed before it was made, and a count
// is that of the list beside it. given are the properties that are not ours to change.
func (g *sampler) agree(s *Schema, object map[string]any, given map[string]bool) {
	v := s.merged()
	put := func(name string, value any) {
		if f := v.byName[name]; f != nil && !given[name] && value != nil && f.schema.fits(value) {
			object[name] = value
		}
	}
	g.parts(v, object, put)
	stamps(v, object, put)
	for _, f := range v.fields {
		list, ok := object[f.name].([]any)
		if !ok || !named(f.name, "data", "items", "results", "list") {
			continue
		}
		for _, name := range []string{"total_count", "totalCount", "total", "count", "total_items"} {
			if _, there := object[name].(json.Number); there {
				put(name, json.Number(strconv.Itoa(len(list))))
			}
		}
	}
}

// parts sets what was captured, refunded or charged of an amount.
func (g *sampler) parts(v *view, object map[string]any, put func(string, any)) {
	whole, wholeText := amountOf(v, object)
	if whole == nil {
		return
	}
	for _, f := range v.fields {
		value, there := object[f.name]
		if !there || value == nil || !named(f.name, "amount", "valor", "total", "monto") {
			continue
		}
		nothing := any(json.Number("0"))
		if _, text := value.(string); text {
			nothing = "0.00"
		}
		switch {
		case named(f.name, "refunded", "refund", "reversed", "disputed", "discount", "fee", "fees", "tax", "shipping", "devolvido", "desconto", "overpaid", "surcharge", "tip"):
			put(f.name, nothing)
		case named(f.name, "captured", "received", "paid", "capturable", "authorized", "pago", "recebido", "settled"):
			put(f.name, nothing)
			if g.mode == full {
				put(f.name, wholeText)
			}
		case named(f.name, "subtotal", "remaining", "due", "net", "gross", "original", "requested", "liquido"):
			put(f.name, wholeText)
		}
	}
}

// amountOf is the amount that others are parts of, and how it is written.
func amountOf(v *view, object map[string]any) (*big.Rat, any) {
	for _, name := range []string{"amount", "total", "amount_total", "total_amount", "totalAmount", "valor", "valor_total", "monto", "importe"} {
		if v.byName[name] == nil {
			continue
		}
		text := scalarText(object[name])
		if text == "" || !isNumber(text) || hugeExponent(text) {
			continue
		}
		if r, ok := new(big.Rat).SetString(text); ok {
			return r, object[name]
		}
	}
	return nil, nil
}

// stamps lets nothing be changed before it was made.
func stamps(v *view, object map[string]any, put func(string, any)) {
	var made time.Time
	var written any
	for _, f := range v.fields {
		if named(f.name, "created", "creation", "criacao", "criado", "creacion") && made.IsZero() {
			made, written = instantIn(object[f.name]), object[f.name]
		}
	}
	if made.IsZero() {
		return
	}
	for _, f := range v.fields {
		if !named(f.name, "updated", "modified", "changed", "atualizacao", "atualizado", "modificacao", "actualizacion") {
			continue
		}
		if at := instantIn(object[f.name]); !at.IsZero() && at.Before(made) {
			put(f.name, written)
		}
	}
}

// instantIn reads an instant; zero if there is none.
func instantIn(v any) time.Time {
	switch v := v.(type) {
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at
		}
		if at, err := time.Parse(time.DateOnly, v); err == nil {
			return at
		}
	case json.Number:
		if i, err := v.Int64(); err == nil && i > 1e8 && i < 4e12 {
			if i > 1e11 {
				return time.UnixMilli(i)
			}
			return time.Unix(i, 0)
		}
	}
	return time.Time{}
}

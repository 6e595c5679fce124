package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandgate/sandgate/testcards"
)

// namedDeck is a deck as it is printed.
type namedDeck struct {
	Provider   string   `json:"provider"`
	Precedence []string `json:"precedence"`
	*testcards.Deck
}

func (a *app) cards() *cobra.Command {
	cmd := &cobra.Command{
		Use: "cards [PROVIDER]", Short: "List the test cards, and what else decides a payment's outcome",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%s takes no argument %q", cmd.CommandPath(), args[1])
			}
			return nil
		},
		Long: "Lists the test cards of a provider, or of every provider that has some: public test numbers, and the tokens that stand for them. " +
			"Any other number is refused and stored nowhere.\n\nAlso lists the sets of numbers, the holder names and the amount endings that choose an outcome, and what goes before what.",
	}
	asJSON := jsonFlag(cmd)
	set := cmd.Flags().String("set", "", "only the cards in play when this set is chosen")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if a.source["set"] != "flag" {
			*set = "" // the flag of that name that may be in the environment is another one's
		}
		decks, err := decksOf(args, *set)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return a.printJSON(decks)
		}
		for i, d := range decks {
			if i > 0 {
				fmt.Fprintln(a.stdout)
			}
			if err := a.printDeck(d, *set != ""); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// decksOf reads the decks asked for, cut down to a set where one is chosen.
func decksOf(args []string, set string) ([]namedDeck, error) {
	names := testcards.Names()
	if len(args) > 0 {
		if !slices.Contains(names, args[0]) {
			return nil, usagef("no provider %q has test cards%s", args[0], suggest("", args[0], names))
		}
		names = args
	}
	decks, sets := []namedDeck{}, []string{}
	for _, name := range names {
		d, err := testcards.Embedded(name)
		if err != nil {
			return nil, err
		}
		if set != "" {
			sets = append(sets, d.SetNames()...)
			cards, ok := d.InPlay(set)
			if !ok {
				continue
			}
			chosen := *d // the deck itself is shared
			chosen.Cards, d = cards, &chosen
		}
		decks = append(decks, namedDeck{name, testcards.Precedence, d})
	}
	if len(decks) == 0 {
		return nil, usagef("--set: there is no set %q to choose%s", set, suggest("", set, sets))
	}
	return decks, nil
}

func (a *app) printDeck(d namedDeck, chosen bool) error {
	fmt.Fprintf(a.stdout, "%s, %s\n\n", clean(d.Provider), plural(len(d.Cards), "card"))
	t := a.table("NUMBER", "TOKEN", "SET", "BRAND", "OUTCOME", "3DS", "ABOUT")
	for _, c := range d.Cards {
		t.row(c.Number, dash(c.Token), dash(c.Set), c.Brand, c.Outcome, dash(c.ThreeDS), c.About)
	}
	if err := t.flush(); err != nil {
		return err
	}
	if !chosen && len(d.Sets) > 0 {
		t := a.section("SET", "IN PLAY", "ABOUT")
		for _, name := range slices.Sorted(maps.Keys(d.Sets)) {
			s, when := d.Sets[name], "when chosen"
			switch {
			case s.Default:
				when = "by default"
			case s.Always:
				when = "always"
			}
			t.row(name, when, s.About)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(d.Outcomes) > 0 {
		t := a.section("OUTCOME", "MOVE", "CODE", "DECLINE", "LATER", "ABOUT")
		for _, name := range slices.Sorted(maps.Keys(d.Outcomes)) {
			o, later := d.Outcomes[name], "-"
			if o.Later != nil {
				later = o.Later.Outcome + " after " + o.Later.After
			}
			t.row(name, o.Move, dash(o.Code), dash(o.Decline), later, o.About)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return a.printRules(d)
}

// printRules prints what decides beside the card, and in which order.
func (a *app) printRules(d namedDeck) error {
	if len(d.Holders) > 0 {
		t := a.section("HOLDER", "MATCHES", "OUTCOME", "ABOUT")
		for _, h := range d.Holders {
			matches := "whole name or last word"
			if h.Alone {
				matches = "whole name"
			}
			t.row(h.Name, matches, h.Outcome, h.About)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(d.CVC) > 0 {
		t := a.section("CVC", "SET", "OUTCOME", "ABOUT")
		for _, r := range d.CVC {
			cvc := r.Is
			if r.Starts != "" {
				cvc = r.Starts + "…"
			}
			t.row(cvc, dash(r.Set), r.Outcome, r.About)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(d.Amounts) > 0 {
		t := a.section("METHOD", "CENTS", "OUTCOME", "ABOUT")
		for _, method := range slices.Sorted(maps.Keys(d.Amounts)) {
			for _, e := range d.Amounts[method] {
				t.row(method, "…"+e.Ends, e.Outcome, e.About)
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.stdout, "\nWhat decides, in this order:")
	for i, step := range d.Precedence {
		fmt.Fprintf(a.stdout, "  %d. %s\n", i+1, step)
	}
	return nil
}

// section begins a table below another one.
func (a *app) section(head ...string) *table {
	fmt.Fprintln(a.stdout)
	return a.table(head...)
}

func dash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "-"
	}
	return s
}

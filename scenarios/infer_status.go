package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// state is where a kind's state stands, and the words that it may be.
type state struct {
	field  string
	start  string
	states []string
}

var statusNames = []string{"status", "state", "situacao", "estado", "situation", "lifecyclestate", "lifecyclestatus"}

// statusOf finds the property that is a kind's state, nil if no enum lists its words.
func (g *guess) statusOf(k *shape) *state {
	l := g.lookOf(k)
	if l.object == nil {
		return nil
	}
	for _, want := range statusNames {
		for _, name := range l.object.Properties() {
			if plainWord(name) != want && plainWord(name) != plainWord(k.nouns[0].word)+want {
				continue
			}
			if st := statesOf(name, l.object.Property(name)); st != nil {
				return st
			}
		}
	}
	return nil
}

func statesOf(field string, s *openapi.Schema) *state {
	st := &state{field: field}
	for _, v := range s.Enum() {
		if word, ok := v.(string); ok && word != "" {
			st.states = append(st.states, word)
		}
	}
	first := ""
	for _, m := range described.FindAllStringSubmatch(s.Description(), -1) {
		if aside.MatchString(m[2]) {
			continue
		}
		if len(s.Enum()) == 0 && s.Type() == "string" && !slices.Contains(st.states, m[1]) {
			st.states = append(st.states, m[1])
		}
		if initial.MatchString(m[2]) {
			first = m[1]
		}
	}
	if len(st.states) < 2 {
		return nil
	}
	if st.start, _ = s.Default().(string); !slices.Contains(st.states, st.start) {
		st.start = first
	}
	if !slices.Contains(st.states, st.start) {
		st.start = startOf(st.states)
	}
	return st
}

// described finds the words that a description lists as a status may be, each
// with what is said of it: `opened`: not paid yet. [initial state]
var (
	described = regexp.MustCompile("`([A-Za-z][A-Za-z_ -]{2,40})`([^`\n]*)")
	initial   = regexp.MustCompile(`(?i)[[(][^\])]*ini[tc]ial`)
	aside     = regexp.MustCompile(`(?i)^ (field|property|attribute|parameter|hash|object|array|endpoint|header|event|webhook)`)
)

// newWords are states of what was just made, the surest first.
var newWords = strings.Fields(`created new draft requirespaymentmethod initialized initial pending waiting waitingpayment waitingforpayment awaitingpayment
	open opened active ativa ativo activo activa enabled registered scheduled incomplete notstarted unpaid queued enqueued submitted received
	requested inprogress processing emprocessamento criada criado pendente aberta aberto pendiente awaitingapproval waitingapproval pendingapproval requiresaction
	todo ready available started running trialing issued emitida generating generated`)

func startOf(states []string) string {
	for _, want := range newWords {
		for _, s := range states {
			if plainWord(s) == want {
				return s
			}
		}
	}
	for _, s := range states {
		if word := plainWord(s); !ends(s) && (strings.HasPrefix(word, "pending") || strings.HasPrefix(word, "waiting") || strings.HasPrefix(word, "awaiting") || strings.HasPrefix(word, "created")) {
			return s
		}
	}
	for _, s := range states {
		if !ends(s) {
			return s
		}
	}
	return states[0]
}

// endWords are states that nothing leaves.
var endWords = wordSet(`canceled cancelled cancelado cancelada failed failure error expired expirada expirado refunded void voided rejected refused
	declined denied completed complete concluida concluido succeeded success successful paid pago paga closed deleted removed archived
	uncollectible removidapelousuariorecebedor removidapelopsp reversed revoked terminated settled returned finished done fulfilled
	naorealizado devolvido rejeitada rejeitado redacted chargedback writtenoff abandoned lost won converted incompleteexpired chargebacked`)

func ends(state string) bool { return endWords[plainWord(state)] }

// becomes are the states that an action may lead to, where they are not of its
// own stem; the first that the kind has counts.
var becomes = map[string]string{
	"cancel": "canceled cancelled cancelado cancelada void voided removidapelousuariorecebedor", "abort": "canceled cancelled aborted",
	"void": "voided void canceled cancelled", "pay": "paid pago paga", "settle": "settled paid",
	"capture": "captured succeeded completed paid",
	"confirm": "confirmed succeeded",
	"approve": "approved succeeded", "accept": "accepted", "authorize": "authorized authorised",
	"reject": "rejected refused declined denied", "refuse": "refused rejected declined", "decline": "declined rejected refused", "deny": "denied rejected declined",
	"reprove": "reproved rejected refused", "refund": "refunded", "reverse": "reversed refunded", "expire": "expired",
	"activate": "active activated enabled ativa ativo", "reactivate": "active activated enabled", "enable": "enabled active", "deactivate": "inactive deactivated disabled inativa inativo",
	"disable": "disabled inactive", "pause": "paused", "suspend": "suspended paused", "unsuspend": "active", "resume": "active running", "unpause": "active", "reopen": "open opened reopened",
	"close": "closed", "open": "open opened", "complete": "completed complete", "finish": "finished completed", "finalize": "finalized open", "archive": "archived",
	"unarchive": "active", "publish": "published", "unpublish": "unpublished draft", "send": "sent", "submit": "submitted", "hold": "held onhold", "block": "blocked", "unblock": "active unblocked",
	"lock": "locked", "unlock": "unlocked active", "revoke": "revoked", "terminate": "terminated", "fail": "failed", "succeed": "succeeded", "return": "returned", "release": "released",
	"verify": "verified", "ship": "shipped", "deliver": "delivered", "redact": "redacted", "withdraw": "withdrawn", "start": "started running inprogress", "stop": "stopped",
	"freeze": "frozen", "unfreeze": "active unfrozen", "win": "won", "lose": "lost", "acknowledge": "acknowledged", "resolve": "resolved", "post": "posted", "duplicate": "none",
	"disconnect": "disconnected", "connect": "connected", "protest": "protested", "process": "processed", "uncollectible": "uncollectible",
	"cancelar": "cancelado cancelada", "aprovar": "aprovado aprovada", "rejeitar": "rejeitado rejeitada", "pagar": "pago paga",
	"cancellation": "canceled cancelled", "finish_transfer": "completed", "restore": "active", "recover": "active",
}

// moveOf is the transition that an action's name says, nil if the kind has no
// state that it leads to.
func (g *guess) moveOf(k *shape, word string) *Move {
	st := g.statusOf(k)
	if st == nil {
		return nil
	}
	verb, target := firstPart(word), ""
	tail := word[strings.LastIndexByte(word, '_')+1:]
	object := strings.TrimPrefix(strings.TrimPrefix(word, verb), "_")
	switch {
	case verb == "mark" || verb == "set":
		target = st.called(tail)
	case object != "" && object != k.nouns[0].word && object != k.name && object != "all" && object != "now":
		return nil // send_email, cancel_action: about something else
	default:
		target = st.after(singular(verb))
	}
	if target == "" {
		return nil
	}
	m := &Move{Name: strings.ReplaceAll(word, "_", "-"), To: target, From: st.before(verb, target)}
	m.Why = fmt.Sprintf("%s is what %s leads to", target, word)
	return m
}

// called is the state of that name.
func (st *state) called(word string) string {
	for _, s := range st.states {
		if plainWord(s) == word {
			return s
		}
	}
	return ""
}

// after is the state that a verb leads to.
func (st *state) after(verb string) string {
	for _, want := range strings.Fields(becomes[verb]) {
		if s := st.called(want); s != "" {
			return s
		}
	}
	stem := strings.TrimSuffix(verb, "e")
	for _, s := range st.states {
		switch strings.TrimPrefix(plainWord(s), stem) {
		case "ed", "d", "led", "ted", "ped", "red":
			return s
		}
		if body, ok := strings.CutSuffix(verb, "y"); ok && plainWord(s) == body+"ied" {
			return s
		}
	}
	return ""
}

// before are the states that an action may leave: all but the one it leads to
// and those that are the end of it. A refund takes back what is done, and what
// was stopped can go on.
func (st *state) before(verb, target string) []string {
	all, alive, settled := []string{}, []string{}, []string{}
	for _, s := range st.states {
		if s == target {
			continue
		}
		all = append(all, s)
		if !ends(s) || s == st.start {
			alive = append(alive, s)
		}
		switch plainWord(s) {
		case "paid", "succeeded", "captured", "completed", "settled", "success", "successful", "approved", "partiallyrefunded", "processed", "accredited", "concluida", "confirmed":
			settled = append(settled, s)
		}
	}
	switch verb {
	case "refund", "reverse":
		if len(settled) > 0 {
			return settled
		}
	case "reopen", "restore", "unarchive", "recover", "reactivate":
		return all
	}
	if len(alive) == 0 {
		return all
	}
	return alive
}

// moves are all that the paths about a kind's things lead to.
func (g *guess) moves(k *shape) []*Move {
	var out []*Move
	add := func(word string) {
		if m := g.moveOf(k, word); m != nil && !slices.ContainsFunc(out, func(have *Move) bool { return have.Name == m.Name }) {
			out = append(out, m)
		}
	}
	for _, o := range g.doc.Operations() {
		p := g.s.byKey[o.Key()]
		n := len(p.segments)
		if n < 2 || o.Method == "DELETE" || p.noun != nil && p.noun.kind != k && isPlural(lastWord(p.noun)) {
			continue
		}
		switch owner := g.s.owner(p.segments[:n-1]); {
		case p.verb != "":
			if owner = g.s.owner(p.segments); owner != nil && owner.kind == k {
				add(p.verb)
			}
		case isParam(p.segments[n-1]) && p.noun == nil:
			if before := g.s.nouns[blank(p.segments[:max(n-2, 0)], "")]; before != nil && before.kind == k {
				add(snakeWord(p.segments[n-2]))
			}
		case isParam(p.segments[n-1]):
		case isParam(p.segments[n-2]) && owner != nil && owner.kind == k:
			add(snakeWord(p.segments[n-1]))
		default:
			if before := g.s.nouns[blank(p.segments[:n-1], "")]; before != nil && before.kind == k {
				add(snakeWord(p.segments[n-1]))
			}
		}
	}
	return out
}

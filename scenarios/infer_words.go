package scenarios

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// snakeWord writes a path segment or a schema's name as a kind is named:
// paymentLinks and payment-links are payment_links.
func snakeWord(s string) string {
	var out strings.Builder
	var before rune
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = '_'
		case unicode.IsUpper(r):
			next := rune(0)
			if rest := []rune(s[i:]); len(rest) > 1 {
				next = rest[1]
			}
			if before != 0 && before != '_' && (!unicode.IsUpper(before) || unicode.IsLower(next)) {
				out.WriteByte('_')
			}
		}
		if r != '_' || before != '_' && before != 0 {
			out.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	return strings.Trim(out.String(), "_")
}

// plainWord is a word without marks and case, for comparisons; letters of any language count.
func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

var irregular = map[string]string{
	"people": "person", "children": "child", "men": "man", "women": "woman", "data": "data", "media": "media", "series": "series",
	"news": "news", "status": "status", "address": "address", "business": "business", "access": "access", "process": "process",
	"statuses": "status", "indices": "index", "matrices": "matrix", "criteria": "criterion", "movies": "movie", "cookies": "cookie",
	"causes": "cause", "warehouses": "warehouse", "houses": "house", "uses": "use", "pauses": "pause", "clauses": "clause",
	"analytics": "analytics", "settings": "settings", "preferences": "preference", "details": "details", "s3": "s3", "sms": "sms", "pos": "pos", "dns": "dns", "address_verification": "address_verification",
	"cobs": "cob", "lens": "lens", "gas": "gas", "basis": "basis", "analysis": "analysis", "analyses": "analysis", "chassis": "chassis", "axes": "axis",
}

// endings of plurals, the longest first, and what stands in their place.
var plurals = []struct{ many, one string }{
	{"coes", "cao"},
	{"soes", "sao"},
	{"sses", "ss"},
	{"ches", "ch"},
	{"shes", "sh"},
	{"xes", "x"},
	{"zes", "ze"},
	{"uses", "us"},
	{"ies", "y"},
	{"ss", "ss"},
	{"us", "us"},
	{"is", "is"},
	{"s", ""},
}

// singular of a word in snake_case: only its last part changes.
func singular(word string) string {
	head, last := "", word
	if i := strings.LastIndexByte(word, '_'); i >= 0 {
		head, last = word[:i+1], word[i+1:]
	}
	if one, ok := irregular[last]; ok {
		return head + one
	}
	for _, p := range plurals {
		if stem, ok := strings.CutSuffix(last, p.many); ok && len(stem) > 1 {
			return head + stem + p.one
		}
	}
	return word
}

func isPlural(word string) bool { return singular(word) != word }

var version = regexp.MustCompile(`^v\d+([._]\d+)*((alpha|beta|preview)\d*)?$|^\d{4}-\d{2}(-\d{2})?$|^(api|rest)$`)

// isPrefix tells the segments that say nothing about a kind: /v1, /api.
func isPrefix(segment string) bool {
	if segment == "" || !strings.ContainsRune("vVaArR0123456789", rune(segment[0])) {
		return false // most are: a pattern costs a first request more than all else here
	}
	return segment == "v1" || version.MatchString(strings.ToLower(segment))
}

func isParam(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// Words that end a path, by what they ask for; the first part of a compound
// such as send_email decides.
var (
	listWords   = wordSet("search list find all filter query index browse lookup listar buscar consultar pesquisar listagem")
	readWords   = wordSet("verify get fetch show retrieve view read details detail info check status consultar obter lookup find requery")
	createWords = wordSet("create new add register initialize initialise initiate insert make criar novo nova incluir emitir gerar crear nuevo bulk batch")
	// guessWords show what would be, or a sum of what is.
	guessWords  = wordSet("preview upcoming estimate simulate calculate summary total totals export stats statistics count report simulation quote")
	changeWords = wordSet("update edit change set modify reschedule rename amend patch replace save put alterar atualizar editar modificar actualizar")
	removeWords = wordSet("delete remove destroy erase purge unregister excluir apagar remover deletar eliminar borrar")
	// doWords act on something that is there. Those that are nouns as well are in maybeWords.
	doWords = wordSet(`cancel finalize confirm approve reject decline refuse deny accept activate deactivate reactivate enable disable
		pause resume unpause close reopen void expire verify validate revalidate process complete finish start stop begin end abort
		send resend notify remind retry reprocess redeliver archive unarchive restore recover revoke renew rotate regenerate refresh
		lock unlock block unblock suspend unsuspend publish unpublish attach detach assign unassign link unlink connect disconnect subscribe
		unsubscribe register submit resolve acknowledge ack respond reply reset duplicate clone copy merge move migrate mark
		pay settle authorize capture reverse release hold redact reprove fail succeed return ship deliver advance increment decrement
		collect present apply reconcile recalculate calculate preview simulate test ping trigger execute run terminate upgrade downgrade
		sign unsign fund redeem claim invite join leave protest ask login logout withdraw recusar cancelar aprovar
		rejeitar confirmar pagar ativar desativar habilitar desabilitar bloquear desbloquear enviar reenviar estornar devolver
		aprobar rechazar activar desactivar baixar protestar setup timeout undo redo grant deny estimate convert exchange
		reactivate unreject freeze unfreeze commission decommission`)
	// maybeWords are actions under an item whose reply is the item, else things.
	maybeWords = wordSet(`refund capture charge transfer order request report schedule track sync export import split quote dispute payout
		deposit credit debit chargeback cancellation reversal confirmation authorization approval download upload zip pdf print query check void
		retentativa devolucao cancelamento estorno baixa`)
)

// firstPart is the word that a compound begins with, when it is an action's.
func firstPart(word string) string {
	first, _, _ := strings.Cut(word, "_")
	return first
}

// isAction tells words that say what is done, not what there is.
func isAction(word string) bool {
	first := firstPart(word)
	if isPlural(word) && first == word {
		return false
	}
	last := word[strings.LastIndexByte(word, '_')+1:]
	switch {
	case first != word && slices.Contains(idEndings, last):
		return false // split_code
	case doWords[first], changeWords[first], removeWords[first]:
		return true
	case first != word && (createWords[first] || maybeWords[first] && !isPlural(word)):
		return true
	}
	return false
}

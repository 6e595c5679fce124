package store

// Tx reads and writes. It is valid inside the function that Write or Create gave it to.
type Tx struct {
	*Conn
	w       *writer
	deltas  []delta // what this job does to the counts
	touched bool    // this job changed endpoints
	recent  [4]known
	n       int // of recent, ever
}

// known is a row that this job touched, so that rows which hang on it need no look-up.
type known struct {
	table    byte // r resource, e event, d delivery
	kind, id string
	seq      int64
}

func (tx *Tx) fresh() {
	tx.deltas = tx.deltas[:0]
	tx.touched = false
	tx.recent, tx.n = [4]known{}, 0
	tx.broken = nil
}

func (tx *Tx) remember(table byte, kind, id string, seq int64) {
	tx.recent[tx.n%len(tx.recent)] = known{table, kind, id, seq}
	tx.n++
}

// recall looks at the latest first: an id may have been removed and made again.
func (tx *Tx) recall(table byte, kind, id string) (int64, bool) {
	for i := range tx.recent {
		if k := &tx.recent[(tx.n+len(tx.recent)-1-i)%len(tx.recent)]; k.table == table && k.id == id && k.kind == kind {
			return k.seq, true
		}
	}
	return 0, false
}

// NextSeq hands out the next number of the file's one sequence. A number is never handed out
// twice, also when the write that took it fails.
func (tx *Tx) NextSeq() int64 { return tx.db.seq.Add(1) }

// SetSeq makes the sequence go on after n. It never goes back.
func (tx *Tx) SetSeq(n int64) {
	if n > tx.db.seq.Load() {
		tx.db.seq.Store(n)
	}
}

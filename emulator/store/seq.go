package store

// NextDraw numbers one use of randomness. It is apart from NextSeq, because
// rows of the delivery log take numbers of that one at times that depend on
// the network, and ids must not.
func (tx *Tx) NextDraw() int64 { return tx.db.draws.Add(1) }

// SetDraws makes the draws go on after n.
func (tx *Tx) SetDraws(n int64) { tx.db.draws.Store(n) }

// Draws is the last number that NextDraw handed out.
func (c *Conn) Draws() int64 { return c.db.draws.Load() }

// Seq is the last number that the file's sequence handed out.
func (c *Conn) Seq() int64 { return c.db.seq.Load() }

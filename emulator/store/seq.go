package store

// Seq is the last number that the file's sequence handed out.
func (c *Conn) Seq() int64 { return c.db.seq.Load() }

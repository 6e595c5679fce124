package store

// Meta reads a setting of the file.
func (c *Conn) Meta(key string) (string, bool, error) {
	r, ok, err := c.one("SELECT value FROM meta WHERE key = ?", key)
	if !ok {
		return "", false, err
	}
	return r.text(0), true, nil
}

// SetMeta writes a setting of the file.
func (tx *Tx) SetMeta(key, value string) error {
	_, err := tx.exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// Metas reads the settings whose names begin with a prefix.
func (c *Conn) Metas(prefix string) (map[string]string, error) {
	found := map[string]string{}
	err := c.each("SELECT key, value FROM meta WHERE substr(key, 1, length(?1)) = ?1", func(r row) { found[r.text(0)] = r.text(1) }, prefix)
	return found, err
}

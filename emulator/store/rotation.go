package store

import "encoding/json"

// OldSecret is one that was replaced and still signs for a while.
type OldSecret struct {
	Secret string `json:"secret"`
	Until  int64  `json:"until"`
}

// writeSecrets gives the column of replaced secrets, newest first.
func writeSecrets(all []OldSecret) string {
	if len(all) == 0 {
		return ""
	}
	text, err := json.Marshal(all)
	if err != nil { // text and a number cannot fail
		return ""
	}
	return string(text)
}

// readSecrets reads what writeSecrets wrote.
func readSecrets(text string) []OldSecret {
	var all []OldSecret
	if text == "" || json.Unmarshal([]byte(text), &all) != nil {
		return nil
	}
	return all
}

// SetFailing notes the first failure of an endpoint since its last success, 0 = it has none. One that is gone stays so.
func (tx *Tx) SetFailing(id string, since int64) error {
	tx.touched = true
	_, err := tx.exec("UPDATE endpoint SET failing = ? WHERE id = ?", since, id)
	return err
}

package store

import "encoding/json"

// Text is bytes that a person reads: in JSON it is a string, with what is not UTF-8 replaced.
type Text []byte

func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(string(t)) }

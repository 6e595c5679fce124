package openapi

func overlaid(text, overlay []byte) ([]byte, []Repair, error) { return text, nil, nil }

package scenarios

//go:generate go run ./gen

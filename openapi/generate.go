package openapi

// The YAML that people edit becomes the compact JSON that is embedded: one folder, or one file, a provider.
//go:generate go run ./gen

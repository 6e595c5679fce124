// Package openapi owns contracts: it indexes OpenAPI documents, finds operations, decodes and validates what comes in, and writes and invents values
// that fit a schema, and knows a card number or a secret when it sees one. It never knows a provider's behaviour, keeps no state between requests, and opens no connection.
package openapi

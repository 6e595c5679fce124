// Command hello is the yardstick of BenchmarkStart: the least that a Go
// program needs to answer one HTTP request.
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello\n") })
	if err := http.ListenAndServe(os.Args[1], nil); err != nil {
		panic(err)
	}
}

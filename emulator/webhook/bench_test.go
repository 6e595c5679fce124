package webhook

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkSend sets Sender.Send beside a bare http.Client: 16 workers, 600-byte bodies, a sink on loopback.
// "x-bare" is our throughput as a part of the client's; 1 means no cost.
func BenchmarkSend(b *testing.B) {
	const workers, size = 16, 600
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte("ok"))
	}))
	b.Cleanup(sink.Close)
	body := bytes.Repeat([]byte("b"), size)
	header := http.Header{"Content-Type": {"application/json"}, "X-Signature": {"ab"}}

	s := New(Options{Now: time.Now})
	b.Cleanup(s.Close)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * workers, DisableCompression: true}}
	b.Cleanup(client.CloseIdleConnections)

	ours := func() error {
		return s.Send(b.Context(), Request{URL: sink.URL, Header: header, Body: body, Timeout: 5 * time.Second}).Err
	}
	bare := func() error {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, sink.URL, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header = header.Clone()
		reply, err := client.Do(request)
		if err != nil {
			return err
		}
		defer reply.Body.Close()
		_, err = io.ReadAll(reply.Body)
		return err
	}
	run := func(n int, send func() error) time.Duration {
		var left atomic.Int64
		left.Store(int64(n))
		began := time.Now()
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for left.Add(-1) >= 0 {
					if err := send(); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		return time.Since(began)
	}
	run(4*workers, ours) // connections
	run(4*workers, bare)

	var spentOurs, spentBare time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	const slice = 500 // taken in turns, so that a busy machine is as busy for both
	for done := 0; done < b.N; done += slice {
		n := min(slice, b.N-done)
		spentOurs += run(n, ours)
		b.StopTimer()
		spentBare += run(n, bare)
		b.StartTimer()
	}
	b.ReportMetric(float64(spentBare)/float64(spentOurs), "x-bare")
}

//go:build bench

package bench

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// BenchmarkCalls alternates create, read and ack, each answered after an fsync,
// with the same requests to a bare net/http handler.
func BenchmarkCalls(b *testing.B) {
	for _, connections := range []int{32, 128} {
		n := 600 * connections
		l := newLoad(b, n)
		url, _ := service(b)
		bareURL := bare(b)
		for _, loop := range []struct {
			name     string
			requests []request
		}{{"create", l.create}, {"read", l.read}, {"ack", l.ack}} {
			b.Run(fmt.Sprintf("%s-%d", loop.name, connections), func(b *testing.B) {
				before := drive(b, bareURL, loop.requests, connections)
				got := drive(b, url, loop.requests, connections)
				after := drive(b, bareURL, loop.requests, connections)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(got.rate, "calls/s")
				b.ReportMetric(2*got.rate/(before.rate+after.rate), "of-bare")
				b.ReportMetric(float64(got.p99)/float64(max(before.p99, after.p99)), "p99-of-bare")
				b.ReportMetric(float64(got.p99.Microseconds())/1000, "p99-ms")
			})
		}
	}
}

// BenchmarkMemory measures the memory of a service with 100,000 secrets of 1 KiB.
func BenchmarkMemory(b *testing.B) {
	url, pid := service(b)
	for range 10 {
		drive(b, url, newLoad(b, 10_000).create, 32)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(mebibytes(b, pid, "RssAnon"), "MiB-anonymous")
}

// BenchmarkStart compares the time from exec to the first answered GET /, which is
// the probe of the Functions host, with that of the bare handler.
func BenchmarkStart(b *testing.B) {
	const n = 21
	var ours, bares []time.Duration
	for range n {
		address := testkit.FreeAddress(b)
		_, port, _ := net.SplitHostPort(address)
		c := exec.Command(handlerBinary)
		// Nobody listens on the table's address: the probe must not wait for the table.
		c.Env = []string{"FUNCTIONS_CUSTOMHANDLER_PORT=" + port, "AZURE_FUNCTIONS_ENVIRONMENT=Development", "SSS_TABLE_URL=http://127.0.0.1:9", "SSS_ORIGIN=http://127.0.0.1", "SSS_DATA=" + b.TempDir()}
		ours = append(ours, timeToAnswer(b, address, c))
		address = testkit.FreeAddress(b)
		bares = append(bares, timeToAnswer(b, address, exec.Command(bareBinary, address)))
	}
	slices.Sort(ours)
	slices.Sort(bares)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours[n/2].Microseconds())/1000, "ms")
	b.ReportMetric(float64(ours[n/2])/float64(bares[n/2]), "of-bare")
}

// timeToAnswer returns the time from exec to the first answer.
func timeToAnswer(b *testing.B, address string, c *exec.Cmd) time.Duration {
	b.Helper()
	begun := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	for !testkit.Answers("http://" + address + "/") {
		time.Sleep(100 * time.Microsecond)
	}
	took := time.Since(begun)
	_ = c.Process.Kill()
	_ = c.Wait()
	return took
}

// BenchmarkHolds alternates reads with 100 active holds on other secrets and reads
// with none.
func BenchmarkHolds(b *testing.B) {
	const turns, n = 4, 6_000
	none, _ := service(b)
	held, _ := service(b)
	placeHolds(b, held, 100)
	var rates [2]float64
	for range turns {
		for i, url := range []string{none, held} {
			l := newLoad(b, n)
			drive(b, url, l.create, 32)
			rates[i] += drive(b, url, l.read, 32).rate
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rates[1]/rates[0], "of-none")
}

// placeHolds places holds on ids that no load uses.
func placeHolds(b *testing.B, url string, n int) {
	b.Helper()
	for i := range n {
		body := fmt.Sprintf(`{"scope":{"kind":"id","id":"%032d"},"modes":["block-read"],"reason":"bench"}`, i)
		r := request{"POST", "/api/quarantine", map[string]string{"Content-Type": "application/json", "Secret-Admin": adminKey}, []byte(body)}
		if !send(http.DefaultClient, url, &r) {
			b.Fatal("no hold")
		}
	}
}

//go:build bench

package bench

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkCalls compares create, read and ack, each answered after an fsync,
// with the same requests to a bare net/http handler, in turns.
func BenchmarkCalls(b *testing.B) {
	for _, connections := range []int{32, 128} {
		n := 600 * connections
		l := newLoad(b, n)
		url, _ := service(b)
		floor := bare(b)
		for _, loop := range []struct {
			name     string
			requests []request
		}{{"create", l.create}, {"read", l.read}, {"ack", l.ack}} {
			b.Run(fmt.Sprintf("%s-%d", loop.name, connections), func(b *testing.B) {
				before := drive(b, floor, loop.requests, connections)
				got := drive(b, url, loop.requests, connections)
				after := drive(b, floor, loop.requests, connections)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(got.rate, "calls/s")
				b.ReportMetric(2*got.rate/(before.rate+after.rate), "of-bare")
				b.ReportMetric(float64(got.p99)/float64(max(before.p99, after.p99)), "p99-of-bare")
				b.ReportMetric(float64(got.p99.Microseconds())/1000, "p99-ms")
			})
		}
	}
}

// BenchmarkMemory holds 100,000 secrets of 1 KiB.
func BenchmarkMemory(b *testing.B) {
	url, pid := service(b)
	for range 10 {
		drive(b, url, newLoad(b, 10_000).create, 32)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(mebibytes(b, pid, "RssAnon"), "MiB-anonymous")
}

// BenchmarkStart compares the time from exec to the first answered probe, as the
// Functions host probes, with that of the bare handler.
func BenchmarkStart(b *testing.B) {
	const n = 21
	var ours, floor []time.Duration
	for range n {
		address := freeAddress(b)
		_, port, _ := net.SplitHostPort(address)
		c := exec.Command(handlerBinary)
		// Nobody listens at the table's address: the probe must not wait for it.
		c.Env = []string{"FUNCTIONS_CUSTOMHANDLER_PORT=" + port, "AZURE_FUNCTIONS_ENVIRONMENT=Development", "SSS_TABLE_URL=http://127.0.0.1:9", "SSS_ORIGIN=http://127.0.0.1", "SSS_DATA=" + b.TempDir()}
		ours = append(ours, probed(b, address, c))
		address = freeAddress(b)
		floor = append(floor, probed(b, address, exec.Command(bareBinary, address)))
	}
	slices.Sort(ours)
	slices.Sort(floor)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours[n/2].Microseconds())/1000, "ms")
	b.ReportMetric(float64(ours[n/2])/float64(floor[n/2]), "of-bare")
}

func probed(b *testing.B, address string, c *exec.Cmd) time.Duration {
	b.Helper()
	begun := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	for !answers("http://" + address + "/") {
		time.Sleep(100 * time.Microsecond)
	}
	took := time.Since(begun)
	_ = c.Process.Kill()
	_ = c.Wait()
	return took
}

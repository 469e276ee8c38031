package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

var (
	alice = netip.MustParseAddr("192.0.2.1")
	bob   = netip.MustParseAddr("192.0.2.2")
)

// waits takes a transfer, and returns how long that took.
func waits(t *testing.T, f *inflight, client netip.Addr, bytes int64) (release func(), took time.Duration, err error) {
	t.Helper()
	began := time.Now()
	release, err = f.take(t.Context(), client, bytes)
	if err != nil && !errors.Is(err, errBusy) {
		t.Errorf("error %v", err)
	}
	return release, time.Since(began), err
}

// One client has a quarter of the memory. The next transfer waits for it, at most 3 s,
// while those of others, and smaller ones, do not.
func TestAClientHasAQuarterOfTheMemory(t *testing.T) {
	for name, bytes := range map[string]int64{"small": smallTransfer, "large": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newInflight(memoryMost, 1<<20)
				var held []func()
				for {
					release, took, err := waits(t, f, alice, bytes)
					if err != nil {
						if took != 3*time.Second {
							t.Errorf("refused after %s", took)
						}
						break
					}
					held = append(held, release)
				}
				if n := int64(len(held)); n*bytes > memoryMost/5/4 || (n+1)*bytes <= memoryMost/32/4 {
					t.Errorf("one client holds %d transfers", n)
				}
				for _, other := range []struct {
					client netip.Addr
					bytes  int64
				}{{bob, bytes}, {alice, tinyTransfer}} {
					if release, took, err := waits(t, f, other.client, other.bytes); err != nil || took != 0 {
						t.Errorf("%d bytes of %s waited for %s: %v", other.bytes, other.client, took, err)
					} else {
						release()
					}
				}
				time.AfterFunc(time.Second, held[0])
				release, took, err := waits(t, f, alice, bytes)
				if err != nil || took != time.Second {
					t.Fatalf("waited for %s: %v", took, err)
				}
				for _, r := range append(held[1:], release) {
					r()
				}
				if n := len(f.small.clients) + len(f.large.clients); n != 0 {
					t.Errorf("%d clients are kept", n)
				}
			})
		})
	}
}

// Many clients can use all memory for large transfers, and none for small ones.
func TestLargeTransfersDoNotDisplaceSmallOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInflight(memoryMost, 1<<20)
		total := int64(0)
		for n := range 8 {
			client := netip.AddrFrom4([4]byte{10, 0, 0, byte(n)})
			for {
				if _, _, err := waits(t, f, client, 1<<20); err != nil {
					break
				}
				total += 1 << 20
			}
		}
		if total > memoryMost/5 {
			t.Errorf("%d bytes are in flight", total)
		}
		if _, took, err := waits(t, f, alice, 1<<20); err == nil || took != 3*time.Second {
			t.Errorf("a large one: %v after %s", err, took)
		}
		if _, took, err := waits(t, f, alice, smallTransfer); err != nil || took != 0 {
			t.Errorf("a small one: %v after %s", err, took)
		}
	})
}

// The largest transfer fits on any machine, and a caller who goes away waits no longer.
func TestTheLargestTransferAlwaysFits(t *testing.T) {
	for _, memory := range []int64{0, 1 << 20, 64 << 20, memoryMost, 1 << 62} {
		f := newInflight(memory, 1229825)
		release, err := f.take(t.Context(), alice, 1229825)
		if err != nil {
			t.Errorf("with %d bytes: %v", memory, err)
			continue
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for err == nil {
			_, err = f.take(gone, alice, 1229825)
		}
		release()
	}
}

// A body takes its memory before it is read, and gives it back when the request is over,
// also when it was cut. A request that finds none is told to come again at once.
func TestBodiesTakeMemoryBeforeTheyAreRead(t *testing.T) {
	cfg := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		server, l := serveInMemory(t, cfg)
		silent := func(length string) (status int, retryAfter string) {
			conn := l.dial()
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, "POST /api/secrets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+length+"\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Error(err)
				return 0, ""
			}
			_ = res.Body.Close()
			return res.StatusCode, res.Header.Get("Retry-After")
		}
		share := int(newInflight(debug.SetMemoryLimit(-1), createLimit(cfg)).large.share / createLimit(cfg))
		var group sync.WaitGroup
		for range 2 { // the second time all memory must be back
			for range share {
				group.Go(func() {
					if status, _ := silent("Transfer-Encoding: chunked"); status != http.StatusUnprocessableEntity {
						t.Errorf("a body that does not come: %d", status)
					}
				})
			}
			synctest.Wait()
			began := time.Now()
			status, after := silent("Content-Length: 1200000")
			if took := time.Since(began); status != http.StatusServiceUnavailable || after != "1" || took != transferWait {
				t.Errorf("one too many: %d, Retry-After %s, after %s", status, after, took)
			}
			group.Wait()
		}
		_ = server.Close()
	})
}

// An answer takes its memory until it was sent.
func TestAnswersTakeMemoryUntilTheyAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, now := &config.Config{MaxEnvelope: 921600}, func() time.Duration { return 0 }
		s := &service{cfg: cfg, limits: newLimits(cfg, memoryMost, now), clients: &clients{cfg: cfg}}
		var all []*caller
		for {
			c := s.newCaller(&http.Request{RemoteAddr: "192.0.2.1:1"})
			c.lease.id[0] = byte(len(all))
			if err := c.Load(t.Context(), 921600); errors.Is(err, errBusy) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		if err := all[0].Load(t.Context(), 921600); err != nil {
			t.Errorf("the same call again: %v", err)
		}
		for _, c := range all {
			c.done()
		}
		if n := len(s.limits.inflight.large.clients); len(all) < 2 || n != 0 {
			t.Errorf("%d answers in flight, then %d clients are kept", len(all), n)
		}
	})
}

// Only answers that were served count as repetitions: a reader may come again as often
// as the service fails.
func TestFailedReadsAreNoRepetitions(t *testing.T) {
	cfg := &config.Config{MaxEnvelope: 921600}
	s := &service{cfg: cfg, limits: newLimits(cfg, memoryMost, func() time.Duration { return 0 }), clients: &clients{cfg: cfg}}
	for n := range 3 * maxRepeats {
		c := s.newCaller(&http.Request{RemoteAddr: "192.0.2.1:1"})
		if err := c.Load(t.Context(), 100); err != nil {
			t.Fatalf("call %d: %v", n, err)
		}
		c.answered(unavailable.problem())
		c.done()
	}
}

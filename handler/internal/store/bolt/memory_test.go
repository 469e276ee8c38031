//go:build !race

package bolt_test

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// The race detector has memory of its own, several times the program's.

func init() { helpers["hold"] = holdManyRows }

// TestMemoryStaysSmall lets a process hold 100,000 living secrets of 1 KiB.
func TestMemoryStaysSmall(t *testing.T) {
	h := startHelper(t, "hold", newPath(t), "100000")
	fields := strings.Fields(h.line(t))
	kib, err := strconv.Atoi(fields[0])
	must(t, err)
	t.Logf("RssAnon of %d KiB, file of %s bytes", kib, fields[1])
	if kib > 40<<10 {
		t.Error("more than 40 MiB")
	}
}

// holdManyRows writes how much memory it takes to have written that many rows.
func holdManyRows(_ io.Reader, out io.Writer, args []string) error {
	s, err := bolt.Open(args[0], 0)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if err := insertMany(context.Background(), s, n, 1024, 256); err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	say(out, strings.Fields(rest)[0], s.Size())
	return s.Close()
}

// insertMany inserts rows that expire within 30 days, by many callers side by side.
func insertMany(ctx context.Context, s storetest.Store, n, size, callers int) error {
	work := make(chan int)
	errs := make(chan error, callers)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := range work {
				if err := s.Insert(ctx, storetest.Record(time.Now().Add(time.Duration(i%4320)*secret.SlotTime), size)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for i := range n {
		select {
		case work <- i:
		case err := <-errs:
			close(work)
			return err
		}
	}
	close(work)
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

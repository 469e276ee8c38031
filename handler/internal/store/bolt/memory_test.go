//go:build !race

package bolt_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// The race detector needs several times the memory of the program.

func init() { helpers["insert"] = insertManyRows }

// TestMemoryStaysSmall measures a process that has stored 100,000 secrets of 1 KiB.
func TestMemoryStaysSmall(t *testing.T) {
	h := startHelper(t, "insert", newPath(t), "100000")
	fields := strings.Fields(h.line(t))
	kib, err := strconv.Atoi(fields[0])
	must(t, err)
	t.Logf("RssAnon of %d KiB, file of %s bytes", kib, fields[1])
	if kib > 40<<10 {
		t.Error("more than 40 MiB")
	}
}

// insertManyRows inserts that many rows and prints how much memory it uses, in KiB, and the size of the file.
func insertManyRows(out io.Writer, args []string) error {
	s, err := bolt.Open(args[0], 0, owned.Private)
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
	_, _ = fmt.Fprintln(out, strings.Fields(rest)[0], s.Size())
	return s.Close()
}

// insertMany inserts rows that expire within 30 days, by many concurrent callers.
func insertMany(ctx context.Context, s storetest.Store, n, size, callers int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(callers)
	for i := range n {
		group.Go(func() error {
			return s.Insert(ctx, storetest.Record(time.Now().Add(time.Duration(i%4320)*header.SlotTime), size))
		})
	}
	return group.Wait()
}

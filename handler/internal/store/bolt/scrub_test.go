package bolt_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestScrubbedFileContainsNoEndedSecret reads, acknowledges and revokes secrets,
// lets others and their receipts expire, purges and scrubs as the timer does, and
// searches the file for their content.
func TestScrubbedFileContainsNoEndedSecret(t *testing.T) {
	ctx, path := t.Context(), newPath(t)
	s := openStore(t, path, 0)
	clock := &testkit.Clock{}
	clock.Set(storetest.Start)
	service := storetest.Service(s, clock.Now)
	links := map[string]*storetest.Link{}
	for i, name := range []string{"acked", "revoked", "expired", "forgotten", "alive"} {
		for n := range 8 { // from small ones to some that span pages
			expires := storetest.Start.Add(time.Hour)
			switch name {
			case "forgotten":
				expires = storetest.Start.Add(10 * time.Minute)
			case "alive":
				expires = storetest.Start.Add(100 * time.Hour)
			}
			canary := bytes.Repeat(fmt.Appendf(nil, "canary %d of the %s; ", n, name), 2+300*n*(1+i))
			link := storetest.NewLink(expires, 1, canary[:min(len(canary), 300_000)])
			links[fmt.Sprintf("canary %d of the %s; ", n, name)] = link
			_, err := service.Create(ctx, link.Draft)
			must(t, err)
			if name == "acked" {
				_, err := service.Read(ctx, link.ID, link.Proofs, []byte("key"), storetest.Admitted{})
				must(t, err)
				must(t, service.Ack(ctx, link.ID, link.Proofs.Access, []byte("key")))
			}
			if name == "revoked" {
				must(t, service.Revoke(ctx, link.ID, link.Proofs, storetest.Admitted{}))
			}
		}
	}
	clock.Set(storetest.Start.Add(2 * time.Hour))
	deps := storetest.Deps(s, clock.Now)
	deps.Policy.ReceiptRetention = 90 * time.Minute
	sum, err := secret.New(deps).Purge(ctx)
	must(t, err)
	before := 0
	for text := range links {
		if contains(t, path, text) {
			before++
		}
	}
	must(t, s.Scrub(ctx))
	t.Logf("purged %+v, %d of %d canaries in the file before scrubbing", sum, before, len(links))
	if before <= 8 {
		t.Error("deleted bytes were gone before scrubbing")
	}
	for text, link := range links {
		alive := bytes.Contains([]byte(text), []byte("alive"))
		if contains(t, path, text) != alive {
			t.Errorf("%q is in the file: %v", text, !alive)
		}
		gone := bytes.Contains([]byte(text), []byte("forgotten"))
		if contains(t, path, string(link.ID[:])) == gone {
			t.Errorf("the ID of %q is in the file: %v", text, gone)
		}
	}
	must(t, s.Insert(ctx, storetest.Record(storetest.Start, 100_000)))
	must(t, s.Close())
	checkFile(t, path)
}

func contains(t *testing.T, path, what string) bool {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return bytes.Contains(data, []byte(what))
}

// TestScrubUnderLoad scrubs again and again while rows are written, read and deleted.
func TestScrubUnderLoad(t *testing.T) {
	path := newPath(t)
	s := openStore(t, path, 0)
	done := make(chan struct{})
	scrubs := make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-done:
				scrubs <- n
				return
			default:
			}
			if err := s.Scrub(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}()
	for range 100 {
		r := storetest.Record(storetest.Start, 20_000)
		want := bytes.Clone(r.Sealed.Envelope)
		must(t, s.Insert(t.Context(), r))
		got, err := s.Get(t.Context(), r.ID)
		must(t, err)
		if !bytes.Equal(got.Sealed.Envelope, want) {
			t.Fatal("read another envelope")
		}
		if left, err := s.Delete(t.Context(), []*secret.Record{got}); err != nil || len(left) > 0 {
			t.Fatal(left, err)
		}
	}
	close(done)
	t.Logf("%d scrubs", <-scrubs)
	must(t, s.Close())
	checkFile(t, path)
}

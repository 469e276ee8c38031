package table_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// TestProcessesTakeOneView lets the readers of two processes race for one view.
func TestProcessesTakeOneView(t *testing.T) {
	service := storetest.Service(newTable(t, nil), time.Now)
	processes := []*helper{startHelper(t, "read", storetest.Azurite(t)), startHelper(t, "read", storetest.Azurite(t))}
	rounds := storetest.Rounds(20, 300)
	for round := range rounds {
		link := storetest.NewLink(time.Now().Add(time.Hour), 1, []byte("the one thing that only one of all the readers may see"))
		_, err := service.Create(t.Context(), link.Draft)
		must(t, err)
		for _, p := range processes {
			say(p.in, link.Draft.ID, hex.EncodeToString(link.Proofs.Access), hex.EncodeToString(link.Proofs.Claim))
		}
		won := 0
		for _, p := range processes {
			var n int
			if _, err := fmt.Sscanf(p.line(t), "won %d", &n); err != nil {
				t.Fatal(err)
			}
			won += n
		}
		if won != 1 {
			t.Fatalf("round %d: %d readers won", round, won)
		}
	}
	t.Logf("%d rounds of 8 readers in each of two processes: one winner every time", rounds)
}

// readAsProcess reads each secret that it is told of, by 8 readers, and says how many won.
func readAsProcess(in io.Reader, out io.Writer, args []string) error {
	ctx := context.Background()
	s, err := table.Open(ctx, args[0], nil, nil)
	if err != nil {
		return err
	}
	service := storetest.Service(s, time.Now)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var text, access, claim string
		if _, err := fmt.Sscan(lines.Text(), &text, &access, &claim); err != nil {
			return err
		}
		id, err := secret.ParseID(text)
		if err != nil {
			return err
		}
		var p secret.Proofs
		p.Access, _ = hex.DecodeString(access)
		p.Claim, _ = hex.DecodeString(claim)
		won, err := readers(ctx, service, id, p)
		if err != nil {
			return err
		}
		say(out, "won", won)
	}
	return nil
}

func readers(ctx context.Context, service *secret.Service, id secret.ID, p secret.Proofs) (won int, err error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			key := fmt.Appendf(nil, "reader %d of process %d", i, os.Getpid())
			readErr := persist(func() error { _, err := service.Read(ctx, id, p, key); return err })
			var gone *secret.GoneError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case readErr == nil:
				won++
			case !errors.As(readErr, &gone):
				err = readErr
			}
		})
	}
	group.Wait()
	return won, err
}

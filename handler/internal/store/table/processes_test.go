package table_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// TestProcessesTakeOneView races the readers of two processes for one view.
func TestProcessesTakeOneView(t *testing.T) {
	service := storetest.Service(newTable(t, nil), time.Now)
	processes := []*reader{startReader(t), startReader(t)}
	rounds := storetest.Rounds(20, 300)
	for round := range rounds {
		link := storetest.NewLink(time.Now().Add(time.Hour), 1, []byte("an envelope that only one reader may get, of 44 bytes"))
		_, err := service.Create(t.Context(), link.Draft)
		must(t, err)
		for _, p := range processes {
			_, _ = fmt.Fprintln(p.in, link.ID, hex.EncodeToString(link.Proofs.Access), hex.EncodeToString(link.Proofs.Claim))
		}
		won := 0
		for _, p := range processes {
			var n int
			if _, err := fmt.Fscanln(p.out, &n); err != nil {
				t.Fatal(err)
			}
			won += n
		}
		if won != 1 {
			t.Fatalf("round %d: %d readers won", round, won)
		}
	}
	t.Logf("%d rounds of 8 readers in each of two processes: one winner in each", rounds)
}

// endpointVariable makes this test binary a reader of the tables at that endpoint.
const endpointVariable = "TABLE_TEST_ENDPOINT"

func TestMain(m *testing.M) {
	endpoint := os.Getenv(endpointVariable)
	if endpoint == "" {
		os.Exit(m.Run())
	}
	if err := readEach(os.Stdin, os.Stdout, endpoint); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// reader is a child process with eight concurrent readers.
type reader struct {
	in  io.Writer
	out io.Reader
}

func startReader(t *testing.T) *reader {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), endpointVariable+"="+storetest.Azurite(t))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &reader{in, bufio.NewReader(out)}
}

// readEach reads the secret of each line of in with eight readers, and prints how many succeeded.
func readEach(in io.Reader, out io.Writer, endpoint string) error {
	ctx := context.Background()
	s, err := table.Open(ctx, endpoint, nil, nil)
	if err != nil {
		return err
	}
	service := storetest.Service(s, time.Now)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var text, access, claim string
		if _, err := fmt.Sscan(lines.Text(), &text, &access, &claim); err != nil {
			return err
		}
		id, err := header.ParseID(text)
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
		_, _ = fmt.Fprintln(out, won)
	}
	return nil
}

func readers(ctx context.Context, service *secret.Service, id header.ID, p secret.Proofs) (won int, err error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			key := fmt.Appendf(nil, "reader %d of process %d", i, os.Getpid())
			readErr := retry(func() error { _, err := service.Read(ctx, id, p, key, storetest.Admitted{}); return err })
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

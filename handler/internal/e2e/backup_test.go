//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestABackupUnderLoadIsRestored makes backups while senders and readers go on, ends
// secrets after the last one, and starts another service with it: what was there at
// the time of the backup is there again, and nothing that was deleted before.
func TestABackupUnderLoadIsRestored(t *testing.T) {
	p := standalone(t)
	c, ctx := dial(t, p.url), t.Context()
	command := func(args ...string) (string, int) {
		cmd := exec.CommandContext(ctx, handlerPath, args...)
		cmd.Env = p.env
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	var kept []*sent
	for i := range 20 {
		s, err := send(ctx, c, fmt.Sprintf("kept secret %d", i), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, s)
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				if err := handOver(ctx, c, fmt.Sprintf("secret %d of worker %d", i, worker)); err != nil {
					t.Errorf("while a backup is made: %v", err)
				}
			}
		})
	}
	path := ""
	for i := range 5 {
		path = filepath.Join(t.TempDir(), fmt.Sprintf("%d.tar", i))
		if out, code := command("backup", path); code != 0 {
			t.Fatalf("backup exits with %d: %s", code, out)
		}
		out, code := command("verify", path)
		if code != 0 || !strings.Contains(out, "is whole") {
			t.Errorf("verify exits with %d: %s", code, out)
		}
		t.Log(strings.ReplaceAll(out, "\n", "; "))
	}
	close(done)
	group.Wait()
	for _, s := range kept[:5] {
		if err := s.open(ctx, c, newKey()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Revoke(ctx, kept[5].manage); err != nil {
		t.Fatal(err)
	}
	p.Kill()

	q := &process{data: filepath.Join(t.TempDir(), "restored")}
	if err := os.Mkdir(q.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, exec.Command("tar", "-xf", path, "-C", q.data), ""); code != 0 {
		t.Fatal(stderr)
	}
	address := testkit.FreeAddress(t)
	q.url, q.env = "http://"+address, []string{"PATH=" + os.Getenv("PATH"), "SSS_LISTEN=" + address, "SSS_DATA=" + q.data, "SSS_RATE=off", "SSS_ORIGIN=" + p.url}
	q.start(t)
	restored := dial(t, q.url)
	for i, s := range kept {
		if err := s.open(ctx, restored, newKey()); err != nil {
			t.Errorf("secret %d after the restore: %v", i, err)
		}
	}
	if err := kept[0].open(ctx, restored, newKey()); !errors.Is(err, client.ErrGone) {
		t.Errorf("a second view after the restore: %v", err)
	}
}

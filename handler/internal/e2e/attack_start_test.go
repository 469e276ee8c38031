//go:build e2e && attack

package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestAttackStart spoils the data of a service, as a careless operator or a
// neighbour may, and starts it again: it is refused, in words that name the cause.
func TestAttackStart(t *testing.T) {
	// key returns the file of the only week key in use.
	key := func(t *testing.T, data string) string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(data, "keyring", "*"))
		if err != nil || len(files) == 0 {
			t.Fatal("no keyring", err)
		}
		for _, f := range files {
			if strings.Contains(filepath.Base(f), "kek-") {
				return f
			}
		}
		t.Fatalf("no week key in %q", files)
		return ""
	}
	for _, c := range []struct {
		name, want string
		root       bool
		spoil      func(t *testing.T, data string) error
	}{
		{"a week key is cut", "kek-", false, func(t *testing.T, data string) error { return os.Truncate(key(t, data), 7) }},
		{"a week key is gone", "kek-", false, func(t *testing.T, data string) error { return os.Remove(key(t, data)) }},
		{"the keyring is gone", "keyring", false, func(_ *testing.T, data string) error { return os.RemoveAll(filepath.Join(data, "keyring")) }},
		{"the store is empty", "store.db", false, func(_ *testing.T, data string) error { return os.Truncate(filepath.Join(data, "store.db"), 0) }},
		{"the store is cut", "store.db", false, func(_ *testing.T, data string) error { return os.Truncate(filepath.Join(data, "store.db"), 20_000) }},
		{"others may write the store", "store.db", false, func(_ *testing.T, data string) error { return os.Chmod(filepath.Join(data, "store.db"), 0o666) }},
		{"others may write the folder", "data", false, func(_ *testing.T, data string) error { return os.Chmod(data, 0o777) }},
		{"the operators' key is somebody else's", "admin.key", true, func(_ *testing.T, data string) error { return os.Chown(filepath.Join(data, "admin.key"), 12345, 12345) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Getuid() != 0 {
				t.Skip("only root can give files away")
			}
			p := standalone(t)
			stored(t, p.url, "stored before", "", 1)
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(t, p.data); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), handlerPath)
			cmd.Env = p.env
			again := testkit.Start(t, cmd)
			_ = again.Wait()
			said, code := again.Out.String(), cmd.ProcessState.ExitCode()
			t.Log(strings.TrimSpace(said))
			if code != 1 || !strings.Contains(said, c.want) || strings.Contains(said, "nil pointer") || strings.Contains(said, "panic") {
				t.Errorf("it ends with %d", code)
			}
		})
	}
}

// TestAttackDegradedStart starts without a key that a secret needs: the others are
// served, and that one is not over.
func TestAttackDegradedStart(t *testing.T) {
	p := standalone(t, "SSS_START=degraded")
	lost := stored(t, p.url, "its key is lost", "", 1)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(p.data, "keyring"), filepath.Join(p.data, "..", "elsewhere")); err != nil {
		t.Fatal(err)
	}
	p.start(t)
	c := callers(p.url, 1, 1)[0]
	if got := c.read(t.Context(), lost, newKey()); got.status != http.StatusServiceUnavailable {
		t.Errorf("a read without its key: %d %s", got.status, got.body)
	}
	if got := c.status(t.Context(), lost); got.status != http.StatusOK || !strings.Contains(string(got.body), `"live"`) {
		t.Errorf("its status: %d %s", got.status, got.body)
	}
}

// TestAttackStartWithAGroup starts on a volume whose group and modes are given, as
// with an fsGroup.
func TestAttackStartWithAGroup(t *testing.T) {
	p := standalone(t, "SSS_DATA_MODES=group")
	s := stored(t, p.url, "stored before", "", 1)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"": 0o770 | os.ModeSetgid, "store.db": 0o660, "keyring": 0o770, "admin.key": 0o660} {
		if err := os.Chmod(filepath.Join(p.data, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	p.start(t)
	if got := callers(p.url, 1, 1)[0].read(t.Context(), s, newKey()); got.status != http.StatusOK {
		t.Errorf("a read: %d %s", got.status, got.body)
	}
}

//go:build e2e || selfhost

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// process is a standalone handler. Its embedded Process is the one that runs now.
type process struct {
	*testkit.Process
	url  string
	env  []string
	data string // directory of its data
}

// standalone starts a handler on a free port with these settings in addition to
// the port, the data directory and no rate limit.
func standalone(t testing.TB, settings ...string) *process {
	t.Helper()
	address, data := testkit.FreeAddress(t), filepath.Join(t.TempDir(), "data")
	p := &process{url: "http://" + address, data: data}
	p.env = append([]string{"PATH=" + os.Getenv("PATH"), "SSS_LISTEN=" + address, "SSS_DATA=" + data, "SSS_RATE=off"}, settings...)
	p.start(t)
	return p
}

// start starts the handler, for the first time or again, and waits until it answers.
func (p *process) start(t testing.TB) {
	t.Helper()
	cmd := exec.Command(handlerPath)
	cmd.Env = p.env
	p.Process = testkit.Start(t, cmd)
	p.AwaitAnswer(t, p.url+"/api/health")
}

// run runs the command to its end with the given standard input, and returns what
// it wrote and its exit code, which is -1 when a signal ended it.
func run(t testing.TB, cmd *exec.Cmd, stdin string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", filepath.Base(cmd.Path), err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func TestRunReturnsStreamsAndExitCode(t *testing.T) {
	stdout, stderr, code := run(t, exec.Command("sh", "-c", `cat; echo no >&2; exit 4`), "in")
	if stdout != "in" || stderr != "no\n" || code != 4 {
		t.Errorf("got %q, %q, %d", stdout, stderr, code)
	}
}

// sss runs the command line against a server, with these variables in addition to
// the test's own.
func sss(t *testing.T, server string, env []string, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), sssPath, args...)
	cmd.Env = append(append(os.Environ(), "SSS_SERVER="+server), env...)
	return run(t, cmd, stdin)
}

// expectHandOver sends a secret with the command line, opens it, and checks that it
// cannot be opened again.
func expectHandOver(t *testing.T, server string, env ...string) {
	t.Helper()
	link, stderr, code := sss(t, server, env, "db password: hunter2", "send", "--ttl", "1h")
	if code != 0 || !strings.HasPrefix(link, server+"/s#1") {
		t.Fatalf("send exits with %d: %q\n%s", code, link, stderr)
	}
	if text, stderr, code := sss(t, server, env, "", "open", strings.TrimSpace(link)); code != 0 || text != "db password: hunter2" {
		t.Errorf("open exits with %d: %q\n%s", code, text, stderr)
	}
	text, stderr, code := sss(t, server, env, "", "open", strings.TrimSpace(link))
	if code != 3 || text != "" || !strings.Contains(stderr, "read") || !strings.Contains(stderr, "20") {
		t.Errorf("the second open exits with %d: %q\n%s", code, text, stderr)
	}
}

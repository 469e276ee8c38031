//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/client"
)

func dial(t testing.TB, url string) *client.Client {
	t.Helper()
	c, err := client.New(url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestACommandLineHandsASecretOver is the README's example.
func TestACommandLineHandsASecretOver(t *testing.T) {
	p := standalone(t)
	run := func(stdin string, args ...string) (stdout, stderr string, code int) {
		var out, errs bytes.Buffer
		c := exec.CommandContext(t.Context(), sss, args...)
		c.Env = append(os.Environ(), "SSS_SERVER="+p.url)
		c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
		err := c.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return out.String(), errs.String(), c.ProcessState.ExitCode()
	}
	link, said, code := run("db password: hunter2", "send", "--ttl", "1h")
	if code != 0 || !strings.HasPrefix(link, p.url+"/s#1") {
		t.Fatalf("send exits with %d: %q\n%s", code, link, said)
	}
	if text, said, code := run("", "open", strings.TrimSpace(link)); code != 0 || text != "db password: hunter2" {
		t.Errorf("open exits with %d: %q\n%s", code, text, said)
	}
	if text, said, code := run("", "open", strings.TrimSpace(link)); code != 3 || text != "" || !strings.Contains(said, "read") || !strings.Contains(said, "20") {
		t.Errorf("the second open exits with %d: %q\n%s", code, text, said)
	}
}

func TestTheFirstLinesSayWhereThingsAre(t *testing.T) {
	p := standalone(t)
	lines := strings.Split(p.out.String(), "\n")
	for i, want := range []string{p.url, "store.db", "keyring", "bin/sss send", "Ctrl-C"} {
		if i >= len(lines) || !strings.Contains(lines[i], want) {
			t.Fatalf("line %d does not name %s:\n%s", i+1, want, p.out)
		}
	}
}

func TestASecondProcessOnTheDataIsRefused(t *testing.T) {
	p := standalone(t)
	second := exec.CommandContext(t.Context(), filepath.Join(dist, "handler"))
	second.Env = append(slices.Clone(p.env), "SSS_LISTEN="+freeAddress(t))
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "another process") {
		t.Errorf("it ended with %v: %s", err, out)
	}
	if _, err := send(t.Context(), dial(t, p.url), "still served", "", 1); err != nil {
		t.Errorf("the first one no longer serves: %v", err)
	}
}

func TestATermSignalDrains(t *testing.T) {
	p := standalone(t)
	s, err := seal(p.url, "sent while stopping", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	body := newSlowBody(t, s)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/secrets", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue") // so that the body starts once the service asks for it
	status := make(chan int, 1)
	patient := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	go func() {
		res, err := patient.Do(request)
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	<-body.halfway
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	refused(t, p.url)
	close(body.on)
	if got := <-status; got != http.StatusCreated {
		t.Errorf("the call in flight was answered %d", got)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.out)
	}
	p.start(t)
	if err := s.open(t.Context(), dial(t, p.url), newKey()); err != nil {
		t.Errorf("what was answered is not there: %v", err)
	}
}

// refused waits until nobody listens at an address any more.
func refused(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for fresh := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}); ; {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := fresh.Do(r)
		if ctx.Err() != nil {
			t.Fatal("it goes on listening")
		}
		if err != nil {
			return
		}
		_ = res.Body.Close()
	}
}

func TestHealthIsAskedByTheSameBinary(t *testing.T) {
	p := standalone(t)
	ask := func() int {
		c := exec.CommandContext(t.Context(), filepath.Join(dist, "handler"), "health")
		c.Env = p.env
		_ = c.Run()
		return c.ProcessState.ExitCode()
	}
	if got := ask(); got != 0 {
		t.Errorf("of one that runs: exit %d", got)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got != 1 {
		t.Errorf("of one that was stopped: exit %d", got)
	}
}

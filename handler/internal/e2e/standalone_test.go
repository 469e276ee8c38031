//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

func dial(t testing.TB, url string) *client.Client {
	t.Helper()
	c, err := client.New(url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheCommandLineHandsASecretOver runs the README's example.
func TestTheCommandLineHandsASecretOver(t *testing.T) { expectHandOver(t, standalone(t).url) }

func TestTheFirstLinesNameAddressDataAndCommands(t *testing.T) {
	p := standalone(t)
	lines := strings.Split(p.Out.String(), "\n")
	for i, want := range []string{p.url, "store.db", "keyring", "bin/sss send", "Ctrl-C"} {
		if i >= len(lines) || !strings.Contains(lines[i], want) {
			t.Fatalf("line %d does not name %s:\n%s", i+1, want, p.Out)
		}
	}
}

func TestASecondProcessOnTheDataIsRefused(t *testing.T) {
	p := standalone(t)
	second := exec.CommandContext(t.Context(), handlerPath)
	second.Env = append(slices.Clone(p.env), "SSS_LISTEN="+testkit.FreeAddress(t))
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "another process") {
		t.Errorf("it ended with %v: %s", err, out)
	}
	if _, err := send(t.Context(), dial(t, p.url), "still served", "", 1); err != nil {
		t.Errorf("the first process no longer serves: %v", err)
	}
}

func TestAnInterruptFinishesCallsInFlight(t *testing.T) {
	p := standalone(t)
	s, err := seal(p.url, "sent while stopping", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	body := newSlowBody(s)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/secrets", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue") // sends the body only when the service asks for it
	status := make(chan int, 1)
	slow := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	go func() {
		res, err := slow.Do(request)
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	<-body.halfway
	if err := p.Cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	awaitClosed(t, p.url)
	close(body.on)
	if got := <-status; got != http.StatusCreated {
		t.Errorf("status %d for the call in flight", got)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.Out)
	}
	p.start(t)
	if err := s.open(t.Context(), dial(t, p.url), newKey()); err != nil {
		t.Errorf("the answered create is not there: %v", err)
	}
}

// awaitClosed waits until nobody listens at an address any more.
func awaitClosed(t *testing.T, url string) {
	t.Helper()
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	testkit.Await(t, "end of listening", func() bool {
		res, err := fresh.Get(url + "/api/health")
		return err != nil || res.Body.Close() != nil
	})
}

func TestTheHealthCommandReportsWhetherItRuns(t *testing.T) {
	p := standalone(t)
	health := func() int {
		c := exec.CommandContext(t.Context(), handlerPath, "health")
		c.Env = p.env
		_ = c.Run()
		return c.ProcessState.ExitCode()
	}
	if got := health(); got != 0 {
		t.Errorf("exit %d while it runs", got)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := health(); got != 1 {
		t.Errorf("exit %d after it was stopped", got)
	}
}

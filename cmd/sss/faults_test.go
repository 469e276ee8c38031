package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenAcknowledgesAWrittenSecret(t *testing.T) {
	f := newFake(t)
	r := sss(t.Context(), "", "open", f.send(t, "hunter2"))
	if r.code != 0 || r.out != "hunter2" || f.called() != "status read ack" {
		t.Errorf("%v after %s", r, f.called())
	}
}

func TestOpenDoesNotAcknowledgeAFailedWrite(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	var errOut strings.Builder
	a := &app{in: strings.NewReader(""), out: brokenPipe{}, err: &errOut, random: zeros{}, terminal: noTerminal}
	if code := a.run(t.Context(), []string{"open", link}); code != 1 || f.called() != "status read" {
		t.Errorf("exit %d after %s", code, f.called())
	}
	if s := errOut.String(); !strings.Contains(s, "pipe is broken; the secret was not written") {
		t.Errorf("printed %q", s)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("pipe is broken") }

func TestOpenDoesNotAcknowledgeAFileThatCouldNotBeSaved(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f.fail("read", func(http.ResponseWriter, *http.Request) {
		if err := os.RemoveAll(dir); err != nil { // after the file was created
			t.Error(err)
		}
		panic(http.ErrAbortHandler) // and the answer is lost, once
	})
	r := sss(t.Context(), "", "open", "--output", filepath.Join(dir, "out"), link)
	if r.code != 1 || f.called() != "status read read" || !strings.Contains(r.err, "not written") {
		t.Errorf("%v after %s", r, f.called())
	}
}

func TestLostReadIsRepeatedWithTheSameKey(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.fail("read", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	r := sss(t.Context(), "", "open", link)
	keys := f.keysOfReads()
	if r.code != 0 || r.out != "hunter2" || len(keys) != 2 || keys[0] != keys[1] || keys[0] == "" {
		t.Errorf("%v with keys %q", r, keys)
	}
}

func TestOpenSucceedsWhenTheAckFails(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.fail("ack", problemAnswer(410, `{"type":"/problems/gone","reason":"revoked"}`))
	r := sss(t.Context(), "", "open", link)
	if r.code != 0 || r.out != "hunter2" || !strings.Contains(r.err, "the secret is here, but its receipt could not be confirmed to the server") {
		t.Error(r)
	}
}

func TestHeldOrFrozenSecretTakesNoPassphraseAndNoView(t *testing.T) {
	for state, code := range map[string]int{"held": 5, "frozen": 6} {
		f := newFake(t)
		link := f.send(t, "hunter2")
		f.change(func(f *fake) { f.state, f.passphrase = state, true })
		if r := sss(t.Context(), "", "open", link); r.code != code || r.out != "" || f.called() != "status" {
			t.Errorf("%v after %s", r, f.called())
		}
		if r := sss(t.Context(), "", "status", link); r.code != code || !strings.Contains(r.out, state) {
			t.Error(r)
		}
	}
}

func TestHoldDuringOpenShowsItsEnd(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.fail("read", problemAnswer(423, `{"type":"/problems/held","until":"2026-11-26T00:00:00Z"}`))
	r := sss(t.Context(), "", "open", link)
	if r.code != 5 || !strings.Contains(r.err, "until 2026-11-26 00:00:00 UTC; it is not lost") {
		t.Error(r)
	}
}

func TestDamagedEnvelopeIsNeitherAcknowledgedNorShown(t *testing.T) {
	f := newFake(t)
	link := f.send(t, strings.Repeat("x", 40_000)) // three chunks: the last is damaged
	f.change(func(f *fake) { f.sealed[len(f.sealed)-1] ^= 1 })
	r := sss(t.Context(), "", "open", link)
	if r.code != 1 || r.out != "" || f.called() != "status read" || !strings.Contains(r.err, "cannot be opened") {
		t.Errorf("%v after %s", r, f.called())
	}
}

func TestOpenUsesTheAPIThatTheLinksPageNames(t *testing.T) {
	f := newFake(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/config.json" {
			t.Errorf("the page was asked for %s", r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"api":"` + f.URL + `"}`))
	}))
	defer page.Close()
	f.change(func(f *fake) { f.origin = page.URL })
	link := f.send(t, "hunter2")
	if r := sss(t.Context(), "", "open", link); !strings.HasPrefix(link, page.URL) || r.code != 0 || r.out != "hunter2" {
		t.Errorf("%s gave %v", link, r)
	}
}

func TestServerTextIsEscaped(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.fail("status", problemAnswer(418, `{"type":"/problems/new","title":"\u001b[2J\u202egone"}`))
	r := sss(t.Context(), "", "open", link)
	if r.code != 1 || strings.ContainsAny(r.err, "\x1b\u202e") || !strings.Contains(r.err, `\x1b[2J\u202egone`) {
		t.Error(r)
	}
}

func TestNoPromptWithoutATerminal(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.change(func(f *fake) { f.passphrase = true })
	r := sss(t.Context(), "", "open", link)
	if r.code != 2 || f.called() != "status" || !strings.Contains(r.err, "use --passphrase-file") {
		t.Errorf("%v after %s", r, f.called())
	}
	if r := sss(t.Context(), "x", "send", "--server", f.URL, "--passphrase"); r.code != 2 {
		t.Error(r)
	}
}

func TestInterruptEndsACallAndLeavesNoFile(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.fail("read", func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	dir := t.TempDir()
	r := sss(ctx, "", "open", "--output", filepath.Join(dir, "out"), link)
	left, err := os.ReadDir(dir)
	if r.code != 1 || r.err != "sss: interrupted\n" || err != nil || len(left) != 0 {
		t.Errorf("%v, left %v, %v", r, left, err)
	}
}

package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/envelope"
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
	s := errOut.String()
	if !strings.Contains(s, "pipe is broken; the secret was not written") || !strings.Contains(s, "sss open --again "+strings.Repeat("A", 43)+"\n") {
		t.Errorf("printed %q", s)
	}
}

// The last view is taken: the status says that the secret is gone, and only its key gets it.
func TestViewThatWasNotWrittenIsReadAgain(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2", "--passphrase-file", passphraseIn(t, "open sesame"))
	failed := &app{in: strings.NewReader(""), out: brokenPipe{}, err: &strings.Builder{}, random: strings.NewReader(strings.Repeat("k", 32)), terminal: noTerminal}
	if code := failed.run(t.Context(), []string{"open", "--passphrase-file", passphraseIn(t, "open sesame"), link}); code != 1 {
		t.Fatalf("exit %d", code)
	}
	f.fail("status", problemAnswer(410, `{"type":"/problems/gone","reason":"read"}`))
	again := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	r := sss(t.Context(), "", "open", "--again", again, "--passphrase-file", passphraseIn(t, "open sesame"), link)
	keys := f.keysOfReads()
	if r.code != 0 || r.out != "hunter2" || len(keys) != 2 || keys[0] != again || keys[1] != again || f.called() != "status read status read ack" {
		t.Errorf("%v with keys %q after %s", r, keys, f.called())
	}
	if r := sss(t.Context(), "", "open", "--again", "AAAA", link); r.code != 2 || !strings.Contains(r.err, "--again: want the 43 characters") {
		t.Error(r)
	}
}

func TestJSONOfAFailureHasTheViewsKey(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2")
	f.change(func(f *fake) { f.sealed[len(f.sealed)-1] ^= 1 })
	if r := sss(t.Context(), "", "open", "--json", link); r.code != 1 || !strings.Contains(r.out, `"again": "`+strings.Repeat("A", 43)+`"`) {
		t.Error(r)
	}
	f.fail("read", problemAnswer(403, `{"type":"/problems/wrong-passphrase","tries_left":9}`))
	if r := sss(t.Context(), "", "open", "--json", link); r.code != 4 || strings.Contains(r.out, "again") {
		t.Error(r) // no view was taken
	}
}

// A description that nobody can read does not cost the data.
func TestDataWithoutADescriptionIsWritten(t *testing.T) {
	for name, at := range map[string]struct {
		args []string
		want string // on standard output; empty: in the file
	}{
		"a pipe": {nil, "hello"},
		"a file": {[]string{"--output", "FILE"}, ""},
		"json":   {[]string{"--json"}, "{\n  \"type\": \"\",\n  \"size\": 5,\n  \"views_left\": 0,\n  \"data\": \"aGVsbG8\"\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			link, sealed := undescribed(t)
			f.change(func(f *fake) { f.sealed, f.views = sealed, 1 })
			file := filepath.Join(t.TempDir(), "file")
			args := append([]string{"open", "--server", f.URL}, at.args...)
			for i := range args {
				args[i] = strings.Replace(args[i], "FILE", file, 1)
			}
			r := sss(t.Context(), "", append(args, link)...)
			if r.code != 9 || r.out != at.want || f.called() != "status read ack" || !strings.Contains(r.err, "description cannot be read") {
				t.Errorf("%v after %s", r, f.called())
			}
			if b, err := os.ReadFile(file); at.want == "" && (err != nil || string(b) != "hello") {
				t.Errorf("saved %q, %v", b, err)
			}
		})
	}
}

// undescribed returns a vector: hello, with a description that is no JSON.
func undescribed(t *testing.T) (link string, sealed []byte) {
	t.Helper()
	var file struct {
		Envelopes []struct {
			Name, Key, Envelope string
			Slot                uint32
		}
	}
	text, err := os.ReadFile("../../envelope/testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Envelopes {
		if v.Name == "content: a meta that is no JSON" {
			key, keyErr := hex.DecodeString(v.Key)
			sealed, err = hex.DecodeString(v.Envelope)
			if keyErr != nil || err != nil {
				t.Fatal(keyErr, err)
			}
			return envelope.Link{Origin: "https://secrets.example", Key: [32]byte(key), Slot: v.Slot}.String(), sealed
		}
	}
	t.Fatal("no such vector")
	return "", nil
}

func TestFullStoreIsFinal(t *testing.T) {
	f := newFake(t)
	f.fail("create", problemAnswer(507, `{"type":"/problems/full","title":"full"}`))
	r := sss(t.Context(), "hunter2", "send", "--json", "--server", f.URL)
	if r.code != 1 || f.called() != "config create" || !strings.Contains(r.err, "no room for this secret") || !strings.Contains(r.out, `"type": "full"`) {
		t.Errorf("%v after %s", r, f.called())
	}
}

func TestFreezeSaysWhyAndWhatEndsIt(t *testing.T) {
	for body, want := range map[string]string{
		`{"type":"/problems/frozen","reason":"passphrase","unlocks_left":3}`: "too many wrong passphrases, until its sender runs 'sss unlock'",
		`{"type":"/problems/frozen","reason":"passphrase","unlocks_left":0}`: "for good: it has been unlocked too often",
		`{"type":"/problems/frozen","reason":"addresses","unlocks_left":0}`:  "its link was used from too many addresses, until its sender runs 'sss unlock'",
		`{"type":"/problems/frozen","unlocks_left":-1}`:                      "too many wrong passphrases, until its sender runs 'sss unlock'",
	} {
		f := newFake(t)
		link := f.send(t, "hunter2")
		f.fail("read", problemAnswer(423, body))
		if r := sss(t.Context(), "", "open", "--json", link); r.code != 6 || !strings.Contains(r.err, want) {
			t.Errorf("%s gave %v", body, r)
		}
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

// A dishonest server names a page that gets the key of every link.
func TestLinksPointToThePageOfTheServer(t *testing.T) {
	other := newFake(t)
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"api":"` + other.URL + `"}`))
	}))
	defer foreign.Close()
	redirect := httptest.NewServer(http.RedirectHandler(other.URL+"/config.json", http.StatusFound))
	defer redirect.Close()
	for name, origin := range map[string]string{
		"a page of another server": foreign.URL, "a server of its own": other.URL, "a redirect": redirect.URL, "nobody": "http://127.0.0.1:1",
		"plain http": "http://secrets.example", "no origin": "\x1b[2Jevil", "a path": "https://secrets.example/x", "a user": "https://a@127.0.0.1",
	} {
		f := newFake(t)
		f.change(func(f *fake) { f.origin = origin })
		r := sss(t.Context(), "hunter2", "send", "--server", f.URL)
		if r.code != 1 || r.out != "" || f.called() != "config" || !strings.Contains(r.err, "the server "+f.URL+" wants links to begin with") || !strings.Contains(r.err, "use --origin ") {
			t.Errorf("%s: %v after %s", name, r, f.called())
		}
	}
	f := newFake(t)
	local := strings.Replace(f.URL, "127.0.0.1", "localhost", 1)
	f.change(func(f *fake) { f.origin = local })
	if r := sss(t.Context(), "hunter2", "send", "--server", f.URL); r.code != 0 || !strings.HasPrefix(r.out, local+"/s#1") {
		t.Error(r)
	}
	f.change(func(f *fake) { f.origin = foreign.URL })
	r := sss(t.Context(), "hunter2", "send", "--server", f.URL, "--origin", "https://Secrets.example:443/")
	if r.code != 0 || !strings.HasPrefix(r.out, "https://secrets.example/s#1") || !strings.Contains(r.err, "\nhttps://secrets.example/m#1") {
		t.Error(r)
	}
	if r := sss(t.Context(), "hunter2", "send", "--server", f.URL, "--origin", "secrets.example"); r.code != 2 || !strings.Contains(r.err, "--origin: ") {
		t.Error(r)
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
	if r.code != 1 || !strings.HasPrefix(r.err, "sss: interrupted\nThe view is not acknowledged.") || err != nil || len(left) != 0 {
		t.Errorf("%v, left %v, %v", r, left, err)
	}
}

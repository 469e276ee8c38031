package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"golang.org/x/text/width"
)

// desk is a server for an operator's calls with answers set by the test.
type desk struct {
	*httptest.Server
	mu      sync.Mutex
	lines   []string
	answers map[string]http.HandlerFunc // by the call's name: count, quarantine, release, holds, config
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{answers: map[string]http.HandlerFunc{
		"count": jsonAnswer(`{"covers":3}`), "quarantine": jsonAnswer(`{"hold":` + active + `,"event_sent":true}`),
		"release": jsonAnswer(`{"hold":` + released + `,"event_sent":true}`), "holds": jsonAnswer(`{"active":[` + active + `],"past":[],"next":""}`),
	}}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name := map[string]string{"POST": "quarantine", "DELETE": "release", "GET": "holds"}[r.Method]
		if strings.Contains(string(body), `"dry_run":true`) {
			name = "count"
		}
		d.mu.Lock()
		d.lines = append(d.lines, name+r.URL.RawQuery)
		d.mu.Unlock()
		d.answers[name](w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

const (
	active = `{"id":"0f","scope":{"kind":"all"},"modes":["block-read"],"until":"2026-11-26T00:00:00Z","reason":"why\u001b[2J",
		"source":"operator","created_at":"2026-11-25T00:00:00Z"}`
	released = `{"id":"0f","scope":{"kind":"all"},"modes":["block-read"],"until":"2026-11-26T00:00:00Z","reason":"why",
		"source":"operator","created_at":"2026-11-25T00:00:00Z","released_at":"2026-11-25T01:00:00Z","release_reason":"over"}`
)

func jsonAnswer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

func (d *desk) called() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

// args adds the server and an operator's key to a command.
func (d *desk) args(t *testing.T, command ...string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "admin.key")
	if err := os.WriteFile(path, []byte("key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(command, "--server", d.URL, "--admin-key-file", path)
}

func TestHoldWithoutATerminalNeedsYes(t *testing.T) {
	d := newDesk(t)
	r := sss(t.Context(), "y\n", d.args(t, "hold", "--scope", "all", "--reason", "why")...)
	if r.code != 2 || d.called() != "" || !strings.Contains(r.err, "there is no terminal to ask on: use --yes") {
		t.Errorf("%v after %s", r, d.called())
	}
	r = sss(t.Context(), "", d.args(t, "hold", "--scope", "all", "--reason", "why", "--yes")...)
	if r.code != 0 || d.called() != "quarantine" || r.out != "0f\n" || !strings.HasSuffix(r.err, " --server "+d.URL+"\n") {
		t.Errorf("%v after %s", r, d.called())
	}
}

func TestDryRunSaysThatThereMayBeMore(t *testing.T) {
	d := newDesk(t)
	d.answers["count"] = jsonAnswer(`{"covers":3,"more":true}`)
	if r := sss(t.Context(), "", d.args(t, "hold", "--scope", "all", "--dry-run")...); r.code != 0 || !strings.Contains(r.out, "currently 3 or more.") {
		t.Error(r)
	}
	if r := sss(t.Context(), "", d.args(t, "hold", "--scope", "all", "--dry-run", "--json")...); !strings.Contains(r.out, `"more": true`) {
		t.Error(r)
	}
}

func TestUnsentEventIsAWarning(t *testing.T) {
	d := newDesk(t)
	d.answers["quarantine"] = jsonAnswer(`{"hold":` + active + `,"event_sent":false}`)
	d.answers["release"] = jsonAnswer(`{"hold":` + released + `,"event_sent":false}`)
	r := sss(t.Context(), "", d.args(t, "hold", "--scope", "all", "--reason", "why", "--yes")...)
	if r.code != 0 || r.out != "0f\n" || !strings.Contains(r.err, "The hold is active, but its event could not be sent") {
		t.Error(r)
	}
	r = sss(t.Context(), "", d.args(t, "release", "0f", "--reason", "over", "--json")...)
	if r.code != 0 || !strings.Contains(r.err, "The hold is released, but its event") || !strings.Contains(r.out, `"event_sent": false`) {
		t.Error(r)
	}
}

func TestUnansweredHoldIsReportedAsPossiblyActive(t *testing.T) {
	d := newDesk(t)
	d.answers["quarantine"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) } // not an answer of a secret sharer
	d.answers["release"] = d.answers["quarantine"]
	hold := d.args(t, "hold", "--scope", "all", "--reason", "why", "--yes")
	if r := sss(t.Context(), "", hold...); r.code != 7 || r.out != "" || !strings.Contains(r.err, "The hold may be active, in whole or in part: run this again") {
		t.Error(r)
	}
	r := sss(t.Context(), "", d.args(t, "release", "0f", "--reason", "why")...)
	if r.code != 7 || !strings.Contains(r.err, "The hold may be released in part: run this again") {
		t.Error(r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.answers["quarantine"] = func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }
	if r := sss(ctx, "", hold...); r.code != 1 || r.out != "" || !strings.Contains(r.err, "The hold may be active, in whole or in part") {
		t.Error(r)
	}
}

func TestServerWithoutQuarantineIsReported(t *testing.T) {
	d := newDesk(t)
	for name := range d.answers {
		d.answers[name] = problemAnswer(404, `{"type":"/problems/not-found"}`)
	}
	for _, command := range [][]string{{"hold", "--scope", "all", "--reason", "why", "--yes"}, {"hold", "--scope", "all", "--dry-run"}, {"holds"}} {
		if r := sss(t.Context(), "", d.args(t, command...)...); r.code != 1 || !strings.Contains(r.err, "this server has no quarantine") {
			t.Error(r)
		}
	}
}

func TestReleaseOfAnEndedHoldSaysHowItEnded(t *testing.T) {
	ended := strings.Replace(active, `"id"`, `"release_reason":"","id"`, 1)
	for hold, want := range map[string]string{
		released: "The hold had already been released at 2026-11-25 01:00:00 UTC: over\n",
		ended:    "The hold had already ended by itself at 2026-11-26 00:00:00 UTC.\n",
	} {
		d := newDesk(t)
		d.answers["release"] = jsonAnswer(`{"hold":` + hold + `,"event_sent":true}`)
		if r := sss(t.Context(), "", d.args(t, "release", "0f", "--reason", "why")...); r.code != 0 || r.err != want {
			t.Errorf("%v, want %s", r, want)
		}
	}
}

func TestHoldsWalksAllPagesOfActiveHoldsAndPastOnesOnDemand(t *testing.T) {
	d := newDesk(t)
	list := func(hold, prefix string, hours ...int) string {
		var all []string
		for _, hour := range hours {
			all = append(all, strings.NewReplacer(`"id":"0f"`, fmt.Sprintf(`"id":"%s%d"`, prefix, hour), "2026-11-25T00", fmt.Sprintf("2026-11-25T%02d", hour)).Replace(hold))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	page := func(a, p, next string) string { return `{"active":` + a + `,"past":` + p + `,"next":"` + next + `"}` }
	none := "[]"
	d.answers["holds"] = func(w http.ResponseWriter, r *http.Request) {
		jsonAnswer(map[string]string{
			"": page(list(active, "a", 1, 3), none, "a"), "a": page(none, none, "b"), "b": page(list(active, "a", 2), list(released, "p", 1), "c"),
			"c": page(none, list(released, "p", 3), "d"), "d": page(none, list(released, "p", 2), ""),
		}[r.URL.Query().Get("next")])(w, r)
	}
	got := func(command ...string) string {
		t.Helper()
		r := sss(t.Context(), "", d.args(t, append(command, "--json")...)...)
		var l holdList
		if err := json.Unmarshal([]byte(r.out), &l); err != nil || r.code != 0 {
			t.Fatalf("%v, %v", r, err)
		}
		var ids []string
		for _, h := range append(l.Active, l.Past...) {
			ids = append(ids, h.ID)
		}
		return strings.Join(ids, " ")
	}
	if ids := got("holds"); ids != "a3 a2 a1" || d.called() != "holds holdsnext=a holdsnext=b" {
		t.Errorf("listed %s after %s, want the newest first", ids, d.called())
	}
	if ids := got("holds", "--past"); ids != "a3 a2 a1 p3 p2 p1" {
		t.Errorf("listed %s", ids)
	}
	if r := sss(t.Context(), "", d.args(t, "holds")...); strings.Count(r.out, "\n") != 7 {
		t.Errorf("%v", r)
	}
	d.answers["holds"] = jsonAnswer(page(none, none, "a"))
	if r := sss(t.Context(), "", d.args(t, "holds", "--past")...); r.code != 1 || !strings.Contains(r.err, "has no end") {
		t.Error(r)
	}
}

func TestTableOfHoldsIsEscapedAndFits100Columns(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, reason := range []string{long, strings.Repeat("日本", 100), "one\ntwo\tthree\x1b[2J\u202e"} {
		h := api.Hold{
			ID: strings.Repeat("f", 32), Scope: api.Scope{Kind: "key", Name: long}, Modes: []string{"block-create", "block-read", "preserve"},
			Source: "defender", Reason: reason, ReleasedAt: time.Now(), ReleaseReason: reason,
		}
		var out strings.Builder
		a := &app{out: &out}
		if err := a.printTable([]api.Hold{h}, "ended (UTC)", ""); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		for _, line := range lines {
			if n := cells(line); n > 100 || strings.ContainsAny(line, "\x1b\u202e\t") {
				t.Errorf("%d columns: %q", n, line)
			}
		}
		if len(lines) != 4 || !strings.Contains(lines[1], h.ID) {
			t.Errorf("%d lines:\n%s", len(lines), out.String())
		}
	}
	for _, n := range []int{99, 100, 101} {
		if got := cut(strings.Repeat("x", n)); len([]rune(got)) != min(n, 100) || strings.HasSuffix(got, "…") != (n > 100) {
			t.Errorf("%d letters gave %q", n, got)
		}
	}
}

func cells(s string) (n int) {
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func TestScopeTextRoundTrips(t *testing.T) {
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	id := strings.Repeat("0", 32)
	cases := map[string]api.Scope{
		"all": {Kind: "all"}, "week=2026w47": {Kind: "week", Week: "2026w47"}, "key=kek": {Kind: "key", Name: "kek"},
		"key=kek/v1": {Kind: "key", Name: "kek", Version: "v1"}, "prefix=00": {Kind: "prefix", Prefix: "00"}, "id=" + id: {Kind: "id", ID: id},
		"period=2026-11-25T00:00Z..2026-11-25T00:00:01Z": {Kind: "period", From: day, To: day.Add(time.Second)},
	}
	for text, want := range cases {
		if got, err := parseScope(text); err != nil || got != want || scopeText(got) != text || scopeWords(got) == "" {
			t.Errorf("%q gave %+v, %v, written as %q", text, got, err, scopeText(got))
		}
	}
	for _, text := range []string{
		"", "=", "ALL", "week", "week=", "week=2026W47", "key=", "id", "id=short", "prefix=", "period=2026-11-25", "period=..", "other=1",
		"period=2026-11-26..2026-11-25", "period=2026-11-25..2026-11-25", "all=",
	} {
		if got, err := parseScope(text); err == nil {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

func TestTimesWithoutAZoneAreUTC(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-25": "2026-11-25T00:00:00Z", "2026-11-25T03:30": "2026-11-25T03:30:00Z", "2026-11-25T03:30:01": "2026-11-25T03:30:01Z",
		"2026-11-25T03:30Z": "2026-11-25T03:30:00Z", "2026-11-25T03:30:00+01:00": "2026-11-25T02:30:00Z", "2026-11-25T03:30+01:00": "2026-11-25T02:30:00Z",
	} {
		if got, err := parseTime(text); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q gave %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestQuotedWordsAreSafeInAShell(t *testing.T) {
	for word, want := range map[string]string{
		"data/admin.key": "data/admin.key", "my key": "'my key'", "it's": `'it'\''s'`, "": "''", "$HOME": "'$HOME'", "ключ": "'ключ'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("%q gave %s, want %s", word, got, want)
		}
	}
}

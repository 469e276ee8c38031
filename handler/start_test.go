package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

func TestStandaloneServesAndDrains(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"SSS_LISTEN=127.0.0.1:0", "SSS_DATA=" + filepath.Join(dir, "new", "data"), "SSS_RATE=off"}
	p := begin(t, environ...)
	addr, origin := p.address()
	f := &fixture{t: t, url: "http://" + addr}
	var config api.Config
	f.want(newRequest("GET", "/api/config"), 200, "").decode(t, &config)
	if config.Origin != "http://"+addr || origin != config.Origin {
		t.Errorf("origin is %s, the banner has %s, listens on %s", config.Origin, origin, addr)
	}
	if got := f.exchange(newRequest("GET", "/")); got.status != 200 || !strings.Contains(string(got.body), "<title>Secure Secret Sharer</title>") {
		t.Errorf("no page: %d", got.status)
	}
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "")
	if code := command(t.Context(), []string{"health"}, []string{"SSS_LISTEN=" + addr}, &testkit.Output{}, &testkit.Output{}); code != 0 {
		t.Errorf("handler health exits with %d", code)
	}

	second := begin(t, environ...) // on the same data
	second.exits(1, "another process has the store open")

	p.stop()
	p.exits(0, "")
	for _, file := range []string{".", "store.db", "keyring"} {
		info, err := os.Stat(filepath.Join(dir, "new", "data", file))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v: others may read it", file, info.Mode(), err)
		}
	}
	res := &testkit.Output{}
	if code := command(t.Context(), []string{"health"}, []string{"SSS_LISTEN=" + addr}, &testkit.Output{}, res); code != 1 || !strings.Contains(res.String(), "check health") {
		t.Errorf("handler health exits with %d: %s", code, res)
	}
	again := begin(t, environ...) // all was closed
	again.address()
	again.stop()
	again.exits(0, "")
}

// A fatal error exits with a code other than 0: the host restarts no handler that exits with 0.
func TestFatalErrorsExitWithOne(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	foreign := t.TempDir()
	file := filepath.Join(foreign, "store.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("no store of ours ", 999)), 0o600); err != nil {
		t.Fatal(err)
	}
	for message, environ := range map[string][]string{
		"SSS_TYPO: no such setting": {"SSS_TYPO=1"},
		"SSS_TRIES: must be":        {"SSS_TRIES=many"},
		"SSS_CREATE=key: needs":     {"SSS_CREATE=key"},
		"address already in use":    {"SSS_LISTEN=" + taken.Addr().String()},
		"listen for metrics":        {"SSS_LISTEN=127.0.0.1:0", "SSS_METRICS_LISTEN=" + taken.Addr().String()},
		bolt.ErrDamaged.Error():     {"SSS_LISTEN=127.0.0.1:0", "SSS_DATA=" + foreign},
		"make data directory":       {"SSS_LISTEN=127.0.0.1:0", "SSS_DATA=" + filepath.Join(file, "below")},
	} {
		p := begin(t, append([]string{"SSS_DATA=" + t.TempDir()}, environ...)...)
		p.exits(1, message)
		if n := strings.Count(p.stderr.String(), "handler: "); n != 1 {
			t.Errorf("%s: wrote %q", message, p.stderr)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(after), "no store of ours") {
		t.Errorf("the foreign file was touched: %v", err)
	}
}

// A store that is not whole is refused in words, and left as it is.
func TestDamagedStoreIsRefused(t *testing.T) {
	data := t.TempDir()
	p := begin(t, "SSS_LISTEN=127.0.0.1:0", "SSS_DATA="+data)
	p.address()
	p.stop()
	p.exits(0, "")
	path := filepath.Join(data, "store.db")
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := usedBytes(t, path)
	for _, size := range []int{0, 1, 1000, 4096, 10_000, used / 2, used - 1} {
		if err := os.WriteFile(path, intact[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		p := begin(t, "SSS_LISTEN=127.0.0.1:0", "SSS_DATA="+data)
		p.exits(1, "open store: "+path+": "+bolt.ErrDamaged.Error())
		if strings.Contains(p.stderr.String(), "pointer") || strings.Contains(p.stderr.String(), "runtime") {
			t.Errorf("%d bytes: %s", size, p.stderr)
		}
		if after, err := os.ReadFile(path); err != nil || len(after) != size {
			t.Errorf("%d bytes became %d, %v", size, len(after), err)
		}
	}
}

// usedBytes returns how much of a store's file has content. The rest is reserved.
func usedBytes(t *testing.T, path string) (used int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bbolt.Tx) error { used = int(tx.Size()); return nil })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return used
}

func TestArguments(t *testing.T) {
	for args, want := range map[string]int{"version": 0, "help": 2, "check now": 2, "health now": 2, "--version": 2, "version 2": 2} {
		out, stderr := &testkit.Output{}, &testkit.Output{}
		if got := command(t.Context(), strings.Fields(args), nil, out, stderr); got != want {
			t.Errorf("%s exits with %d, want %d", args, got, want)
		}
		if want == 0 && out.String() != version+"\n" || want == 2 && !strings.HasPrefix(stderr.String(), "usage: ") {
			t.Errorf("%s writes %q and %q", args, out, stderr)
		}
	}
	stderr := &testkit.Output{}
	if got := command(t.Context(), []string{"health"}, []string{"SSS_TYPO=1"}, &testkit.Output{}, stderr); got != 1 || !strings.Contains(stderr.String(), "SSS_TYPO") {
		t.Errorf("health with bad settings exits with %d: %s", got, stderr)
	}
}

func TestMetricsAreServedOnTheirOwnAddress(t *testing.T) {
	addr := testkit.FreeAddress(t)
	p := begin(t, "SSS_LISTEN=127.0.0.1:0", "SSS_DATA="+t.TempDir(), "SSS_METRICS_LISTEN="+addr)
	p.address()
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", res, err)
	}
	_ = res.Body.Close()
	p.stop()
	p.exits(0, "")
}

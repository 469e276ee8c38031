package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// kept is the data directory of a service that has stopped, with two secrets whose
// keys differ.
type kept struct {
	t         *testing.T
	data      string
	near, far *sent
	nearKey   string // the path of a key file
	farKey    string
	unusedKey string // of a week in which no secret expires
}

func keepSecrets(t *testing.T) *kept {
	t.Helper()
	const hour, weeks = time.Hour, 7 * 24 * time.Hour
	k := &kept{t: t, data: filepath.Join(t.TempDir(), "data")}
	k.nearKey, k.farKey, k.unusedKey = k.key(hour), k.key(3*weeks), k.key(2*weeks)
	k.near, k.far = sealedAt(t, terms{ttl: hour, views: 9}, time.Now()), sealedAt(t, terms{ttl: 3 * weeks, views: 9}, time.Now())
	p, f := k.start()
	f.want(k.near.create(), http.StatusCreated, "")
	f.want(k.far.create(), http.StatusCreated, "")
	testkit.Await(t, "rotation", func() bool { return strings.Contains(p.out.String(), `"event":"rotated"`) }, p.out)
	k.stop(p)
	return k
}

// key returns the path of the key of the secrets that expire after ttl.
func (k *kept) key(ttl time.Duration) string {
	return filepath.Join(k.data, "keyring", seal.KeyName(week.Of(time.Now().Add(ttl)))+".key")
}

func (k *kept) begin(environ ...string) *process {
	k.t.Helper()
	return begin(k.t, append([]string{"SSS_LISTEN=127.0.0.1:0", "SSS_RATE=off", "SSS_DATA=" + k.data}, environ...)...)
}

func (k *kept) start(environ ...string) (*process, *fixture) {
	k.t.Helper()
	p := k.begin(environ...)
	addr, _ := p.address()
	return p, &fixture{t: k.t, url: "http://" + addr}
}

func (k *kept) stop(p *process) {
	k.t.Helper()
	p.stop()
	p.exits(0, "")
}

func (k *kept) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// check runs handler check, which must change nothing, and wants an exit code and parts
// of what it writes.
func (k *kept) check(want int, parts []string, environ ...string) {
	k.t.Helper()
	before := tree(k.t, filepath.Dir(k.data))
	out, stderr := &testkit.Output{}, &testkit.Output{}
	got := command(k.t.Context(), []string{"check"}, append([]string{"SSS_DATA=" + k.data}, environ...), out, stderr)
	for _, part := range parts {
		if !strings.Contains(out.String(), part) {
			k.t.Errorf("check does not write %q", part)
		}
	}
	if got != want || (stderr.String() == "") != (want == 0) {
		k.t.Errorf("check exits with %d, want %d: %s", got, want, stderr)
	}
	if k.t.Failed() {
		k.t.Logf("check wrote\n%s", out)
	}
	if after := tree(k.t, filepath.Dir(k.data)); !maps.Equal(after, before) {
		k.t.Errorf("check changed files: %v became %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
}

// tree returns modes, times and content of all files below a directory.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		content := []byte{}
		if info.Mode().IsRegular() {
			content, err = os.ReadFile(path)
		}
		files[path] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime(), sha256.Sum256(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// forgetIndex makes the store one of a version that had no index of keys.
func (k *kept) forgetIndex() {
	k.t.Helper()
	db, err := bbolt.Open(filepath.Join(k.data, "store.db"), 0o600, nil)
	k.must(err)
	k.must(db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(tx.DeleteBucket([]byte("keys")), tx.Bucket([]byte("meta")).Delete([]byte("keyring")))
	}))
	k.must(db.Close())
}

// replaceKeyring puts another installation's keyring in place of this one.
func (k *kept) replaceKeyring() {
	k.t.Helper()
	other := keepSecrets(k.t)
	k.must(os.RemoveAll(filepath.Join(k.data, "keyring")))
	k.must(os.Rename(filepath.Join(other.data, "keyring"), filepath.Join(k.data, "keyring")))
}

// A start that would lose secrets is stopped, with the names of what is missing, and
// changes nothing: with what was missing put back, the next start is as before.
func TestAStartWithoutTheKeysIsStopped(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(k *kept)
		want  func(k *kept) []string // parts of the message
	}{
		{"a key is truncated", func(k *kept) { k.must(os.Truncate(k.nearKey, 16)) },
			func(k *kept) []string { return []string{k.nearKey, "16 bytes, want 32", "need it: 1"} }},
		{"a key is empty", func(k *kept) { k.must(os.Truncate(k.farKey, 0)) },
			func(k *kept) []string { return []string{k.farKey, "0 bytes, want 32", "need it: 1"} }},
		{"a key has only zeros", func(k *kept) { k.must(os.WriteFile(k.nearKey, make([]byte, 32), 0o600)) },
			func(k *kept) []string { return []string{k.nearKey, "only zeros", "need it: 1"} }},
		{"a key that no secret needs yet is truncated", func(k *kept) { k.must(os.Truncate(k.unusedKey, 31)) },
			func(k *kept) []string { return []string{k.unusedKey, "31 bytes, want 32", "need it: 0"} }},
		{"a key is missing", func(k *kept) { k.must(os.Remove(k.farKey)) },
			func(k *kept) []string { return []string{keyName(k.farKey) + " is not in ", "need it: 1"} }},
		{"a key is another one", func(k *kept) { k.must(os.WriteFile(k.nearKey, bytes.Repeat([]byte("k"), 32), 0o600)) },
			func(k *kept) []string { return []string{keyName(k.nearKey), "is not version", "need it: 1"} }},
		{"all keys are missing", func(k *kept) { k.must(os.RemoveAll(filepath.Join(k.data, "keyring"))) },
			func(k *kept) []string {
				return []string{keyName(k.nearKey), keyName(k.farKey), "not the one that the store was used with"}
			}},
		{"the keyring is another one", (*kept).replaceKeyring,
			func(k *kept) []string {
				return []string{keyName(k.nearKey), keyName(k.farKey), "not the one that the store was used with"}
			}},
		{"the keyring's id is damaged", func(k *kept) { k.must(os.Truncate(filepath.Join(k.data, "keyring", "id"), 3)) },
			func(k *kept) []string { return []string{filepath.Join(k.data, "keyring", "id") + " is damaged"} }},
		{"an older version has written the store, and a key is missing", func(k *kept) { k.forgetIndex(); k.must(os.Remove(k.nearKey)) },
			func(k *kept) []string { return []string{keyName(k.nearKey) + " is not in ", "need it: 1"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keepSecrets(t)
			backup := filepath.Join(t.TempDir(), "keyring")
			k.must(os.CopyFS(backup, os.DirFS(filepath.Join(k.data, "keyring"))))
			c.spoil(k)
			k.check(1, c.want(k))
			for range 2 { // the first attempt must not make the second one succeed
				p := k.begin()
				p.exits(1, "")
				wanted := c.want(k)
				if !strings.Contains(c.name, "id is damaged") {
					wanted = append(wanted, "SSS_START=degraded")
				}
				for _, part := range wanted {
					if !strings.Contains(p.stderr.String(), part) {
						t.Errorf("wrote %q, want %q", p.stderr, part)
					}
				}
			}
			k.must(os.RemoveAll(filepath.Join(k.data, "keyring")))
			k.must(os.CopyFS(filepath.Join(k.data, "keyring"), os.DirFS(backup)))
			k.must(tighten(filepath.Join(k.data, "keyring")))
			p, f := k.start()
			f.want(k.near.read(keyOf("a")), 200, "")
			f.want(k.far.read(keyOf("a")), 200, "")
			k.stop(p)
		})
	}
}

func keyName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".key") }

// tighten gives a restored keyring its modes.
func tighten(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		err = errors.Join(err, os.Chmod(file, 0o600))
	}
	return errors.Join(err, os.Chmod(dir, 0o700))
}

// What no secret needs stops nothing.
func TestAStartWithAllTheKeysThatSecretsNeedGoesOn(t *testing.T) {
	for name, change := range map[string]func(k *kept){
		"the key of a secret that is over is missing": func(k *kept) {
			p, f := k.start()
			f.want(k.near.revoke(), 204, "")
			k.stop(p)
			k.must(os.Remove(k.nearKey))
		},
		"a key that no secret needs is missing": func(k *kept) { k.must(os.Remove(k.unusedKey)) },
		"a key is disabled": func(k *kept) {
			k.must(os.Rename(k.nearKey, strings.TrimSuffix(k.nearKey, ".key")+".disabled"))
		},
		"an older version has written the store":     (*kept).forgetIndex,
		"a backup of the keyring from before the id": func(k *kept) { k.must(os.Remove(filepath.Join(k.data, "keyring", "id"))) },
	} {
		t.Run(name, func(t *testing.T) {
			k := keepSecrets(t)
			change(k)
			k.check(0, []string{"every key that a secret needs is there"})
			for range 2 {
				p, f := k.start()
				f.want(k.far.read(keyOf("a")), 200, "")
				var ready api.Health
				f.want(newRequest("GET", "/api/health?ready=1"), 200, "").decode(t, &ready)
				if ready.Checks["keyring"] != api.CheckOK {
					t.Errorf("the keyring is %s", ready.Checks["keyring"])
				}
				k.stop(p)
			}
		})
	}
}

// A degraded start serves what it can, says what it cannot, and makes nothing worse.
func TestADegradedStartServesTheOthers(t *testing.T) {
	for _, c := range []struct {
		name    string
		spoil   func(k *kept)
		creates bool // whether secrets can be created in the week
	}{
		{"a key is missing", func(k *kept) { k.must(os.Remove(k.nearKey)) }, true},
		{"a key is truncated", func(k *kept) { k.must(os.Truncate(k.nearKey, 16)) }, false},
		{"a key is another one", func(k *kept) { k.must(os.WriteFile(k.nearKey, bytes.Repeat([]byte("k"), 32), 0o600)) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keepSecrets(t)
			lost, err := os.ReadFile(k.nearKey)
			k.must(err)
			c.spoil(k)
			spoiled, _ := os.ReadFile(k.nearKey)
			k.check(0, []string{"note   keys: " + keyName(k.nearKey)}, "SSS_START=degraded")
			p, f := k.start("SSS_START=degraded")
			if !strings.Contains(p.out.String(), `"level":"error"`) || !strings.Contains(p.out.String(), keyName(k.nearKey)) {
				t.Errorf("the log does not name the key:\n%s", p.out)
			}
			f.want(k.far.read(keyOf("a")), 200, "")
			f.want(k.near.status(), 200, "")
			f.want(k.near.read(keyOf("a")), 503, "unavailable")
			again := sealedAt(t, terms{ttl: time.Hour}, time.Now())
			if c.creates {
				f.want(again.create(), 201, "")
				f.want(again.read(keyOf("a")), 200, "")
			} else {
				f.want(again.create(), 503, "unavailable")
				if after, _ := os.ReadFile(k.nearKey); !bytes.Equal(after, spoiled) {
					t.Error("the damaged key was replaced")
				}
			}
			if got := readyAs(t, f, 200); got != api.CheckDegraded {
				t.Errorf("the keyring is %s", got)
			}
			k.stop(p)
			k.must(os.WriteFile(k.nearKey, lost, 0o600)) // the backup is found
			p, f = k.start("SSS_START=degraded")
			f.want(k.near.read(keyOf("b")), 200, "")
			k.stop(p)
		})
	}
}

func readyAs(t *testing.T, f *fixture, status int) string {
	t.Helper()
	var ready api.Health
	f.want(newRequest("GET", "/api/health?ready=1"), status, "").decode(t, &ready)
	return ready.Checks["keyring"]
}

// A key that disappears while the service runs is neither replaced nor hidden.
func TestAKeyThatDisappearsIsNotReplaced(t *testing.T) {
	k := keepSecrets(t)
	p, f := k.start()
	key, err := os.ReadFile(k.nearKey)
	k.must(err)
	k.must(os.Remove(k.nearKey))
	f.want(sealedAt(t, terms{ttl: time.Hour}, time.Now()).create(), 503, "unavailable")
	f.want(k.near.read(keyOf("a")), 503, "unavailable")
	f.want(k.far.read(keyOf("a")), 200, "")
	if got := readyAs(t, f, 200); got != api.CheckDegraded {
		t.Errorf("the keyring is %s", got)
	}
	if _, err := os.Stat(k.nearKey); err == nil {
		t.Error("a new key was made")
	}
	k.must(os.WriteFile(k.nearKey, key, 0o600))
	f.want(k.near.read(keyOf("a")), 200, "")
	k.stop(p)
}

// Nobody else may read, change or replace what is in the data directory, and a start
// says which command mends it.
func TestADataDirectoryOpenToOthersIsRefused(t *testing.T) {
	for _, c := range []struct {
		path  string // below the directory in which the data directory is
		mode  os.FileMode
		group bool // whether SSS_DATA_MODES=group admits it
		want  string
	}{
		{"data/store.db", 0o666, false, "chmod go-rwx"},
		{"data/store.db", 0o644, false, "chmod go-rwx"},
		{"data/store.db", 0o660, true, "chmod g-rwx"},
		{"data/admin.key", 0o644, false, "chmod go-rwx"},
		{"data/admin.key", 0o640, true, "chmod g-rwx"},
		{"data/keyring", 0o755, false, "chmod go-rwx"},
		{"data/keyring", 0o770, true, "chmod g-rwx"},
		{"data/keyring/id", 0o644, false, "chmod go-rwx"},
		{"data/keyring/id", 0o660, true, "chmod g-rwx"},
		{"data/keyring/KEY", 0o604, false, "chmod go-rwx"},
		{"data/keyring/KEY", 0o660, true, "chmod g-rwx"},
		{"data", 0o777, false, "chmod go-w"},
		{"data", 0o770, true, "chmod g-w"},
		{"data", 0o775 | os.ModeSetgid, true, "chmod g-w"}, // as a new volume with an fsGroup
		{".", 0o777, false, "chmod o-w"},
	} {
		t.Run(c.path+" "+c.mode.String(), func(t *testing.T) {
			k := keepOne(t)
			path := filepath.Join(filepath.Dir(k.data), strings.ReplaceAll(c.path, "KEY", keyName(k.nearKey)+".key"))
			k.must(os.Chmod(path, c.mode))
			k.check(1, []string{c.want + " " + path})
			p := k.begin()
			p.exits(1, c.want+" "+path)
			if !c.group {
				p = k.begin("SSS_DATA_MODES=group")
				p.exits(1, path)
				return
			}
			k.check(0, nil, "SSS_DATA_MODES=group")
			p, _ = k.start("SSS_DATA_MODES=group")
			if !strings.Contains(p.out.String(), `"level":"warn","event":"modes"`) {
				t.Errorf("the log does not say so:\n%s", p.out)
			}
			k.stop(p)
		})
	}
}

func TestFilesOfOtherOwnersAreRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, path := range []string{"data", "data/store.db", "data/admin.key", "data/keyring", "data/keyring/id", "data/keyring/KEY"} {
		t.Run(path, func(t *testing.T) {
			k := keepOne(t)
			path := filepath.Join(filepath.Dir(k.data), strings.ReplaceAll(path, "KEY", keyName(k.nearKey)+".key"))
			k.must(os.Chown(path, 12345, 12345))
			for _, modes := range []string{"private", "group"} {
				k.check(1, []string{path + " belongs to user 12345"}, "SSS_DATA_MODES="+modes)
				p := k.begin("SSS_DATA_MODES=" + modes)
				p.exits(1, path+" belongs to user 12345")
			}
		})
	}
}

// A path that ends in a link could be one that somebody else points elsewhere. The
// data directory itself may be a link, which systemd makes for DynamicUser=.
func TestLinksInTheDataDirectoryAreRefused(t *testing.T) {
	for _, name := range []string{"store.db", "admin.key", "keyring"} {
		k := keepOne(t)
		path := filepath.Join(k.data, name)
		k.must(errors.Join(os.Rename(path, path+".moved"), os.Symlink(path+".moved", path)))
		p := k.begin()
		p.exits(1, path+" is a symbolic link")
	}
	k := keepOne(t)
	moved := filepath.Join(t.TempDir(), "moved")
	k.must(errors.Join(os.Rename(k.data, moved), os.Symlink(moved, k.data)))
	p, f := k.start()
	f.want(k.near.read(keyOf("a")), 200, "")
	k.stop(p)
	k.must(os.Chmod(filepath.Dir(moved), 0o777))
	p = k.begin()
	p.exits(1, "chmod o-w "+filepath.Dir(moved))
}

// keepOne is keepSecrets with one secret.
func keepOne(t *testing.T) *kept {
	t.Helper()
	k := &kept{t: t, data: filepath.Join(t.TempDir(), "data")}
	k.nearKey = k.key(time.Hour)
	k.near = sealedAt(t, terms{ttl: time.Hour, views: 9}, time.Now())
	p, f := k.start()
	f.want(k.near.create(), http.StatusCreated, "")
	k.stop(p)
	return k
}

// What check cannot look at is said in words.
func TestCheckSaysWhatItCannotSee(t *testing.T) {
	none := &kept{t: t, data: filepath.Join(t.TempDir(), "data")}
	none.check(0, []string{"note   data directory: " + none.data + " does not exist"})

	k := keepOne(t)
	p, _ := k.start()
	k.check(0, []string{"note   store: another process has " + filepath.Join(k.data, "store.db") + " open", "ok     keys: none is damaged"})
	k.must(os.Truncate(k.nearKey, 1))
	k.check(1, []string{"error  keys: " + keyName(k.nearKey)})
	k.stop(p)

	k = keepOne(t)
	k.must(os.Remove(filepath.Join(k.data, "store.db")))
	k.check(0, []string{"note   store: " + filepath.Join(k.data, "store.db") + " does not exist"})
	p, _ = k.start() // an operator may mean it, and else the log says it
	if !strings.Contains(p.out.String(), `"level":"error"`) || !strings.Contains(p.out.String(), "the store is new or lost") {
		t.Errorf("the log does not say that the store is new:\n%s", p.out)
	}
	k.stop(p)
}

func TestCheckRefusesSettings(t *testing.T) {
	k := &kept{t: t, data: filepath.Join(t.TempDir(), "data")}
	k.check(1, []string{"error  settings: SSS_TRIES", "error  settings: SSS_TYPO"}, "SSS_TRIES=many", "SSS_TYPO=1")
	k.check(1, []string{"error  page: "}, "SSS_BRANDING="+k.data)
	k.check(1, []string{"error  store: ", "error  vault: ", "error  bus: "}, "SSS_ORIGIN=https://secrets.example",
		"SSS_TABLE_URL=http://127.0.0.1:1", "SSS_VAULT_URL=https://127.0.0.1:1", "SSS_SERVICEBUS=sb://127.0.0.1:1") // where nothing listens
}

// The secrets of a local keyring are not readable with a vault.
func TestAStartWithAnotherKindOfKeysIsStopped(t *testing.T) {
	k := keepOne(t)
	p := k.begin("SSS_VAULT_URL=https://127.0.0.1:1") // it need not answer for that
	p.exits(1, keyName(k.nearKey)+": "+seal.ErrForeign.Error())
}

// away is a keyring or vault that does not answer.
type away struct{ keycheck.Keyring }

func (away) Find(context.Context, secret.KeyRef) error { return errors.New("away") }
func (away) Damaged() map[string]error                 { return nil }
func (away) ID() string                                { return "away" }

// A vault that is away may answer later. A keyring on this machine will not.
func TestAVaultThatIsAwayStopsNoStart(t *testing.T) {
	f := newFixture(t)
	f.send(terms{})
	d := &deps{store: f.deps.store, keys: away{}}
	for vault, stopped := range map[string]bool{"https://127.0.0.1:1": false, "": true} {
		cfg := &config.Config{VaultURL: vault}
		if err := d.checkKeys(t.Context(), cfg, f.tel, f.clock.clock()); (err != nil) != stopped {
			t.Errorf("vault %q: %v", vault, err)
		}
	}
	if !strings.Contains(f.log.String(), "the keys could not be checked") {
		t.Errorf("the log does not say so:\n%s", f.log)
	}
}

// A full store refuses creates at once. It starts, serves and says so.
func TestFullStoreServesReaders(t *testing.T) {
	k := keepSecrets(t)
	p, f := k.start("SSS_STORE_LIMIT=16KiB")
	f.want(k.far.read(keyOf("full")), http.StatusOK, "")
	refused := f.want(sealedAt(t, terms{ttl: time.Hour}, time.Now()).create(), http.StatusInsufficientStorage, api.ProblemFull)
	if refused.header.Get("Retry-After") != "" {
		t.Error("the sender is told to try again")
	}
	f.want(k.far.create(), http.StatusOK, "") // the same again
	if ready := f.want(newRequest("GET", "/api/health?ready=1"), http.StatusServiceUnavailable, api.ProblemUnavailable); !strings.Contains(string(ready.body), `"store":"full"`) {
		t.Errorf("readiness: %s", ready.body)
	}
	f.want(newRequest("GET", "/api/health"), http.StatusOK, "")
	out := &testkit.Output{}
	if code := command(t.Context(), []string{"health"}, []string{"SSS_LISTEN=" + strings.TrimPrefix(f.url, "http://")}, out, out); code != 0 || !strings.Contains(out.String(), "the store is full") {
		t.Errorf("handler health exits with %d: %s", code, out)
	}
	testkit.Await(t, "log line", func() bool { return strings.Contains(p.out.String(), `"event":"room"`) }, p.out)
	f.want(k.far.revoke(), http.StatusNoContent, "")
	k.stop(p)
}

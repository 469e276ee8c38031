package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// runs runs the command to its end and returns what it wrote and its exit code.
func (k *kept) runs(args ...string) (out string, code int) {
	k.t.Helper()
	stdout, stderr := &testkit.Output{}, &testkit.Output{}
	code = command(k.t.Context(), args, []string{"SSS_DATA=" + k.data}, stdout, stderr)
	return stdout.String() + stderr.String(), code
}

// backup makes a backup and checks it.
func (k *kept) backup() (path string) {
	k.t.Helper()
	path = filepath.Join(k.t.TempDir(), "backup.tar")
	if out, code := k.runs("backup", path); code != 0 {
		k.t.Fatalf("backup exits with %d: %s", code, out)
	}
	out, code := k.runs("verify", path)
	if code != 0 || !strings.Contains(out, "2 secrets, of which 2 may still be read") || !strings.Contains(out, path+" is whole") {
		k.t.Errorf("verify exits with %d: %s", code, out)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		k.t.Errorf("the backup has mode %v, %v", info.Mode(), err)
	}
	return path
}

// restored unpacks a backup into a new data directory.
func (k *kept) restored(path string) *kept {
	k.t.Helper()
	other := *k
	other.data = filepath.Join(k.t.TempDir(), "restored")
	k.must(os.Mkdir(other.data, 0o700))
	if out, err := exec.CommandContext(k.t.Context(), "tar", "-xf", path, "-C", other.data).CombinedOutput(); err != nil {
		k.t.Fatalf("%v: %s", err, out)
	}
	return &other
}

// A backup that is unpacked into an empty directory is what the service was, whether
// it ran or not, however long the path of its data is.
func TestBackupIsRestoredByUnpacking(t *testing.T) {
	for _, running := range []bool{true, false} {
		for _, folder := range []string{"data", strings.Repeat("long", 30)} {
			k := keepSecrets(t)
			moved := filepath.Join(t.TempDir(), folder)
			k.must(os.Rename(k.data, moved))
			k.data = moved
			var path string
			if running {
				p, f := k.start()
				path = k.backup()
				f.want(k.near.revoke(), http.StatusNoContent, "")
				if out, code := k.runs("backup", path); code != 1 || !strings.Contains(out, "exists") {
					t.Errorf("a second backup under the same name exits with %d: %s", code, out)
				}
				testkit.Await(t, "log of the backup", func() bool { return strings.Contains(p.out.String(), `"event":"backup"`) }, p.out)
				k.stop(p)
			} else {
				path = k.backup()
			}
			if _, err := os.Stat(filepath.Join(k.data, socketName)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a socket is left: %v", err)
			}
			other := k.restored(path)
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
				t.Errorf("beside the backup there are %v, %v", left, err)
			}
			p, f := other.start()
			f.want(k.near.read(keyOf("restored")), http.StatusOK, "")
			f.want(k.far.read(keyOf("restored")), http.StatusOK, "")
			other.stop(p)
		}
	}
}

func TestBackupToStandardOutput(t *testing.T) {
	k := keepSecrets(t)
	p, _ := k.start()
	out := &bytes.Buffer{}
	if code := command(t.Context(), []string{"backup", "-"}, []string{"SSS_DATA=" + k.data}, out, io.Discard); code != 0 {
		t.Errorf("exit code %d", code)
	}
	k.stop(p)
	names := ""
	for r := tar.NewReader(out); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		k.must(err)
		names += h.Name + " "
	}
	if !strings.HasPrefix(names, "store.db keyring/ keyring/id keyring/kek-") || strings.Contains(names, "admin") {
		t.Errorf("the entries are %s", names)
	}
}

func TestBackupIsRefused(t *testing.T) {
	k := keepSecrets(t)
	k.must(os.Remove(filepath.Join(k.data, "store.db")))
	if out, code := k.runs("backup", filepath.Join(t.TempDir(), "b")); code != 1 || !strings.Contains(out, "no such file") {
		t.Errorf("without a store: exit code %d, %s", code, out)
	}
	stderr := &testkit.Output{}
	code := command(context.Background(), []string{"backup", "-"}, []string{"SSS_TABLE_URL=http://127.0.0.1:1/x", "SSS_DATA=" + k.data}, io.Discard, stderr)
	if code != 1 || !strings.Contains(stderr.String(), "SSS_TABLE_URL") {
		t.Errorf("with Table Storage: exit code %d, %s", code, stderr)
	}
}

// A backup that would not bring the secrets back is refused, with what is wrong.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	k := keepSecrets(t)
	whole := k.backup()
	for _, c := range []struct {
		name  string
		spoil func(name string, data []byte) (newName string, newData []byte)
		want  string
	}{
		{"nothing", func(name string, data []byte) (string, []byte) { return name, data }, "is whole"},
		{"without the store", func(name string, data []byte) (string, []byte) {
			return strings.TrimPrefix(name, "store.db"), data
		}, "has no store.db"},
		{"without a key", func(name string, data []byte) (string, []byte) {
			return strings.TrimPrefix(name, "keyring/"+filepath.Base(k.nearKey)), data
		}, "is missing, and 1 secrets need it"},
		{"with another key", func(name string, data []byte) (string, []byte) {
			if name == "keyring/"+filepath.Base(k.nearKey) {
				data = bytes.Repeat([]byte{1}, 32)
			}
			return name, data
		}, "is missing, and 1 secrets need it"},
		{"with a truncated key", func(name string, data []byte) (string, []byte) {
			if name == "keyring/"+filepath.Base(k.nearKey) {
				data = data[:31]
			}
			return name, data
		}, "31 bytes, want 32"},
		{"with another id", func(name string, data []byte) (string, []byte) {
			if name == "keyring/id" {
				data = []byte("0011223344556677\n")
			}
			return name, data
		}, "not the one that the store was used with"},
		{"with a damaged page", func(name string, data []byte) (string, []byte) {
			if name == "store.db" {
				data[os.Getpagesize()+20] ^= 1 // in a meta page
			}
			return name, data
		}, "damaged, or not a store"},
		{"with a truncated store", func(name string, data []byte) (string, []byte) {
			if name == "store.db" {
				data = data[:len(data)/2]
			}
			return name, data
		}, "damaged, or not a store"},
		{"with a path out of the directory", func(name string, data []byte) (string, []byte) {
			return strings.Replace(name, "keyring/id", "keyring/../../id", 1), data
		}, "does not belong into a backup"},
		{"with a large key", func(name string, data []byte) (string, []byte) {
			if name == "keyring/id" {
				data = make([]byte, 2000)
			}
			return name, data
		}, "larger than a key"},
	} {
		path := filepath.Join(t.TempDir(), "spoiled.tar")
		k.must(repack(whole, path, c.spoil))
		out, code := k.runs("verify", path)
		if (code == 0) != (c.want == "is whole") || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, %s", c.name, code, out)
		}
	}
	k.must(os.Truncate(whole, 9000))
	if out, code := k.runs("verify", whole); code != 1 {
		t.Errorf("a truncated file: exit code %d, %s", code, out)
	}
}

// repack copies a tar file with edited names and contents. An entry with an empty name
// is left out.
func repack(from, to string, edit func(name string, data []byte) (string, []byte)) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for r := tar.NewReader(file); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return errors.Join(w.Close(), os.WriteFile(to, out.Bytes(), 0o600))
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if h.Name, data = edit(h.Name, data); h.Name == "" {
			continue
		}
		h.Size = int64(len(data))
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
}

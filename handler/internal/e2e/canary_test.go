//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/envelope"
)

const (
	canaryText       = "canary of the plaintext: 5f1e4c0a9b"
	canaryPassphrase = "canary of the passphrase: d2c87e31"
)

// forms returns a value as it could be written somewhere.
func forms(value []byte) map[string][]byte {
	return map[string][]byte{
		"raw": value, "base64url": []byte(base64.RawURLEncoding.EncodeToString(value)),
		"base64": []byte(base64.RawStdEncoding.EncodeToString(value)), "hex": []byte(hex.EncodeToString(value)),
	}
}

// canaries returns what must be found nowhere; of the reader's device only, what
// must not even be in the service's memory.
func canaries(s *sent) (device, proofs map[string][]byte) {
	link := s.link.String()
	device = map[string][]byte{
		"plaintext": []byte(canaryText), "passphrase": []byte(canaryPassphrase), "link key": s.link.Key[:],
		"link": []byte(link[strings.Index(link, "#")+1:][:40]),
	}
	return device, map[string][]byte{"claim": s.keys.Claim[:], "access": s.keys.Access[:], "manage": s.manage.Manage[:]}
}

// TestSecretsAreFoundNowhere sends known values along every path, faults among
// them, and looks for them in logs, answers, metrics, files and memory.
func TestSecretsAreFoundNowhere(t *testing.T) {
	metrics := freeAddress(t)
	p := standalone(t, "SSS_LOG=trace", "SSS_METRICS_LISTEN="+metrics)
	s, answers := everyPath(t, p.url)
	answers = append(answers, fetch(t, "http://"+metrics+"/metrics")...)
	places := map[string][]byte{"log": []byte(p.out.String()), "answers and metrics": answers}
	for name, data := range files(t, p) {
		places[name] = data
	}
	device, proofs := canaries(s)
	for place, data := range places {
		for _, values := range []map[string][]byte{device, proofs} {
			expectNone(t, place, data, values)
		}
	}
	memory := memoryOf(t, p.cmd.Process.Pid)
	if !bytes.Contains(memory, []byte(metrics)) {
		t.Fatal("the search of the memory finds nothing that must be there")
	}
	expectNone(t, "memory", memory, device)
	if !strings.Contains(p.out.String(), `"operation":"unlock"`) || !bytes.Contains(answers, []byte("wrong-passphrase")) {
		t.Error("not every path was taken")
	}
}

// TestAHostedHandlerWritesNoSecret does the same under the host, with a vault that fails.
func TestAHostedHandlerWritesNoSecret(t *testing.T) {
	h, vault := hosted(t, "SSS_LOG=trace")
	vault.Fail("unwrap", http.StatusInternalServerError, 4)
	s, answers := everyPath(t, h.URL())
	var log bytes.Buffer
	for _, line := range h.Logs() {
		log.WriteString(line.Text + "\n")
	}
	device, proofs := canaries(s)
	for place, data := range map[string][]byte{"log": log.Bytes(), "answers": answers} {
		expectNone(t, place, data, device)
		expectNone(t, place, data, proofs)
	}
	if !strings.Contains(log.String(), `"status":503`) || strings.Contains(log.String(), envelope.FormatID(s.keys.ID)) {
		t.Errorf("the log shows no fault, or a whole id:\n%s", &log)
	}
}

func expectNone(t *testing.T, place string, data []byte, values map[string][]byte) {
	t.Helper()
	for name, value := range values {
		for form, sought := range forms(value) {
			if bytes.Contains(data, sought) {
				t.Errorf("%s: holds the %s (%s)", place, name, form)
			}
		}
	}
}

// everyPath uses one secret in every way, right and wrong, and returns what was answered.
func everyPath(t *testing.T, url string) (*sent, []byte) {
	t.Helper()
	s, err := seal(url, canaryText, canaryPassphrase, 2)
	if err != nil {
		t.Fatal(err)
	}
	c, ctx := dial(t, url), t.Context()
	var answers []byte
	misuse := func() {
		for _, r := range misuses(t, url, s) {
			answers = append(answers, do(t, r)...)
		}
	}
	misuse()
	if _, err := c.Create(ctx, s.keys, s.manage, s.sealed); err != nil {
		t.Fatal(err)
	}
	misuse()
	key := newKey()
	if err := s.open(ctx, c, key); err != nil {
		t.Fatal(err)
	}
	for i := range 11 { // until it freezes
		guess := *s.keys
		guess.Claim[0] += byte(i + 1)
		_, err := c.Read(ctx, &guess, newKey())
		answers = append(answers, err.Error()...)
	}
	_, statusErr := c.Status(ctx, s.link)
	_, receiptErr := c.Receipt(ctx, s.manage)
	for _, err := range []error{statusErr, receiptErr, c.Unlock(ctx, s.manage, newKey()), c.Ack(ctx, s.keys, key), c.Revoke(ctx, s.manage)} {
		if err != nil {
			t.Error(err)
		}
	}
	misuse()
	return s, answers
}

// misuses are requests with secrets in the wrong places, and damaged ones.
func misuses(t *testing.T, url string, s *sent) []*http.Request {
	t.Helper()
	encoded := base64.RawURLEncoding.EncodeToString
	id, access, claim, manage := envelope.FormatID(s.keys.ID), encoded(s.keys.Access[:]), encoded(s.keys.Claim[:]), encoded(s.manage.Manage[:])
	var all []*http.Request
	for _, m := range []struct{ method, path, access, claim, key, body string }{
		{"GET", "/api/secrets/" + id, access, "", "", ""},
		{"GET", "/api/secrets/" + id + "?claim=" + claim, access + "x", "", "", ""},
		{"GET", "/api/secrets/" + access, access, "", "", ""},
		{"GET", "/api/secrets/" + claim + "/" + manage, "", "", "", ""},
		{"POST", "/api/secrets/" + id + "/read", access, claim, claim[:5], ""},
		{"POST", "/api/secrets/" + id + "/read", access, claim + manage, access, ""},
		{"POST", "/api/secrets/" + id + "/ack", manage, "", access, ""},
		{"POST", "/api/secrets", "", "", "", `{"` + claim + `":"` + manage + `"}`},
		{"POST", "/api/secrets", "", "", "", `{"envelope":"` + access + `","access_hash":"` + claim + `x","claim_hash":"` + manage + `","manage_hash":"` + manage + `"}`},
		{"PUT", "/" + access + "/" + claim, "", "", "", manage},
	} {
		r, err := http.NewRequestWithContext(t.Context(), m.method, url+m.path, strings.NewReader(m.body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Secret-Access": m.access, "Secret-Claim": m.claim, "Idempotency-Key": m.key, "Content-Type": "application/json"} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		all = append(all, r)
	}
	return all
}

// do returns an answer's header and body, less an echo of what a browser would send anyway.
func do(t *testing.T, r *http.Request) []byte {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out bytes.Buffer
	_ = res.Header.Write(&out)
	_, _ = io.Copy(&out, res.Body)
	return out.Bytes()
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

// files returns what the process keeps on disk.
func files(t *testing.T, p *process) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(p.data(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[d.Name()], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || all["store.db"] == nil {
		t.Fatalf("read the data directory: %d files, %v", len(all), err)
	}
	return all
}

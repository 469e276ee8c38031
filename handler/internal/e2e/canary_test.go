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

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

const (
	canaryText       = "canary of the plaintext: 5f1e4c0a9b"
	canaryPassphrase = "canary of the passphrase: d2c87e31"
)

// encodings returns a value in each encoding in which it could be written.
func encodings(value []byte) map[string][]byte {
	return map[string][]byte{
		"raw": value, "base64url": []byte(base64.RawURLEncoding.EncodeToString(value)),
		"base64": []byte(base64.RawStdEncoding.EncodeToString(value)), "hex": []byte(hex.EncodeToString(value)),
	}
}

// canaries returns the values that must be found nowhere outside of the memory of
// the service. Those that exist only on the reader's device must not be there either.
func canaries(s *sent) (device, proofs map[string][]byte) {
	link := s.link.String()
	device = map[string][]byte{
		"plaintext": []byte(canaryText), "passphrase": []byte(canaryPassphrase), "link key": s.link.Key[:],
		"link": []byte(link[strings.Index(link, "#")+1:][:40]),
	}
	return device, map[string][]byte{"claim": s.keys.Claim[:], "access": s.keys.Access[:], "manage": s.manage.Manage[:]}
}

// TestSecretsAppearNowhere sends known values to every function, in valid and
// invalid requests, and searches logs, answers, metrics, files and memory.
func TestSecretsAppearNowhere(t *testing.T) {
	metrics := testkit.FreeAddress(t)
	p := standalone(t, "SSS_LOG=trace", "SSS_METRICS_LISTEN="+metrics)
	s, answers := useEveryFunction(t, p.url)
	answers = append(answers, fetch(t, "http://"+metrics+"/metrics")...)
	places := map[string][]byte{"log": []byte(p.Out.String()), "answers and metrics": answers}
	for name, data := range files(t, p.data) {
		places[name] = data
	}
	device, proofs := canaries(s)
	for place, data := range places {
		for _, values := range []map[string][]byte{device, proofs} {
			expectNone(t, place, data, values)
		}
	}
	memory := memoryOf(t, p.Cmd.Process.Pid)
	if !bytes.Contains(memory, []byte(metrics)) {
		t.Fatal("the search of the memory does not find a known setting")
	}
	expectNone(t, "memory", memory, device)
	if !strings.Contains(p.Out.String(), `"operation":"unlock"`) || !bytes.Contains(answers, []byte("wrong-passphrase")) {
		t.Error("not every function was called")
	}
}

// TestAHostedHandlerLogsNoSecret does the same under the host, with a failing vault.
func TestAHostedHandlerLogsNoSecret(t *testing.T) {
	h, vault := hosted(t, "SSS_LOG=trace")
	vault.Fail("unwrap", http.StatusInternalServerError, 4)
	s, answers := useEveryFunction(t, h.URL())
	log := h.Out.String()
	device, proofs := canaries(s)
	for place, data := range map[string][]byte{"log": []byte(log), "answers": answers} {
		expectNone(t, place, data, device)
		expectNone(t, place, data, proofs)
	}
	if !strings.Contains(log, `"status":503`) || strings.Contains(log, s.keys.ID.String()) {
		t.Errorf("the log has no 503, or a whole id:\n%s", log)
	}
}

func expectNone(t *testing.T, place string, data []byte, values map[string][]byte) {
	t.Helper()
	for name, value := range values {
		for encoding, sought := range encodings(value) {
			if bytes.Contains(data, sought) {
				t.Errorf("%s contains the %s (%s)", place, name, encoding)
			}
		}
	}
}

// useEveryFunction calls every function with one secret, with right and wrong
// proofs, and returns the answers.
func useEveryFunction(t *testing.T, url string) (*sent, []byte) {
	t.Helper()
	s, err := seal(url, canaryText, canaryPassphrase, 2)
	if err != nil {
		t.Fatal(err)
	}
	c, ctx := dial(t, url), t.Context()
	var answers []byte
	sendMisuses := func() {
		for _, r := range misuses(t, url, s) {
			answers = append(answers, do(t, r)...)
		}
	}
	sendMisuses()
	if _, err := c.Create(ctx, s.keys, s.manage, s.sealed); err != nil {
		t.Fatal(err)
	}
	sendMisuses()
	key := newKey()
	if err := s.open(ctx, c, key); err != nil {
		t.Fatal(err)
	}
	for i := range 11 { // the tenth freezes the secret
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
	sendMisuses()
	return s, answers
}

// misuses returns malformed requests and some with secrets in the wrong places.
func misuses(t *testing.T, url string, s *sent) []*http.Request {
	t.Helper()
	encoded := base64.RawURLEncoding.EncodeToString
	id, access, claim, manage := s.keys.ID.String(), encoded(s.keys.Access[:]), encoded(s.keys.Claim[:]), encoded(s.manage.Manage[:])
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

// do sends a request and returns the header and the body of its answer.
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

// files returns the content of the files in a data directory, by their names.
func files(t *testing.T, data string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[d.Name()], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || all["store.db"] == nil {
		t.Fatalf("read the data directory: %d files, %v", len(all), err)
	}
	return all
}

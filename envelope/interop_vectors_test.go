//go:build e2e

package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// judge opens each envelope of a list, or derives only the keys if there is none, and prints
// the meta and the SHA-256 of the data, or the claim, or "bad".
const judge = `
import hashlib, json, sys
sys.path.insert(0, "testdata")
import interop
def verdict(link, passphrase, envelope):
    try:
        if envelope == "none":
            return interop.derive(link, passphrase)[2].hex()
        meta, data = interop.open_envelope(link, passphrase, bytes.fromhex(envelope))
        return "/".join([*meta, hashlib.sha256(data).hexdigest()])
    except Exception:
        return "bad"
json.dump([verdict(*case) for case in json.load(sys.stdin)], sys.stdout)
`

// TestPythonAgreesOnTheVectors leaves out passphrases that are judged by characters which are
// newer than Python's version of Unicode, or than the format's.
func TestPythonAgreesOnTheVectors(t *testing.T) {
	w, cases := newWorkshop(t), [][3]string{}
	var names, want []string
	file := loadVectors(t)
	for _, v := range file.Envelopes {
		l := Link{Origin: vectorOrigin, Key: [32]byte(v.Key), Slot: v.Slot}
		cases = append(cases, [3]string{l.String(), v.Passphrase, hex.EncodeToString(w.build(t, v))})
		names, want = append(names, v.Name), append(want, "bad")
		if v.Error == "" {
			sum := sha256.Sum256(v.Data.bytes())
			want[len(want)-1] = strings.Join([]string{v.Meta.Type, v.Meta.Name, v.Meta.Media, hex.EncodeToString(sum[:])}, "/")
		}
	}
	for _, v := range file.Keys {
		if strings.Contains(v.Name, "Unicode") {
			continue
		}
		l := Link{Origin: vectorOrigin, Key: [32]byte(v.Key), Slot: v.Slot}
		cases = append(cases, [3]string{l.String(), v.Passphrase, "none"})
		names, want = append(names, v.Name), append(want, "bad")
		if v.Error == "" {
			want[len(want)-1] = hex.EncodeToString(v.Claim)
		}
	}
	for i, verdict := range judged(t, cases) {
		if verdict != want[i] {
			t.Errorf("%s: Python says %s, want %s", names[i], verdict, want[i])
		}
	}
	t.Logf("%d vectors", len(cases))
}

func judged(t *testing.T, cases [][3]string) []string {
	t.Helper()
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Getenv("PYTHON"), "-B", "-c", judge)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	if err := json.Unmarshal(output, &verdicts); err != nil || len(verdicts) != len(cases) {
		t.Fatalf("%d verdicts on %d vectors, %v", len(verdicts), len(cases), err)
	}
	return verdicts
}

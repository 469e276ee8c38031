//go:build e2e

package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// judge opens each envelope of a list and prints the SHA-256 of its data, or "bad".
const judge = `
import hashlib, json, sys
sys.path.insert(0, "testdata")
import interop
def verdict(link, passphrase, envelope):
    try:
        return hashlib.sha256(interop.open_envelope(link, passphrase, bytes.fromhex(envelope))[1]).hexdigest()
    except Exception:
        return "bad"
json.dump([verdict(*case) for case in json.load(sys.stdin)], sys.stdout)
`

// TestPythonAgreesOnTheVectors leaves out malformed JSON, which the short program accepts.
func TestPythonAgreesOnTheVectors(t *testing.T) {
	w, cases := newWorkshop(t), [][3]string{}
	vectors := loadVectors(t).Envelopes
	for _, v := range vectors {
		l := Link{Origin: vectorOrigin, Key: [32]byte(v.Key), Slot: v.Slot}
		cases = append(cases, [3]string{l.String(), v.Passphrase, hex.EncodeToString(w.build(t, v))})
	}
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
	if err := json.Unmarshal(output, &verdicts); err != nil || len(verdicts) != len(vectors) {
		t.Fatalf("%d verdicts on %d vectors, %v", len(verdicts), len(vectors), err)
	}
	for i, v := range vectors {
		want := "bad"
		if v.Error == "" {
			sum := sha256.Sum256(v.Data.bytes())
			want = hex.EncodeToString(sum[:])
		}
		if verdicts[i] != want && v.Error != "content" {
			t.Errorf("%s: Python says %s, want %s", v.Name, verdicts[i], want)
		}
	}
	t.Logf("%d vectors", len(vectors))
}

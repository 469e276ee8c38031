//go:build bench

package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// adminKey is the operators' key of the services.
const adminKey = "bench"

var handlerBinary, bareBinary string

func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	handlerBinary, bareBinary = filepath.Join(dir, "handler"), filepath.Join(dir, "bare")
	for from, to := range map[string]string{"../..": handlerBinary, "./testdata/bare": bareBinary} {
		c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, from)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("build %s: %w: %s", from, err, out)
		}
	}
	return m.Run(), nil
}

// service starts the handler with its defaults, but without a rate limit.
func service(b *testing.B) (url string, pid int) {
	b.Helper()
	address, sum := testkit.FreeAddress(b), sha256.Sum256([]byte(adminKey))
	c := exec.Command(handlerBinary)
	c.Env = []string{"SSS_LISTEN=" + address, "SSS_DATA=" + filepath.Join(b.TempDir(), "data"), "SSS_RATE=off", "SSS_ADMIN_KEYS=" + hex.EncodeToString(sum[:])}
	p := testkit.Start(b, c)
	p.AwaitAnswer(b, "http://"+address+"/api/health")
	return "http://" + address, c.Process.Pid
}

// bare starts the net/http handler that the service is compared with.
func bare(b *testing.B) (url string) {
	b.Helper()
	address := testkit.FreeAddress(b)
	testkit.Start(b, exec.Command(bareBinary, address)).AwaitAnswer(b, "http://"+address)
	return "http://" + address
}

// mebibytes returns the value of a line of /proc/PID/status, in MiB.
func mebibytes(b *testing.B, pid int, name string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	var n int
	_, rest, _ := strings.Cut(string(status), name+":")
	if _, err := fmt.Sscanf(rest, "%d kB", &n); err != nil {
		b.Fatal(err)
	}
	return float64(n) / 1024
}

//go:build bench

package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// adminKey is the operators' key of the services.
const adminKey = "bench"

var handlerBinary, bareBinary string

func TestMain(m *testing.M) {
	code := 1
	if dir, err := os.MkdirTemp("", "bench-"); err == nil {
		handlerBinary, bareBinary = filepath.Join(dir, "handler"), filepath.Join(dir, "bare")
		if err = build(handlerBinary, "../.."); err == nil {
			err = build(bareBinary, "./testdata/bare")
		}
		if err == nil {
			code = m.Run()
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func build(to, from string) error {
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, from)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", from, err, out)
	}
	return nil
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start starts a program and waits until it answers.
func start(b *testing.B, url string, c *exec.Cmd) {
	b.Helper()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for deadline := time.Now().Add(20 * time.Second); !answers(url); {
		if time.Now().After(deadline) {
			b.Fatalf("no answer from %s", url)
		}
	}
}

func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return true
}

// service starts the handler with its defaults, but for the rate limit.
func service(b *testing.B) (url string, pid int) {
	b.Helper()
	address, sum := freeAddress(b), sha256.Sum256([]byte(adminKey))
	c := exec.Command(handlerBinary)
	c.Env = []string{"SSS_LISTEN=" + address, "SSS_DATA=" + filepath.Join(b.TempDir(), "data"), "SSS_RATE=off", "SSS_ADMIN_KEYS=" + hex.EncodeToString(sum[:])}
	start(b, "http://"+address+"/api/health", c)
	return "http://" + address, c.Process.Pid
}

func bare(b *testing.B) (url string) {
	b.Helper()
	address := freeAddress(b)
	start(b, "http://"+address, exec.Command(bareBinary, address))
	return "http://" + address
}

// mebibytes returns a line of /proc/PID/status.
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

//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// memoryOf returns the writable memory of a process.
func memoryOf(t *testing.T, pid int) []byte {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = memory.Close() }()
	var all bytes.Buffer
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var from, to uint64
		var modes string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &modes); err != nil {
			t.Fatalf("read maps: %v", err)
		}
		if !strings.HasPrefix(modes, "rw") {
			continue
		}
		region := make([]byte, to-from)
		n, _ := memory.ReadAt(region, int64(from)) // pages that cannot be read were never written
		all.Write(region[:n])
	}
	return all.Bytes()
}

// kibibytes returns the value of a line of /proc/PID/status, in KiB.
func kibibytes(t testing.TB, pid int, name string) (n int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	if _, err := fmt.Sscanf(rest, "%d kB", &n); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return n
}

//go:build selfhost

package e2e

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const unit = "secret-sharer.service"

// TestTheUnitIsValid verifies the unit by systemd-analyze, under a temporary root.
func TestTheUnitIsValid(t *testing.T) {
	root := t.TempDir()
	for name, mode := range map[string]os.FileMode{"/usr/local/bin/secret-sharer": 0o755, "/bin/sh": 0o755, "/etc/secret-sharer.env": 0o600, "/usr/lib/systemd/system/" + unit: 0o644} {
		text, err := os.ReadFile(released(t, unit))
		if err == nil {
			err = os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, code := run(t, exec.Command("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", "--root="+root, unit), "")
	if code != 0 || strings.Contains(stderr, "secret-sharer") {
		t.Errorf("verify exits with %d:\n%s", code, stderr)
	}
}

// maxExposure is the highest exposure that systemd may rate the unit with, in
// tenths of its scale from 0 to 10.
const maxExposure = "12"

func TestTheUnitExposesLittle(t *testing.T) {
	report, stderr, code := run(t, exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold="+maxExposure, released(t, unit)), "")
	if code != 0 {
		t.Errorf("more than %s tenths: %s\n%s", maxExposure, report, stderr)
	}
	lines := strings.Split(strings.TrimSpace(report), "\n")
	t.Log(lines[len(lines)-1])
}

// TestTheServiceNeedsOnlyTheSystemCallsOfTheUnit runs the packaged binary with no
// other system calls than those that the unit allows.
func TestTheServiceNeedsOnlyTheSystemCallsOfTheUnit(t *testing.T) {
	c := newContainer(t, object{
		"defaultAction": "SCMP_ACT_ERRNO", "architectures": []string{"SCMP_ARCH_X86_64"},
		"syscalls": []object{{"names": allowedCalls(t), "action": "SCMP_ACT_ALLOW"}},
	})
	c.start(t)
	c.open(t, c.send(t, "with few system calls"), "with few system calls")
	c.stop(t)
	if strings.Contains(c.run.Out.String(), `"level":"error"`) {
		t.Errorf("it logged an error:\n%s", c.run.Out)
	}
}

var filterLine = regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`)

// allowedCalls lists the system calls that the unit allows.
func allowedCalls(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(released(t, unit))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, line := range filterLine.FindAllStringSubmatch(string(text), -1) {
		for _, set := range strings.Fields(line[2]) {
			for _, name := range callsOf(t, set) {
				allowed[name] = line[1] == ""
			}
		}
	}
	maps.DeleteFunc(allowed, func(_ string, allow bool) bool { return !allow })
	if len(allowed) < 100 || allowed["reboot"] {
		t.Fatalf("%d system calls in systemd's list, or reboot among them", len(allowed))
	}
	return slices.Sorted(maps.Keys(allowed))
}

// callsOf lists the system calls of one of systemd's sets, and of the sets in it.
func callsOf(t *testing.T, set string) (names []string) {
	t.Helper()
	text, stderr, code := run(t, exec.Command("systemd-analyze", "--no-pager", "syscall-filter", set), "")
	if code != 0 {
		t.Fatalf("%s: %s", set, stderr)
	}
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == set || line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "@"):
			names = append(names, callsOf(t, line)...)
		default:
			names = append(names, line)
		}
	}
	return names
}

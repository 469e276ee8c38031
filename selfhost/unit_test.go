//go:build selfhost

package selfhost

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

// TestTheUnitIsValid asks systemd about the unit, as it is installed under a root of its own.
func TestTheUnitIsValid(t *testing.T) {
	root := t.TempDir()
	for name, mode := range map[string]os.FileMode{"/usr/local/bin/secret-sharer": 0o755, "/bin/sh": 0o755, "/etc/secret-sharer.env": 0o600, "/usr/lib/systemd/system/" + unit: 0o644} {
		text, err := os.ReadFile(unit)
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
	_, said, code := run(t, exec.Command("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", "--root="+root, unit), "")
	if code != 0 || strings.Contains(said, "secret-sharer") {
		t.Errorf("verify exits with %d:\n%s", code, said)
	}
}

// exposed is the most that systemd may find; of 10, in tenths.
const exposed = "12"

func TestTheUnitExposesLittle(t *testing.T) {
	found, said, code := run(t, exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold="+exposed, unit), "")
	if code != 0 {
		t.Errorf("more than %s tenths: %s\n%s", exposed, found, said)
	}
	lines := strings.Split(strings.TrimSpace(found), "\n")
	t.Log(lines[len(lines)-1])
}

// TestTheServiceKeepsToTheUnitsSystemCalls runs the packaged binary with no other
// system calls than those of the unit.
func TestTheServiceKeepsToTheUnitsSystemCalls(t *testing.T) {
	c := newContainer(t, object{
		"defaultAction": "SCMP_ACT_ERRNO", "architectures": []string{"SCMP_ARCH_X86_64"},
		"syscalls": []object{{"names": filter(t), "action": "SCMP_ACT_ALLOW"}},
	})
	c.start(t)
	c.open(t, c.hand(t, "by few calls"), "by few calls")
	c.stop(t)
	if strings.Contains(c.out.String(), `"level":"error"`) {
		t.Errorf("it met a fault:\n%s", c.out)
	}
}

var filterLine = regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`)

// filter lists the system calls that the unit allows.
func filter(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, line := range filterLine.FindAllStringSubmatch(string(text), -1) {
		for _, set := range strings.Fields(line[2]) {
			for _, name := range members(t, set) {
				allowed[name] = line[1] == ""
			}
		}
	}
	maps.DeleteFunc(allowed, func(_ string, allow bool) bool { return !allow })
	if len(allowed) < 100 || allowed["reboot"] {
		t.Fatalf("systemd's list of %d calls is not understood", len(allowed))
	}
	return slices.Sorted(maps.Keys(allowed))
}

// members are the calls of one of systemd's sets, and of the sets in it.
func members(t *testing.T, set string) (names []string) {
	t.Helper()
	text, said, code := run(t, exec.Command("systemd-analyze", "--no-pager", "syscall-filter", set), "")
	if code != 0 {
		t.Fatalf("%s: %s", set, said)
	}
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == set || line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "@"):
			names = append(names, members(t, line)...)
		default:
			names = append(names, line)
		}
	}
	return names
}

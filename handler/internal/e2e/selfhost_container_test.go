//go:build selfhost

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// container is the image under runc with the limits of compose.yaml: a read-only
// root, no capability, no new privileges, a network of its own.
type container struct {
	id     string
	bundle string
	config imageConfig
	run    *testkit.Process
}

type object = map[string]any

func newContainer(t *testing.T, seccomp object) *container {
	t.Helper()
	c := &container{id: "sss-" + strconv.Itoa(os.Getpid()) + "-" + strings.ToLower(t.Name()), bundle: t.TempDir()}
	root := filepath.Join(c.bundle, "rootfs")
	if err := os.Mkdir(root, 0o755); err != nil { // only the owner may enter what TempDir returns
		t.Fatal(err)
	}
	c.config = loadImage(t, root)
	if _, stderr, code := run(t, c.runc("spec"), ""); code != 0 {
		t.Fatalf("runc spec: %s", stderr)
	}
	// sss runs inside: nothing reaches the container's network from outside.
	if err := os.WriteFile(filepath.Join(root, "sss"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.configure(t, seccomp)
	t.Cleanup(func() { _, _, _ = run(t, exec.Command("runc", "delete", "--force", c.id), "") })
	return c
}

func (c *container) configure(t *testing.T, seccomp object) {
	t.Helper()
	name := filepath.Join(c.bundle, "config.json")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Version string   `json:"ociVersion"`
		Process object   `json:"process"`
		Root    object   `json:"root"`
		Mounts  []object `json:"mounts"`
		Linux   object   `json:"linux"`
	}
	parseJSON(t, data, &spec)
	uid, gid, _ := strings.Cut(c.config.User, ":")
	spec.Process["user"] = object{"uid": number(t, uid), "gid": number(t, gid)}
	spec.Process["args"], spec.Process["terminal"], spec.Process["capabilities"] = c.config.Entrypoint, false, object{}
	spec.Process["env"] = append(c.config.Env, "SSS_ORIGIN=http://127.0.0.1:7071")
	spec.Root["readonly"] = true
	for volume := range c.config.Volumes {
		source := filepath.Join(c.bundle, "rootfs", volume)
		spec.Mounts = append(spec.Mounts, object{"destination": volume, "type": "bind", "source": source, "options": []string{"bind", "rw", "nosuid", "noexec", "nodev"}})
	}
	spec.Mounts = append(spec.Mounts, object{"destination": "/sss", "type": "bind", "source": sssPath, "options": []string{"bind", "ro"}})
	if seccomp != nil {
		spec.Linux["seccomp"] = seccomp
	}
	if data, err = json.Marshal(spec); err == nil {
		err = os.WriteFile(name, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil || n == 0 {
		t.Fatalf("the image runs as %q", text)
	}
	return n
}

func (c *container) runc(args ...string) *exec.Cmd {
	cmd := exec.Command("runc", args...)
	cmd.Dir = c.bundle
	return cmd
}

// start starts the container and waits until its own health check succeeds.
func (c *container) start(t *testing.T) {
	t.Helper()
	c.run = testkit.Start(t, c.runc("run", c.id))
	testkit.Await(t, "health", func() bool {
		_, _, code := c.exec(t, "", c.config.Healthcheck.Test[1:]...)
		return code == 0
	}, c.run.Out)
}

// exec runs a program in the container.
func (c *container) exec(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return run(t, c.runc(append([]string{"exec", c.id}, args...)...), stdin)
}

// stop ends the container as docker stop does.
func (c *container) stop(t *testing.T) {
	t.Helper()
	if _, stderr, code := run(t, c.runc("kill", c.id, "TERM"), ""); code != 0 {
		t.Fatalf("kill: %s", stderr)
	}
	if err := c.run.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, c.run.Out)
	}
}

// pid returns the handler's process id outside of the container.
func (c *container) pid(t *testing.T) int {
	t.Helper()
	state, stderr, code := run(t, c.runc("state", c.id), "")
	if code != 0 {
		t.Fatalf("state: %s", stderr)
	}
	var is struct{ Pid int }
	parseJSON(t, []byte(state), &is)
	return is.Pid
}

// send makes a secret inside the container and returns its link.
func (c *container) send(t *testing.T, text string) string {
	t.Helper()
	link, stderr, code := c.exec(t, text, "/sss", "send", "--ttl", "1h")
	if code != 0 {
		t.Fatalf("send exits with %d: %s\n%s", code, stderr, c.run.Out)
	}
	return strings.TrimSpace(link)
}

// open reads a secret inside the container and checks it.
func (c *container) open(t *testing.T, link, want string) {
	t.Helper()
	if text, stderr, code := c.exec(t, "", "/sss", "open", link); code != 0 || text != want {
		t.Errorf("open exits with %d: %q\n%s", code, text, stderr)
	}
}

func TestTheImageKeepsSecretsOverARestart(t *testing.T) {
	c := newContainer(t, nil)
	c.start(t)
	c.open(t, c.send(t, "db password: hunter2"), "db password: hunter2")
	kept := c.send(t, "read after the restart")
	c.stop(t)
	c.start(t)
	c.open(t, kept, "read after the restart")
	c.stop(t)
}

func TestTheImageRunsWithoutPrivileges(t *testing.T) {
	c := newContainer(t, nil)
	c.start(t)
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.pid(t)), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Uid:\t65532\t65532\t65532\t65532", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(string(status), line) {
			t.Errorf("no line %q in\n%s", line, status)
		}
	}
	info, err := os.Stat(filepath.Join(c.bundle, "rootfs", "data", "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	if owner, is := info.Sys().(*syscall.Stat_t); !is || owner.Uid != 65532 || info.Mode().Perm() != 0o600 {
		t.Errorf("store.db is %v of %v", info.Mode(), owner)
	}
	c.stop(t)
}

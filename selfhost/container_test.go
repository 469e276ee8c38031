//go:build selfhost

package selfhost

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// container is the image under runc, as compose.yaml has it run: a root that
// cannot be written, no capability, no new privileges, a network of its own.
type container struct {
	id     string
	bundle string
	config imageConfig
	out    *output
	ended  chan error
}

type object = map[string]any

func newContainer(t *testing.T, seccomp object) *container {
	t.Helper()
	c := &container{id: "sss-" + strconv.Itoa(os.Getpid()) + "-" + strings.ToLower(t.Name()), bundle: t.TempDir()}
	root := filepath.Join(c.bundle, "rootfs")
	if err := os.Mkdir(root, 0o755); err != nil { // that of TempDir belongs to root alone
		t.Fatal(err)
	}
	c.config = loaded(t, root)
	if _, said, code := run(t, c.runc("spec"), ""); code != 0 {
		t.Fatalf("runc spec: %s", said)
	}
	// sss comes along, since nothing outside of the container's network reaches it.
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
	decode(t, data, &spec)
	uid, gid, _ := strings.Cut(c.config.User, ":")
	spec.Process["user"] = object{"uid": number(t, uid), "gid": number(t, gid)}
	spec.Process["args"], spec.Process["terminal"], spec.Process["capabilities"] = c.config.Entrypoint, false, object{}
	spec.Process["env"] = append(c.config.Env, "SSS_ORIGIN=http://127.0.0.1:7071")
	spec.Root["readonly"] = true
	for volume := range c.config.Volumes {
		source := filepath.Join(c.bundle, "rootfs", volume)
		spec.Mounts = append(spec.Mounts, object{"destination": volume, "type": "bind", "source": source, "options": []string{"bind", "rw", "nosuid", "noexec", "nodev"}})
	}
	spec.Mounts = append(spec.Mounts, object{"destination": "/sss", "type": "bind", "source": filepath.Join(given(t, "BIN"), "sss"), "options": []string{"bind", "ro"}})
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

// start runs the container until its own health check says that it is healthy.
func (c *container) start(t *testing.T) {
	t.Helper()
	c.out, c.ended = &output{}, make(chan error, 1)
	cmd := c.runc("run", c.id)
	cmd.Stdout, cmd.Stderr = c.out, c.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- cmd.Wait() }()
	await(t, "health", c.out, func() bool {
		_, _, code := c.exec(t, "", c.config.Healthcheck.Test[1:]...)
		return code == 0
	})
}

// exec runs a program in the container.
func (c *container) exec(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return run(t, c.runc(append([]string{"exec", c.id}, args...)...), stdin)
}

// stop ends it as docker stop does.
func (c *container) stop(t *testing.T) {
	t.Helper()
	if _, said, code := run(t, c.runc("kill", c.id, "TERM"), ""); code != 0 {
		t.Fatalf("kill: %s", said)
	}
	if err := <-c.ended; err != nil {
		t.Errorf("it ended with %v:\n%s", err, c.out)
	}
}

// pid is that of the handler, as the machine sees it.
func (c *container) pid(t *testing.T) int {
	t.Helper()
	state, said, code := run(t, c.runc("state", c.id), "")
	if code != 0 {
		t.Fatalf("state: %s", said)
	}
	var is struct{ Pid int }
	decode(t, []byte(state), &is)
	return is.Pid
}

// hand makes a secret in the container and returns its link.
func (c *container) hand(t *testing.T, text string) string {
	t.Helper()
	link, said, code := c.exec(t, text, "/sss", "send", "--ttl", "1h")
	if code != 0 {
		t.Fatalf("send exits with %d: %s\n%s", code, said, c.out)
	}
	return strings.TrimSpace(link)
}

// open reads a secret in the container.
func (c *container) open(t *testing.T, link, want string) {
	t.Helper()
	if text, said, code := c.exec(t, "", "/sss", "open", link); code != 0 || text != want {
		t.Errorf("open exits with %d: %q\n%s", code, text, said)
	}
}

func TestTheImageHandsASecretOver(t *testing.T) {
	c := newContainer(t, nil)
	c.start(t)
	c.open(t, c.hand(t, "db password: hunter2"), "db password: hunter2")
	kept := c.hand(t, "read after the restart")
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

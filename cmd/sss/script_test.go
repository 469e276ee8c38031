package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"sss": main}) }

// TestScripts runs testdata/script against the real server. The scripts are documentation, too.
func TestScripts(t *testing.T) {
	handler := buildHandler(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": func(ts *testscript.TestScript, _ bool, args []string) { startServer(ts, handler, args) },
			"exits":  exitsWith,
			"set":    set,
			"mode":   fileMode,
			"guide":  guide,
		},
	})
}

func buildHandler(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "handler")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../handler").CombinedOutput(); err != nil {
		t.Fatalf("build handler: %v\n%s", err, out)
	}
	return path
}

// startServer starts a server for the script, with settings NAME=value, and sets SSS_SERVER.
func startServer(ts *testscript.TestScript, handler string, settings []string) {
	address := freeAddress(ts)
	cmd := exec.Command(handler)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append([]string{"SSS_LISTEN=" + address, "SSS_DATA=data", "SSS_RATE=off"}, settings...)
	log, err := os.Create(ts.MkAbs("server.log"))
	ts.Check(err)
	cmd.Stdout, cmd.Stderr = log, log
	ts.Check(cmd.Start())
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		<-exited
		_ = log.Close()
	})
	server := "http://" + address
	awaitReady(ts, server, exited)
	ts.Setenv("SSS_SERVER", server)
}

func awaitReady(ts *testscript.TestScript, server string, exited <-chan struct{}) {
	for deadline := time.After(30 * time.Second); ; {
		if res, err := http.Get(server + "/api/health?ready=1"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-exited:
			ts.Fatalf("the server ended:\n%s", ts.ReadFile("server.log"))
		case <-deadline:
			ts.Fatalf("the server is not ready:\n%s", ts.ReadFile("server.log"))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// exitsWith is "exits CODE program args...": the program must end with this exit code.
func exitsWith(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	default:
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// set is "set NAME FILE PATTERN": NAME becomes what the pattern matches in the file, stdout or stderr.
func set(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[2]).FindString(ts.ReadFile(args[1]))
	if found == "" {
		ts.Fatalf("%s has no %s", args[1], args[2])
	}
	ts.Setenv(args[0], found)
}

// fileMode is "mode FILE OCTAL": the file must have this mode, with no temporary file beside it.
func fileMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("mode of %s is %s, want %s", args[0], got, args[1])
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(ts.MkAbs(args[0])), ".sss-*"))
	ts.Check(err)
	if len(left) > 0 {
		ts.Fatalf("left behind: %s", strings.Join(left, ", "))
	}
}

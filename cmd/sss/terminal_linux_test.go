package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// session is the program on its own terminal, with all three streams.
type session struct {
	t    *testing.T
	cmd  *exec.Cmd
	ctrl *os.File
	tty  *os.File

	mu     sync.Mutex
	screen bytes.Buffer
	done   chan struct{}
}

func onTerminal(t *testing.T, args ...string) *session {
	t.Helper()
	ctrl, tty := openPTY(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, ctrl: ctrl, tty: tty, done: make(chan struct{})}
	s.cmd = exec.Command(self, args...)
	s.cmd.Args[0] = "sss" // TestMain runs the command of this name
	s.cmd.Dir = t.TempDir()
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go s.watch()
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	return s
}

func openPTY(t *testing.T) (ctrl, tty *os.File) {
	t.Helper()
	ctrl, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(ctrl.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ctrl.Close(); _ = tty.Close() })
	return ctrl, tty
}

func (s *session) watch() {
	b := make([]byte, 1024)
	for {
		n, err := s.ctrl.Read(b)
		s.mu.Lock()
		s.screen.Write(b[:n])
		s.mu.Unlock()
		if err != nil && err != io.EOF {
			return
		}
	}
}

func (s *session) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// until waits for a condition.
func (s *session) until(what string, is func() bool) {
	s.t.Helper()
	late := time.After(30 * time.Second)
	for tick := time.Tick(time.Millisecond); !is(); {
		select {
		case <-tick:
		case <-late:
			s.t.Fatalf("%s: not within 30 seconds:\n%s", what, s.shown())
		}
	}
}

// expect waits for n occurrences of a text on the screen.
func (s *session) expect(text string, n int) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q is %d times on the screen", text, n), func() bool { return strings.Count(s.shown(), text) >= n })
}

// hidden waits until the terminal hides typed text, or shows it again.
func (s *session) hidden(want bool) {
	s.t.Helper()
	s.until(fmt.Sprintf("typed text is hidden: %t", want), func() bool {
		state, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
		return err == nil && (state.Lflag&unix.ECHO == 0) == want
	})
}

func (s *session) enter(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.ctrl, text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) exit(want int) {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("still running:\n%s", s.shown())
	}
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		s.t.Fatalf("exit code %d, want %d:\n%s", got, want, s.shown())
	}
}

func TestTypedSecretsAreNotShown(t *testing.T) {
	f := newFake(t)
	s := onTerminal(t, "send", "--server", f.URL, "--passphrase")
	for _, prompt := range []string{"Secret: ", "Passphrase (not shown): ", "Repeat the passphrase: "} {
		s.expect(prompt, 1)
		s.hidden(true)
		s.enter("hunter2\n")
	}
	s.exit(0)
	s.hidden(false)
	if strings.Contains(s.shown(), "hunter2") {
		t.Errorf("it was shown:\n%s", s.shown())
	}
}

func TestInterruptAtAPromptRestoresTheTerminal(t *testing.T) {
	f := newFake(t)
	s := onTerminal(t, "send", "--server", f.URL)
	s.expect("Secret: ", 1)
	s.hidden(true)
	s.enter("hunt\x03")
	s.exit(1)
	s.hidden(false)
	s.expect("sss: interrupted", 1)
	if f.called() != "config" {
		t.Errorf("called %s", f.called())
	}
}

func TestTextOnATerminalIsEscaped(t *testing.T) {
	f := newFake(t)
	s := onTerminal(t, "open", f.send(t, "one\x1b[2Jtwo\nthree"))
	s.exit(0)
	s.expect("one\\x1b[2Jtwo\r\nthree\r\n", 1)
	s.expect("1 control character or byte is shown as escapes", 1)
	if strings.Contains(s.shown(), "\x1b[2J") {
		t.Errorf("the escape sequence reached the terminal: %q", s.shown())
	}
}

func TestFileOnATerminalAsksWhereToSave(t *testing.T) {
	f := newFake(t)
	s := onTerminal(t, "open", f.send(t, "bytes\x00", "--name", "../key.pem"))
	s.expect("Save as [key.pem]: ", 1)
	s.enter("no/such/place\n")
	s.expect("Save as [key.pem]: ", 2)
	if f.called() != "status read" {
		t.Errorf("called %s before it was saved", f.called())
	}
	s.enter("\n")
	s.exit(0)
	got, err := os.ReadFile(filepath.Join(s.cmd.Dir, "key.pem"))
	if err != nil || string(got) != "bytes\x00" || f.called() != "status read ack" {
		t.Errorf("saved %q, %v, called %s", got, err, f.called())
	}
}

func TestOpenAsksAgainAfterAWrongPassphrase(t *testing.T) {
	f := newFake(t)
	link := f.send(t, "hunter2", "--passphrase-file", passphraseIn(t, "open sesame"))
	f.fail("read", problemAnswer(403, `{"type":"/problems/wrong-passphrase","tries_left":9}`))
	s := onTerminal(t, "open", link)
	s.expect("Passphrase (not shown): ", 1)
	s.hidden(true)
	s.enter("open barley\n")
	s.expect("9 tries are left", 1)
	s.expect("Passphrase (not shown): ", 2)
	s.hidden(true)
	s.enter("open sesame\n")
	s.exit(0)
	s.expect("hunter2", 1)
	if keys := f.keysOfReads(); len(keys) != 2 || keys[0] != keys[1] {
		t.Errorf("read with the keys %q", keys)
	}
}

func TestProgressIsShownAfterASecond(t *testing.T) {
	f := newFake(t)
	shown := make(chan struct{})
	f.fail("config", func(w http.ResponseWriter, r *http.Request) {
		<-shown
		problemAnswer(409, `{"type":"/problems/conflict"}`)(w, r)
	})
	s := onTerminal(t, "send", "--server", f.URL)
	s.expect("Asking the server for its limits …", 1)
	close(shown)
	s.exit(1)
	s.expect("\r\x1b[Ksss: the server refused: conflict", 1)
}

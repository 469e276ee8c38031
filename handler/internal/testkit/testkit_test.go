package testkit

import (
	"net"
	"os/exec"
	"strings"
	"testing"
)

func TestStopReturnsTheExitStatus(t *testing.T) {
	p := Start(t, exec.Command("sh", "-c", `trap 'echo bye >&2; exit 3' TERM; echo ready; while :; do sleep 0.01; done`))
	Await(t, "first line", func() bool { return p.Out.String() == "ready\n" }, p.Out)
	if err := p.Stop(); err == nil || err.Error() != "exit status 3" {
		t.Errorf("Stop returns %v", err)
	}
	if got := p.Out.String(); got != "ready\nbye\n" {
		t.Errorf("it wrote %q", got)
	}
	p.Kill() // a second time does no harm
}

func TestKillEndsAProcessThatIgnoresSignals(t *testing.T) {
	p := Start(t, exec.Command("sh", "-c", `trap '' TERM INT; echo ready; exec sleep 600`))
	Await(t, "first line", func() bool { return strings.HasPrefix(p.Out.String(), "ready") }, p.Out)
	p.Kill()
	if err := p.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("it ended with %v", err)
	}
}

func TestAFreeAddressCanBeListenedOn(t *testing.T) {
	l, err := net.Listen("tcp", FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if Answers("http://" + FreeAddress(t)) {
		t.Error("an address that nobody listens on answers")
	}
}

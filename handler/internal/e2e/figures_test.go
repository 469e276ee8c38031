//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTheBinaryAndItsIdleMemoryAreSmall(t *testing.T) {
	info, err := os.Stat(handlerPath)
	if err != nil {
		t.Fatal(err)
	}
	p := standalone(t)
	resident := kibibytes(t, p.Cmd.Process.Pid, "VmRSS")
	t.Logf("binary %.1f MiB, %.1f MiB resident when idle", float64(info.Size())/(1<<20), float64(resident)/1024)
	if info.Size() > 15<<20 || resident > 20<<10 {
		t.Error("more than 15 MiB of binary or 20 MiB resident")
	}
	if info.Mode().Perm() != 0o755 {
		t.Errorf("the handler's mode is %v", info.Mode())
	}
}

const idleVariable = "E2E_IDLE_ADDRESS"

// TestIdleConnectionsDoNoHarm has another process hold 10,000 connections open.
func TestIdleConnectionsDoNoHarm(t *testing.T) {
	const connections = 10_000
	if address := os.Getenv(idleVariable); address != "" {
		holdOpen(t, address, connections)
		return
	}
	p := standalone(t)
	holder := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	holder.Env = append(os.Environ(), idleVariable+"="+strings.TrimPrefix(p.url, "http://"))
	line, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	lifeline, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	opened, err := bufio.NewReader(line).ReadString('\n')
	if err != nil || opened != "open\n" {
		t.Fatalf("%q: %v", opened, err)
	}
	if err := handOver(t.Context(), dial(t, p.url), "with idle connections"); err != nil {
		t.Error(err)
	}
	t.Logf("%.1f MiB resident with %d idle connections", float64(kibibytes(t, p.Cmd.Process.Pid, "VmRSS"))/1024, connections)
	_ = lifeline.Close()
	_ = holder.Wait()
}

func holdOpen(t *testing.T, address string, n int) {
	for range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
	_, _ = fmt.Fprintln(os.Stdout, "open")
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent closes it
}

//go:build e2e || selfhost

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// dist is the directory that is deployed to Azure, handlerPath the program in it
// and sssPath the command line.
var dist, handlerPath, sssPath string

// TestMain tests the programs that make has built in DIST and BIN, or else builds them
// in a temporary directory.
func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	built, bin := os.Getenv("DIST"), os.Getenv("BIN")
	if built == "" || bin == "" {
		dir, err := os.MkdirTemp("", "e2e-")
		if err != nil {
			return 0, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		built, bin = filepath.Join(dir, "dist"), filepath.Join(dir, "bin")
		build := exec.Command("make", "-s", "build", "DIST="+built, "BIN="+bin)
		build.Dir = filepath.Join("..", "..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("make build: %w: %s", err, out)
		}
	}
	dist, handlerPath, sssPath = built, filepath.Join(built, "handler"), filepath.Join(bin, "sss")
	return m.Run(), nil
}

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// dist is a directory as it is deployed, sss the command line; both are built once.
var dist, sss string

func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("make", "-s", "build", "DIST="+filepath.Join(dir, "dist"), "BIN="+filepath.Join(dir, "bin"))
	build.Dir = filepath.Join("..", "..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("make build: %w: %s", err, out)
	}
	dist, sss = filepath.Join(dir, "dist"), filepath.Join(dir, "bin", "sss")
	return m.Run(), nil
}

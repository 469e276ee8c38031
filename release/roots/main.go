// Command roots prints the certificate authorities of Mozilla's list as PEM, as the
// Go project publishes them, and none that was added on this machine. It is a module
// of its own, so that go.sum pins the list.
package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "roots: %v\n", err)
		os.Exit(1)
	}
}

func write(w io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok || len(info.Deps) != 1 {
		return errors.New("the build information does not name the module")
	}
	if _, err := fmt.Fprintf(w, "# %s %s\n", info.Deps[0].Path, info.Deps[0].Version); err != nil {
		return err
	}
	for root := range bundle.Roots() {
		// PEM cannot express the constraint, and without it the root would be trusted too far.
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return err
		}
	}
	return nil
}

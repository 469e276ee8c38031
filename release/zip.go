package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"
)

// writeZip writes the function app: host.json, the executable that it names, and the
// manifest of each function. Other files of the directory, such as local settings,
// are left out.
func writeZip(w io.Writer, app fs.FS) error {
	executable, err := executableOf(app)
	if err != nil {
		return err
	}
	names, err := fs.Glob(app, "*/function.json")
	if err != nil || len(names) == 0 {
		return errors.Join(err, errors.New("no function.json"))
	}
	names = append(names, "host.json", executable)
	slices.Sort(names)
	z := zip.NewWriter(w)
	for _, name := range names {
		mode := fs.FileMode(0o644)
		if name == executable {
			mode = 0o755
		}
		if err := addFile(z, app, name, mode); err != nil {
			return err
		}
	}
	return z.Close()
}

// zipEpoch is the earliest time that a zip can represent.
var zipEpoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// zipHeader returns a file's header. mode is its mode when it is unpacked on Linux.
func zipHeader(name string, mode fs.FileMode) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: zipEpoch}
	h.SetMode(mode)
	return h
}

func addFile(z *zip.Writer, app fs.FS, name string, mode fs.FileMode) error {
	data, err := fs.ReadFile(app, name)
	if err != nil {
		return err
	}
	w, err := z.CreateHeader(zipHeader(name, mode))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = w.Write(data)
	return err
}

// executableOf returns the name of the file that the Functions host starts.
func executableOf(app fs.FS) (string, error) {
	data, err := fs.ReadFile(app, "host.json")
	if err != nil {
		return "", err
	}
	var host struct {
		CustomHandler struct {
			Description struct{ DefaultExecutablePath string }
		}
	}
	if err := json.Unmarshal(data, &host); err != nil {
		return "", fmt.Errorf("host.json: %w", err)
	}
	name := host.CustomHandler.Description.DefaultExecutablePath
	if !fs.ValidPath(name) || name == "." {
		return "", fmt.Errorf("host.json: the executable is not a file of the app: %q", name)
	}
	return name, nil
}

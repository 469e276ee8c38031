// Package web holds the page's files, as the build has left them in dist, and the
// headers that go with them. Where the page was not built, a placeholder stands in,
// so that Go never waits for Node.
package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"strings"
)

//go:embed headers.json public placeholder all:dist
var files embed.FS

// Files returns the page's files by the paths they are served at, such as
// /robots.txt, the page itself as /index.html.
func Files() (map[string][]byte, error) { return collect(files) }

func collect(from fs.FS) (map[string][]byte, error) {
	built, all := "placeholder", map[string][]byte{}
	if _, err := fs.Stat(from, "dist/index.html"); err == nil {
		built = "dist"
	}
	for _, root := range []string{"public", built} {
		if err := add(all, from, root); err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
	}
	return all, nil
}

func add(all map[string][]byte, from fs.FS, root string) error {
	return fs.WalkDir(from, root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		all[strings.TrimPrefix(path, root)], err = fs.ReadFile(from, path)
		return err
	})
}

// Headers says which headers go with which path. The file headers.json holds it
// for every host of the page: this server, Azure Static Web Apps, Front Door.
type Headers struct {
	All   map[string]string            `json:"all"`   // of every answer
	HTTPS map[string]string            `json:"https"` // and where the page's origin is on https
	Paths map[string]map[string]string `json:"paths"` // instead, on a path, or below one that ends in /*
}

// LoadHeaders returns what headers.json says.
func LoadHeaders() (*Headers, error) {
	text, err := files.ReadFile("headers.json")
	if err != nil {
		return nil, fmt.Errorf("read headers: %w", err)
	}
	h := &Headers{}
	if err := json.Unmarshal(text, h); err != nil {
		return nil, fmt.Errorf("read headers: %w", err)
	}
	return h, nil
}

// Of returns the headers of a path.
func (h *Headers) Of(path string, https bool) map[string]string {
	all := maps.Clone(h.All)
	if https {
		maps.Copy(all, h.HTTPS)
	}
	for pattern, headers := range h.Paths {
		if folder, is := strings.CutSuffix(pattern, "*"); path == pattern || is && strings.HasPrefix(path, folder) {
			maps.Copy(all, headers)
		}
	}
	return all
}

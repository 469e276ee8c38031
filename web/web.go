// Package web embeds the files of the page, which its build writes to dist, and the
// headers to serve with them. Without a build it contains a placeholder, so that Go
// needs no Node.js.
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

// Files returns the files of the page by their paths, such as /index.html for the
// page itself and /robots.txt.
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

// Headers are the headers of the page by path, from headers.json. Every host uses
// them: this server, Azure Static Web Apps and Front Door.
type Headers struct {
	All   map[string]string            `json:"all"`   // for every answer
	HTTPS map[string]string            `json:"https"` // also, if the origin of the page is on https
	Paths map[string]map[string]string `json:"paths"` // instead, by path; a pattern ending in /* matches every path below
}

// LoadHeaders reads the embedded headers.json.
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

// Of returns the headers of a path, with those for HTTPS if https is set.
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

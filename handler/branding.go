package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	brandingPath  = "/branding.json"
	brandingLimit = 16 << 10 // bytes of the JSON
	leastContrast = 4.5      // WCAG 2, level AA, for text
)

// languages are those of the page.
var languages = []string{"en", "de", "fr", "es", "it", "pt-BR", "nl", "pl", "ja", "ar"}

// The grounds that the accent stands on, by day and by night, as web/src/style/tokens.css has them.
var (
	lightGrounds = []string{"#f4efe4", "#fffdf8", "#efe6d6"}
	darkGrounds  = []string{"#15171c", "#1d2027", "#262a33"}
)

// branding is how the operator's page looks, ready to be served.
type branding struct {
	json     []byte
	logoPath string
	logo     []byte // nil for none
	contact  string // for security.txt, empty for none
}

// brandingFile is the operator's file. docs/page.md describes it.
type brandingFile struct {
	brandingShown
	DefaultLanguage string `json:"default_language"`
	SecurityContact string `json:"security_contact"`
}

// brandingShown is what of it the page reads.
type brandingShown struct {
	Name   string          `json:"name,omitempty"`
	Logo   string          `json:"logo,omitempty"` // the operator's: a file's name; the page's: a path
	Accent *brandingAccent `json:"accent,omitempty"`
	Text   string          `json:"text,omitempty"`
	Links  []brandingLink  `json:"links,omitempty"`
}

type brandingAccent struct {
	Light string `json:"light"`
	Dark  string `json:"dark"`
}

type brandingLink struct {
	Label string `json:"label"`
	Href  string `json:"href"`
}

// readBranding reads and checks a branding and its logo. An error names the member at fault.
func readBranding(path string) (*branding, error) {
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = folder.Close() }()
	text, err := readSmall(folder, filepath.Base(path), brandingLimit)
	if err != nil {
		return nil, err
	}
	f, err := parseBranding(text)
	if err != nil {
		return nil, err
	}
	b := &branding{contact: f.SecurityContact}
	if f.Logo != "" {
		if b.logo, err = readLogo(folder, f.Logo); err != nil {
			return nil, fmt.Errorf("logo: %w", err)
		}
		f.Logo = "/branding/logo" + logoForms[strings.ToLower(filepath.Ext(f.Logo))].ending
		b.logoPath = f.Logo
	}
	b.json, err = json.Marshal(struct {
		brandingShown
		Language string `json:"language,omitempty"`
	}{f.brandingShown, f.DefaultLanguage})
	return b, err
}

// readSmall reads a file of at most limit bytes.
func readSmall(folder *os.Root, name string, limit int64) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return data, err
}

func parseBranding(text []byte) (*brandingFile, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	f := &brandingFile{}
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read JSON: something follows the object")
	}
	return f, f.check()
}

func (f *brandingFile) check() error {
	errs := []error{phrase("name", f.Name, 40), phrase("text", f.Text, 300)}
	if f.Accent != nil {
		errs = append(errs, legible("accent.light", f.Accent.Light, lightGrounds), legible("accent.dark", f.Accent.Dark, darkGrounds))
	}
	if len(f.Links) > 6 {
		errs = append(errs, errors.New("links: at most 6"))
	}
	for i, l := range f.Links {
		errs = append(errs, phrase(fmt.Sprintf("links[%d].label", i), l.Label, 40), reachableAt(fmt.Sprintf("links[%d].href", i), l.Href))
		if l.Label == "" {
			errs = append(errs, fmt.Errorf("links[%d].label: is missing", i))
		}
	}
	if f.DefaultLanguage != "" && !slices.Contains(languages, f.DefaultLanguage) {
		errs = append(errs, fmt.Errorf("default_language: must be one of %s", strings.Join(languages, ", ")))
	}
	if f.SecurityContact != "" {
		errs = append(errs, reachableAt("security_contact", f.SecurityContact))
	}
	return errors.Join(errs...)
}

// phrase refuses what is too long for its place, and what would turn the text around it.
func phrase(member, value string, most int) error {
	turns := func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	switch {
	case utf8.RuneCountInString(value) > most:
		return fmt.Errorf("%s: at most %d characters", member, most)
	case strings.ContainsFunc(value, turns):
		return fmt.Errorf("%s: no line breaks, and nothing that turns the direction of text", member)
	}
	return nil
}

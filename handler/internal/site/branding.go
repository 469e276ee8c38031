package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/handler/internal/strictjson"
)

const (
	brandingPath  = "/branding.json"
	brandingLimit = 16 << 10 // bytes of the JSON
)

// languages are the languages of the page.
var languages = []string{"en", "de", "fr", "es", "it", "pt-BR", "nl", "pl", "ja", "ar"}

// branding is the operator's branding, ready to be served.
type branding struct {
	json     []byte
	logoPath string
	logo     []byte // nil: none
	contact  string // for security.txt; empty: none
}

// brandingFile is the file that the operator writes. docs/page.md describes it.
type brandingFile struct {
	pageBranding
	DefaultLanguage string `json:"default_language,omitempty"`
	SecurityContact string `json:"security_contact,omitempty"`
}

// pageBranding is the part of it that the page reads.
type pageBranding struct {
	Name   string `json:"name,omitempty"`
	Logo   string `json:"logo,omitempty"` // for the operator a file name, for the page a path
	Accent *struct {
		Light string `json:"light"`
		Dark  string `json:"dark"`
	} `json:"accent,omitempty"`
	Text  string `json:"text,omitempty"`
	Links []struct {
		Label string `json:"label"`
		Href  string `json:"href"`
	} `json:"links,omitempty"`
}

// readBranding reads a branding and its logo and checks them.
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
	var f brandingFile
	if err := strictjson.Decode(text, &f); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	b := &branding{contact: f.SecurityContact}
	if f.Logo != "" {
		if b.logo, err = readLogo(folder, f.Logo); err != nil {
			return nil, fmt.Errorf("logo: %w", err)
		}
		f.Logo = "/branding/logo" + logoTypes[strings.ToLower(filepath.Ext(f.Logo))].ending
		b.logoPath = f.Logo
	}
	b.json, err = json.Marshal(struct {
		pageBranding
		Language string `json:"language,omitempty"`
	}{f.pageBranding, f.DefaultLanguage})
	return b, err
}

// readSmall reads a file, and refuses one of more than limit bytes.
func readSmall(folder *os.Root, name string, limit int) ([]byte, error) {
	data, err := folder.ReadFile(name)
	if err == nil && len(data) > limit {
		err = fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return data, err
}

func (f *brandingFile) check() error {
	errs := []error{checkText("name", f.Name, 40), checkText("text", f.Text, 300)}
	if f.Accent != nil {
		errs = append(errs, checkColour("accent.light", f.Accent.Light), checkColour("accent.dark", f.Accent.Dark))
	}
	if len(f.Links) > 6 {
		errs = append(errs, errors.New("links: at most 6"))
	}
	for i, l := range f.Links {
		errs = append(errs, checkText(fmt.Sprintf("links[%d].label", i), l.Label, 40), checkAddress(fmt.Sprintf("links[%d].href", i), l.Href))
		if l.Label == "" {
			errs = append(errs, fmt.Errorf("links[%d].label: is empty", i))
		}
	}
	if f.DefaultLanguage != "" && !slices.Contains(languages, f.DefaultLanguage) {
		errs = append(errs, fmt.Errorf("default_language: must be one of %s", strings.Join(languages, ", ")))
	}
	if f.SecurityContact != "" {
		errs = append(errs, checkAddress("security_contact", f.SecurityContact))
	}
	return errors.Join(errs...)
}

// checkText refuses text that is too long, that breaks the line, or that changes the
// direction of the text around it.
func checkText(member, value string, most int) error {
	disturbs := func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	switch {
	case utf8.RuneCountInString(value) > most:
		return fmt.Errorf("%s: at most %d characters", member, most)
	case strings.ContainsFunc(value, disturbs):
		return fmt.Errorf("%s: must not contain line breaks or characters that change the direction of text", member)
	}
	return nil
}

// checkAddress refuses any value but an https or mailto address.
func checkAddress(member, value string) error {
	u, err := url.Parse(value)
	safe := err == nil && (u.Scheme == "https" && u.Host != "" && u.User == nil || u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"))
	if !safe || len(value) > 500 || strings.ContainsAny(value, " \"<>\\") {
		return fmt.Errorf("%s: must be an address such as https://example.com/imprint or mailto:help@example.com", member)
	}
	return nil
}

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// checkColour refuses any value but a colour in six hex digits.
func checkColour(member, colour string) error {
	if !colourForm.MatchString(colour) {
		return fmt.Errorf("%s: must be a colour such as #9a2420", member)
	}
	return nil
}

const logoLimit = 256 << 10 // bytes

// logoTypes maps the ending of a logo's file to the ending under which it is served
// and its media type.
var logoTypes = map[string]struct{ ending, media string }{
	".jpeg": {".jpg", "image/jpeg"}, ".jpg": {".jpg", "image/jpeg"}, ".png": {".png", "image/png"},
	".svg": {".svg", "image/svg+xml"}, ".webp": {".webp", "image/webp"},
}

// readLogo reads an image in the folder of the branding. An SVG cannot run script: the
// page shows it as an image, under a content security policy that allows nothing.
func readLogo(folder *os.Root, name string) ([]byte, error) {
	kind, known := logoTypes[strings.ToLower(filepath.Ext(name))]
	switch {
	case name != filepath.Base(name):
		return nil, errors.New("must be the name of a file in the folder of the branding")
	case !known:
		return nil, errors.New("must end in .png, .webp, .jpg, .jpeg or .svg")
	}
	data, err := readSmall(folder, name, logoLimit)
	switch {
	case err != nil:
		return nil, err
	case kind.ending == ".svg" && !bytes.Contains(data, []byte("<svg")), kind.ending != ".svg" && http.DetectContentType(data) != kind.media:
		return nil, fmt.Errorf("%s is not of type %s", name, kind.media)
	}
	return data, nil
}

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const logoLimit = 256 << 10 // bytes

// logoForms says of each ending how a logo is served, and what it must be.
var logoForms = map[string]struct{ ending, media string }{
	".jpeg": {".jpg", "image/jpeg"}, ".jpg": {".jpg", "image/jpeg"}, ".png": {".png", "image/png"},
	".svg": {".svg", ""}, ".webp": {".webp", "image/webp"},
}

// readLogo reads an image that lies beside the branding.
func readLogo(folder *os.Root, name string) ([]byte, error) {
	form, known := logoForms[strings.ToLower(filepath.Ext(name))]
	switch {
	case name != filepath.Base(name):
		return nil, errors.New("must be the name of a file beside the branding")
	case !known:
		return nil, errors.New("must end in .png, .webp, .jpg, .jpeg or .svg")
	}
	data, err := readSmall(folder, name, logoLimit)
	switch {
	case err != nil:
		return nil, err
	case form.media == "":
		return data, checkSVG(data)
	case http.DetectContentType(data) != form.media:
		return nil, fmt.Errorf("%s is no %s", name, form.media)
	}
	return data, nil
}

// checkSVG refuses what would be script. The page shows the logo as an image and
// under a policy of its own, where none would run: this is to say so beforehand.
func checkSVG(data []byte) error {
	root := ""
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && root == "svg":
			return nil
		case err != nil:
			return errors.New("is no SVG")
		}
		element, is := token.(xml.StartElement)
		if !is {
			continue
		}
		if root == "" {
			root = element.Name.Local
		}
		if strings.EqualFold(element.Name.Local, "script") || strings.EqualFold(element.Name.Local, "foreignObject") {
			return fmt.Errorf("may not hold %s", element.Name.Local)
		}
		for _, a := range element.Attr {
			if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:") {
				return fmt.Errorf("may not run script: %s", a.Name.Local)
			}
		}
	}
}

// reachableAt refuses what is no address on https, and none to write to.
func reachableAt(member, value string) error {
	u, err := url.Parse(value)
	safe := err == nil && (u.Scheme == "https" && u.Host != "" && u.User == nil || u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"))
	if !safe || len(value) > 500 || strings.ContainsAny(value, " \"<>\\") {
		return fmt.Errorf("%s: must be an address such as https://example.com/imprint or mailto:help@example.com", member)
	}
	return nil
}

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// legible refuses a colour that cannot be read on one of the grounds.
func legible(member, colour string, grounds []string) error {
	if !colourForm.MatchString(colour) {
		return fmt.Errorf("%s: must be a colour such as #9a2420", member)
	}
	for _, ground := range grounds {
		if c := contrast(colour, ground); c < leastContrast {
			return fmt.Errorf("%s: %s on the page's %s has a contrast of %.1f to 1, the least is %.1f", member, colour, ground, math.Floor(10*c)/10, leastContrast)
		}
	}
	return nil
}

// contrast is the ratio that WCAG 2 defines, 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // its form was checked
		v := float64(n) / 255
		if v <= 0.04045 {
			sum += weight * v / 12.92
		} else {
			sum += weight * math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return sum
}

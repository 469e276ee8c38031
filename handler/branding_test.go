package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	full = `{"name": "ACME secrets", "logo": "seal.svg", "accent": {"light": "#14532d", "dark": "#86efac"}, "text": "Ask us first.",
		"links": [{"label": "Imprint", "href": "https://acme.example/imprint"}, {"label": "Help", "href": "mailto:help@acme.example"}],
		"default_language": "pt-BR", "security_contact": "mailto:security@acme.example"}`
	logoSVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>on</title><path fill="red" d="M0 0h1v1z"/></svg>`
	logoPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
)

// branded writes a branding and its images, and returns its path.
func branded(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"secret.png": logoPNG, "in/branding.json": text, "in/seal.svg": logoSVG, "in/a.png": logoPNG, "in/b.PNG": logoPNG, "in/c.webp": "RIFF\x00\x00\x00\x00WEBPVP8 ",
		"in/d.jpeg": "\xff\xd8\xff\xe0", "in/no.png": logoSVG, "in/no.svg": logoPNG, "in/empty.svg": "", "in/html.svg": "<html></html>", "in/cut.svg": logoSVG[:80],
		"in/script.svg": `<svg><script>alert(1)</script></svg>`, "in/onload.svg": `<svg onload="alert(1)"/>`, "in/foreign.svg": `<svg><foreignObject/></svg>`,
		"in/href.svg": `<svg xmlns:x="x"><a x:href=" javascript:alert(1)"/></svg>`, "in/large.png": logoPNG + strings.Repeat("x", logoLimit), "in/a.gif": "GIF89a",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.png", filepath.Join(dir, "in", "out.png")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "in", "branding.json")
}

// What the page is told of a branding is what it reads, and no more.
func TestBrandingIsServed(t *testing.T) {
	p := testPage(t, "SSS_BRANDING="+branded(t, full))
	const want = `{"name":"ACME secrets","logo":"/branding/logo.svg","accent":{"light":"#14532d","dark":"#86efac"},"text":"Ask us first.",` +
		`"links":[{"label":"Imprint","href":"https://acme.example/imprint"},{"label":"Help","href":"mailto:help@acme.example"}],"language":"pt-BR"}`
	if got := ask(p, "GET", "/branding.json"); got.Code != 200 || got.Body.String() != want || got.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	logo := ask(p, "GET", "/branding/logo.svg")
	if logo.Code != 200 || logo.Body.String() != logoSVG || logo.Header().Get("Content-Type") != "image/svg+xml" ||
		!strings.HasPrefix(logo.Header().Get("Content-Security-Policy"), "default-src 'none'; sandbox;") {
		t.Errorf("%d %v", logo.Code, logo.Header())
	}
	contact := ask(p, "GET", contactPath)
	if want := "Contact: mailto:security@acme.example\nExpires: 2027-02-22T00:00:00Z\nCanonical: https://secrets.example/.well-known/security.txt\n"; contact.Body.String() != want ||
		contact.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v %s", contact.Header(), contact.Body)
	}
	for path := range testPage(t).files {
		if path != brandingPath && ask(p, "GET", path).Body.String() != ask(testPage(t), "GET", path).Body.String() {
			t.Errorf("the branding has changed %s", path)
		}
	}
}

func TestBrandingsThatAreAccepted(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"name": ""}`, `{"name": "` + strings.Repeat("é", 40) + `"}`, `{"name": "אבג \u200f"}`, `{"logo": "a.png"}`, `{"logo": "b.PNG"}`, `{"logo": "c.webp"}`, `{"logo": "d.jpeg"}`,
		`{"accent": {"light": "#9A2420", "dark": "#f0958a"}}`, `{"links": []}`, `{"default_language": "ar"}`, `{"security_contact": "https://acme.example/security"}`, " {} \n",
	} {
		if _, err := readBranding(branded(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheExampleOfTheDocsIsAccepted(t *testing.T) {
	doc, err := os.ReadFile("../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "\n## Branding\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, example, _ := strings.Cut(section, "```json\n")
	example, _, _ = strings.Cut(example, "```")
	path := branded(t, example)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "acme.svg"), []byte(logoSVG), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := readBranding(path)
	if err != nil || b.contact == "" || b.logo == nil || !strings.Contains(string(b.json), `"language":"de"`) {
		t.Errorf("%+v, %v", b, err)
	}
	for _, field := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(section, -1) {
		if !strings.Contains(example, `"`+field[1]+`"`) {
			t.Errorf("the example leaves out %s", field[1])
		}
	}
}

// What is refused is refused by the name of its member.
func TestBrandingsThatAreRefused(t *testing.T) {
	link := func(href string) string { return `{"links": [{"label": "a", "href": "` + href + `"}]}` }
	for text, says := range map[string]string{
		``: "EOF", `[]`: "cannot unmarshal array", `{`: "unexpected EOF", `{} {}`: "something follows", `{"name": 1}`: "name", `{"script": "x"}`: `"script"`,
		`{"accent": {"light": "#000000", "dark": "#ffffff", "x": 1}}`: `"x"`, `{"name": "` + strings.Repeat("a", brandingLimit) + `"}`: "more than 16384 bytes",
		`{"name": "` + strings.Repeat("é", 41) + `"}`: "name: at most 40", `{"name": "a\nb"}`: "name: no line breaks", `{"text": "a\u202eb"}`: "text: ", `{"text": "` + strings.Repeat("a", 301) + `"}`: "text: at most 300",
		`{"logo": "../secret.png"}`: "logo: must be the name", `{"logo": "/etc/passwd.png"}`: "logo: must be the name", `{"logo": "out.png"}`: "logo: ", `{"logo": "a.gif"}`: "logo: must end",
		`{"logo": "none.png"}`: "logo: ", `{"logo": "no.png"}`: "logo: no.png is no image/png", `{"logo": "no.svg"}`: "logo: is no SVG", `{"logo": "empty.svg"}`: "logo: is no SVG",
		`{"logo": "html.svg"}`: "logo: is no SVG", `{"logo": "cut.svg"}`: "logo: is no SVG", `{"logo": "script.svg"}`: "logo: may not hold script", `{"logo": "onload.svg"}`: "logo: may not run script: onload",
		`{"logo": "foreign.svg"}`: "foreignObject", `{"logo": "href.svg"}`: "href", `{"logo": "large.png"}`: "logo: large.png has more than", `{"logo": "."}`: "logo: ", `{"logo": ".png"}`: "logo: ",
		`{"accent": {"light": "red", "dark": "#ffffff"}}`: "accent.light: must be", `{"accent": {"light": "#000000"}}`: "accent.dark: must be", `{"accent": {"light": "#000000", "dark": "#fffffg"}}`: "accent.dark: must be",
		`{"accent": {"light": "#ff8800", "dark": "#ffffff"}}`: "accent.light: #ff8800 on the page's #f4efe4 has a contrast of 2.0", `{"accent": {"light": "#000000", "dark": "#9a2420"}}`: "accent.dark: ",
		link("http://a.example"): "links[0].href", link("javascript:alert(1)"): "links[0].href", link("//a.example"): "links[0].href", link("data:text/html,x"): "links[0].href", link(""): "links[0].href",
		link("https://"): "links[0].href", link("https://u:p@a.example"): "links[0].href", link("mailto:x"): "links[0].href", link("https://a.example/ x"): "links[0].href", link("https://" + strings.Repeat("a", 500)): "links[0].href",
		`{"links": [{"href": "https://a.example"}]}`: "links[0].label: is missing", `{"links": [` + strings.Repeat(`{"label": "a", "href": "https://a.example"},`, 6) + `{}]}`: "links: at most 6",
		`{"default_language": "tlh"}`: "default_language: must be one of en, de", `{"security_contact": "security@acme.example"}`: "security_contact: ", `{"security_contact": "https://a.example/\nContact: x"}`: "security_contact: ",
	} {
		if _, err := readBranding(branded(t, text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: %v, want %q", text, err, says)
		}
	}
	if _, err := readBranding(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("no file, no error")
	}
}

func TestABadBrandingStopsTheStart(t *testing.T) {
	p := begin(t, "SSS_LISTEN=127.0.0.1:0", "SSS_DATA="+t.TempDir(), "SSS_BRANDING="+branded(t, `{"colour": "#000000"}`))
	p.exits(1, `SSS_BRANDING: read JSON: json: unknown field "colour"`)
}

// The grounds that an accent is measured against are those of the page.
func TestGroundsAreThoseOfThePage(t *testing.T) {
	text, err := os.ReadFile("../web/src/style/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	var light, dark []string
	for _, m := range regexp.MustCompile(`--(?:paper|sheet|wash): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllStringSubmatch(string(text), -1) {
		light, dark = append(light, m[1]), append(dark, m[2])
	}
	if !slices.Equal(light, lightGrounds) || !slices.Equal(dark, darkGrounds) {
		t.Errorf("the page has %v and %v", light, dark)
	}
}

// Each of the page's languages can be the default, and docs/page.md names it.
func TestLanguagesAreThoseOfThePage(t *testing.T) {
	files, err := filepath.Glob("../web/src/i18n/*.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(doc), "| `default_language` |")
	row, _, _ = strings.Cut(row, "\n")
	var page []string
	for _, file := range files {
		tag := strings.TrimSuffix(filepath.Base(file), ".json")
		page = append(page, tag)
		if !strings.Contains(row, "`"+tag+"`") {
			t.Errorf("docs/page.md does not name %s", tag)
		}
	}
	if ours := slices.Sorted(slices.Values(languages)); !slices.Equal(page, ours) {
		t.Errorf("the page has %v, a branding may name %v", page, ours)
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for pair, want := range map[[2]string]float64{{"#000000", "#ffffff"}: 21, {"#ffffff", "#000000"}: 21, {"#777777", "#ffffff"}: 4.478, {"#767676", "#ffffff"}: 4.542, {"#123456", "#123456"}: 1} {
		if got := contrast(pair[0], pair[1]); got < want-0.001 || got > want+0.001 {
			t.Errorf("%v: %.3f, want %.3f", pair, got, want)
		}
	}
}

package web

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Without a build the placeholder explains how to build the page, and that no view
// was taken.
func TestWithoutABuildThereIsAPlaceholder(t *testing.T) {
	without := fstest.MapFS{"dist/.keep": {}}
	for _, path := range []string{"placeholder/index.html", "public/robots.txt", "public/config.json", "public/branding.json"} {
		data, err := files.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		without[path] = &fstest.MapFile{Data: data}
	}
	all, err := collect(without)
	if err != nil || len(all) != 4 {
		t.Fatalf("%v, %v", all, err)
	}
	for _, want := range []string{"make build", "has cost nothing", "sss open"} {
		if !strings.Contains(string(all["/index.html"]), want) {
			t.Errorf("the placeholder does not contain %q", want)
		}
	}
	if found := flaws(all); len(found) > 0 || strings.Contains(string(all["/index.html"]), "<script") {
		t.Errorf("%q", found)
	}
}

func TestABuildReplacesThePlaceholder(t *testing.T) {
	all, err := collect(fstest.MapFS{
		"public/robots.txt": {}, "placeholder/index.html": {Data: []byte("old")}, "dist/.keep": {},
		"dist/index.html": {Data: []byte("new")}, "dist/assets/a-1.js": {},
	})
	if want := []string{"/assets/a-1.js", "/index.html", "/robots.txt"}; err != nil || !slices.Equal(slices.Sorted(maps.Keys(all)), want) || string(all["/index.html"]) != "new" {
		t.Errorf("%v, %v", all, err)
	}
}

// The embedded index.html, of a build or the placeholder, has nothing inline and
// nothing from other origins, and contains the hash of every script and style.
func TestThePageNamesTheHashOfWhatItRuns(t *testing.T) {
	all, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, flaw := range flaws(all) {
		t.Error(flaw)
	}
}

func TestFlawsAreFound(t *testing.T) {
	files := map[string][]byte{"/assets/a.js": []byte("a"), "/assets/i.svg": nil}
	const hash = "sha384-VKWdnKFM8TkmlDshzWbZtR1SSVPgOSSfiyW3rEtW/zPRCJ/5z9CkcRvVVT/HBhb8" // of "a"
	for page, want := range map[string]int{
		`<script type="module" crossorigin src="/assets/a.js" integrity="` + hashOf([]byte("a")) + `"></script>`: 0,
		`<script src="/assets/a.js" integrity="` + hash + `"></script>`:                                          1,
		`<script src="/assets/a.js"></script>`:                                                                   1,
		`<link rel="modulepreload" href="/assets/a.js">`:                                                         1,
		`<link rel="icon" href="/assets/i.svg">`:                                                                 0,
		`<link rel="icon" href="/assets/j.svg">`:                                                                 1,
		`<link rel="icon" href="https://cdn.test/i.svg">`:                                                        1,
		`<script>alert(1)</script>`:                                                                              1,
		`<style>a { }</style>`:                                                                                   1,
		`<p style="color: red">`:                                                                                 1,
		`<p onclick="a()">`:                                                                                      1,
		`<a href="javascript:a()">`:                                                                              1,
		`<meta http-equiv="refresh" content="0">`:                                                                1,
		`<a href="/">on this page</a> <meta name="x" lang=en>`:                                                   0,
	} {
		files["/index.html"] = []byte(page)
		if found := flaws(files); len(found) != want {
			t.Errorf("%s: %q", page, found)
		}
	}
}

var (
	tags    = regexp.MustCompile(`(?i)<(script|link|img|iframe)\b[^>]*>`)
	inline  = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<style|<[^>]+\s(?:style|on[a-z]+)\s*=|javascript:|http-equiv`)
	address = regexp.MustCompile(`(?i)\s(?:src|href)="([^"]*)"`)
	named   = regexp.MustCompile(`\sintegrity="([^"]*)"`)
)

// flaws returns the faults of index.html.
func flaws(files map[string][]byte) (found []string) {
	page := string(files["/index.html"])
	for _, text := range inline.FindAllString(page, -1) {
		found = append(found, "inline: "+text)
	}
	for _, tag := range tags.FindAllString(page, -1) {
		m := address.FindStringSubmatch(tag)
		if m == nil {
			continue
		}
		body, is := files[m[1]]
		integrity := named.FindStringSubmatch(tag)
		switch {
		case !is:
			found = append(found, "not among the files: "+tag)
		case strings.Contains(tag, `rel="icon"`): // browsers do not check its hash
		case integrity == nil || integrity[1] != hashOf(body):
			found = append(found, fmt.Sprintf("%s: the hash is %s", tag, hashOf(body)))
		}
	}
	return found
}

func hashOf(body []byte) string {
	sum := sha512.Sum384(body)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

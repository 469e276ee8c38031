package config

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The code, the sample settings and the docs list the same settings.
func TestSettingsAreTheSameInCodeSampleAndDocs(t *testing.T) {
	var code []string
	for _, s := range settings(&Config{}) {
		code = append(code, s.name)
	}
	slices.Sort(code)
	for where, names := range map[string][]string{
		"local.settings.sample.json": slices.Sorted(maps.Keys(sample(t))), "docs/operations.md": slices.Sorted(maps.Keys(documented(t))),
	} {
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "SSS_") && name != "AZURE_CLIENT_ID" })
		if !slices.Equal(names, code) {
			t.Errorf("%s has\n%v, the code\n%v", where, names, code)
		}
	}
}

// The docs state the defaults of the code.
func TestDefaultsAreThoseOfTheDocs(t *testing.T) {
	docs := documented(t)
	for _, s := range settings(&Config{}) {
		documented := docs[s.name]
		if s.fallback != "" && documented != "`"+s.fallback+"`" || s.fallback == "" && strings.Contains(documented, "`") {
			t.Errorf("%s has the default %q, the docs state %s", s.name, s.fallback, documented)
		}
	}
}

// The sample is valid as it is.
func TestTheSampleIsValid(t *testing.T) {
	environ := []string{"FUNCTIONS_CUSTOMHANDLER_PORT=4321"}
	for name, value := range sample(t) {
		environ = append(environ, name+"="+value)
	}
	if _, err := Read(environ); err != nil {
		t.Errorf("the sample is refused: %v", err)
	}
}

func sample(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../../local.settings.sample.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct{ Values map[string]string }
	if err := json.Unmarshal(data, &settings); err != nil {
		t.Fatal(err)
	}
	return settings.Values
}

// documented returns the settings of docs/operations.md with their defaults.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z][A-Z_]+)` \\| ([^|]*) \\|").FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = m[2]
	}
	return names
}

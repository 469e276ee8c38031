package host

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestFunctionsAreFoundOneFolderDown(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(timerManifest)}
	functions, err := Load(fstest.MapFS{
		"purge/function.json": file, "function.json": file, "a/b/function.json": file, "empty/other.json": file})
	if err != nil || len(functions) != 1 || functions[0].Name != "purge" {
		t.Errorf("found %+v, %v", functions, err)
	}
}

func TestNamesThatTheHostRefusesAreRefused(t *testing.T) {
	for _, name := range []string{"1st", "-x", "_x", "a b", "a.b", "ü", "host", "Host", strings.Repeat("a", 129)} {
		if _, err := load(t, map[string]string{name: timerManifest}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"a", "A-b_9", "hosts", strings.Repeat("a", 128)} {
		mustLoad(t, map[string]string{name: timerManifest})
	}
}

func TestOneRequestHasOneFunction(t *testing.T) {
	_, err := load(t, map[string]string{
		"one": httpFunction(`"post", "delete"`, "secrets/{id}"), "two": httpFunction(`"delete"`, "secrets/{key}")})
	if err == nil || !strings.Contains(err.Error(), "functions one and two share DELETE") {
		t.Errorf("error %v", err)
	}
	mustLoad(t, map[string]string{
		"one": httpFunction(`"post"`, "secrets/{id}"), "two": httpFunction(`"delete"`, "secrets/{id}"), "three": timerManifest})
}

//go:build infra

package checks

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A bad value is refused before anything is sent to Azure, by a message that names its parameter.
func TestBadParametersAreRefused(t *testing.T) {
	const guid = "'11111111-1111-1111-1111-111111111111'"
	hash := "'" + strings.Repeat("a1", 32) + "'"
	hardened := "size = 'hardened'; alertEmail = 'a@example.com'; entraClientId = " + guid
	cases := []struct{ given, want string }{
		{"", ""},
		{hardened + "; operators = [" + guid + "]; adminKeys = [" + hash + "]; origin = 'https://secrets.example.com'", ""},
		{"name = 'ab'", "minimum allowable length is 3"},
		{"name = 'abcdefghijk'", "maximum allowable length is 10"},
		{"name = 'Team'", "name: only a-z"},
		{"name = '1team'", "name: only a-z"},
		{"name = 'te-am'", "name: only a-z"},
		{"location = 'atlantis'", "'westeurope'"},
		{"size = 'huge'", "'hardened' | 'lean'"},
		{"size = 'hardened'; entraClientId = " + guid, "alertEmail: hardened"},
		{"alertEmail = 'somebody'", "alertEmail: one address"},
		{"alertEmail = 'a@example.com, b@example.com'", "alertEmail: one address"},
		{"size = 'hardened'; alertEmail = 'a@example.com'", "entraClientId: hardened"},
		{"entraClientId = 'secret-sharer'", "entraClientId: the client id"},
		{hardened + "; operators = ['a@example.com']", "operators: object ids"},
		{hardened + "; operators = [" + strings.Repeat(guid+", ", 5) + guid + "]", "maximum allowable length is 5"},
		{"origin = 'http://secrets.example.com'", "origin: https://"},
		{"origin = 'https://secrets.example.com/'", "origin: https://"},
		{"origin = 'https://'", "origin: https://"},
		{"origin = 'https://*'", "origin: https://"},
		{"adminKeys = ['the key itself']", "adminKeys, createKeys: SHA-256"},
		{"create = 'nobody'", "'anyone' | 'entra' | 'key'"},
		{"create = 'key'", "create: key wants"},
		{"create = 'entra'", "create: entra wants"},
		{"createKeys = [" + hash + "]", "createKeys: they are"},
		{"settings = { SSS_MAXTTL: '1h' }", "SSS_MAXTTL"},
		{"settings = { SSS_LOG: 'loud' }", "'debug' | 'error'"},
		{"memory = 1024", "2048 | 4096 | 512"},
		{"maximumInstances = 0", "minimum allowable value is 1"},
		{"maximumInstances = 1001", "maximum allowable value is 1000"},
		{"alwaysReady = 21", "maximum allowable value is 20"},
		{"alwaysReady = 3; maximumInstances = 2", "alwaysReady: more"},
		{"busTier = 'Basic'", "'Premium' | 'Standard'"},
		{hardened + "; networkRange = '10.60.0.0/24'", "networkRange: a range"},
		{hardened + "; networkRange = '10.60.1.0/22'", "networkRange: a range"},
		{hardened + "; networkRange = 'everywhere'", "networkRange: a range"},
		{hardened + "; packageHosts = ['*']", "packageHosts: names"},
		{hardened + "; packageHosts = ['https://example.com/handler.zip']", "packageHosts: names"},
		{"budgetUsd = 0", "minimum allowable value is 1"},
		{"budgetStart = '2026-12-02'", "budgetStart: the first day"},
		{"budgetStart = '2026-13-01'", "budgetStart: the first day"},
		{"budgetStart = 'December'", "budgetStart: the first day"},
	}
	folder := parametersAlone(t)
	for i, c := range cases {
		write(t, filepath.Join(folder, fileOf(i)+".bicepparam"), parametersOf(c.given))
	}
	// All files at once, for what decorators refuse; then one by one, for what fail() does.
	refused, _ := bicep(t, folder, "build-params", "--pattern", "./*.bicepparam", "--outdir", t.TempDir())
	for i, c := range cases {
		t.Run(c.given, func(t *testing.T) {
			said := linesWith(refused, fileOf(i)+".bicepparam")
			if said == "" {
				said, _ = predict(t, folder, fileOf(i), "overwrite")
			}
			if !strings.Contains(said, c.want) || (said == "") != (c.want == "") {
				t.Errorf("the compiler says %q, want %q", said, c.want)
			}
		})
	}
}

// worked are the variables that main.bicep makes of its parameters.
var worked = regexp.MustCompile(`(?m)^var (\w+) =`)

// parametersAlone returns a folder with a template of the parameters of main.bicep, and what it makes of
// them, but without its modules: those take most of the time, and refuse nothing.
func parametersAlone(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "modules"), os.DirFS("../modules")); err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(source(t, "../main.bicep"), "\n// How things are called.")
	if !found {
		t.Fatal("main.bicep no longer parts what it refuses from what it makes")
	}
	text += "\nvar hardened = size == 'hardened'\n"
	for _, m := range worked.FindAllStringSubmatch(text, -1) {
		text += fmt.Sprintf("output %s object = { is: %s }\n", m[1], m[1])
	}
	write(t, filepath.Join(folder, "main.bicep"), text)
	write(t, filepath.Join(folder, "bicepconfig.json"), `{"analyzers": {"core": {"enabled": false}}}`)
	return folder
}

// parametersOf returns a file of parameters: those that nothing refuses, and in their place what is given.
func parametersOf(given string) string {
	values := map[string]string{"name": "'secrets'", "location": "'westeurope'", "size": "'lean'", "budgetStart": "'2026-12-01'"}
	for assignment := range strings.SplitSeq(given, "; ") {
		if name, value, ok := strings.Cut(assignment, " = "); ok {
			values[name] = value
		}
	}
	text := "using 'main.bicep'\n"
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text += fmt.Sprintf("param %s = %s\n", name, values[name])
	}
	return text
}

func fileOf(i int) string { return fmt.Sprintf("case-%02d", i) }

func linesWith(text, part string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return !strings.Contains(line, part) }), "\n")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

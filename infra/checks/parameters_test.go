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

// A bad value is refused by the compiler, with a message that names its parameter.
func TestBadParametersAreRefused(t *testing.T) {
	const guid = "'11111111-1111-1111-1111-111111111111'"
	hash := "'" + strings.Repeat("a1", 32) + "'"
	hardened := "size = 'hardened'; alertEmail = 'a@example.com'; entraClientId = " + guid
	cases := []struct{ given, want string }{
		{"", ""},
		{hardened + "; operators = [" + guid + "]; adminKeys = [" + hash + "]; origin = 'https://secrets.example.com'", ""},
		{"name = 'ab'", "minimum allowable length is 3"},
		{"name = 'abcdefghijk'", "maximum allowable length is 10"},
		{"name = 'Team'", "name: lowercase letters"},
		{"name = '1team'", "name: lowercase letters"},
		{"name = 'te-am'", "name: lowercase letters"},
		{"location = 'atlantis'", "'westeurope'"},
		{"size = 'huge'", "'hardened' | 'lean'"},
		{"size = 'hardened'; entraClientId = " + guid, "alertEmail: required"},
		{"alertEmail = 'somebody'", "alertEmail: one address"},
		{"alertEmail = 'a@example.com, b@example.com'", "alertEmail: one address"},
		{"size = 'hardened'; alertEmail = 'a@example.com'", "entraClientId: required"},
		{"entraClientId = 'secret-sharer'", "entraClientId: the client id"},
		{hardened + "; operators = ['a@example.com']", "operators: Entra object ids"},
		{hardened + "; operators = [" + strings.Repeat(guid+", ", 5) + guid + "]", "maximum allowable length is 5"},
		{"origin = 'http://secrets.example.com'", "origin: https://"},
		{"origin = 'https://secrets.example.com/'", "origin: https://"},
		{"origin = 'https://'", "origin: https://"},
		{"origin = 'https://*'", "origin: https://"},
		{"adminKeys = ['the key itself']", "adminKeys: the SHA-256"},
		{"create = 'nobody'", "'anyone' | 'entra' | 'key'"},
		{"create = 'key'", "create: key needs"},
		{"create = 'entra'", "create: entra needs"},
		{"createKeys = [" + hash + "]", "createKeys: used only with"},
		{"create = 'key'; createKeys = ['the key itself']", "createKeys: the SHA-256"},
		{"settings = { SSS_MAXTTL: '1h' }", "SSS_MAXTTL"},
		{"settings = { SSS_LOG: 'loud' }", "'debug' | 'error'"},
		{"memory = 1024", "2048 | 4096 | 512"},
		{"maximumInstances = 0", "minimum allowable value is 1"},
		{"maximumInstances = 1001", "maximum allowable value is 1000"},
		{"alwaysReady = 21", "maximum allowable value is 20"},
		{"alwaysReady = 3; maximumInstances = 2", "alwaysReady: more"},
		{"busTier = 'Basic'", "'Premium' | 'Standard'"},
		{hardened + "; networkRange = '10.60.0.0/24'", "networkRange: a /22 range"},
		{hardened + "; networkRange = '10.60.1.0/22'", "networkRange: a /22 range"},
		{hardened + "; networkRange = 'everywhere'", "networkRange: a /22 range"},
		{hardened + "; packageHosts = ['*']", "packageHosts: host names"},
		{hardened + "; packageHosts = ['https://example.com/handler.zip']", "packageHosts: host names"},
		{"budgetUsd = 0", "minimum allowable value is 1"},
		{"budgetStart = '2026-12-02'", "budgetStart: the first day"},
		{"budgetStart = '2026-13-01'", "budgetStart: the first day"},
		{"budgetStart = 'December'", "budgetStart: the first day"},
	}
	folder := parametersOnly(t)
	for i, c := range cases {
		write(t, filepath.Join(folder, fileOf(i)+".bicepparam"), parameterFile(c.given))
	}
	// All files at once for the decorators, then one by one for fail(), which only a prediction runs.
	refused, _ := bicep(t, folder, "build-params", "--pattern", "./*.bicepparam", "--outdir", t.TempDir())
	for i, c := range cases {
		t.Run(c.given, func(t *testing.T) {
			out := linesWith(refused, fileOf(i)+".bicepparam")
			if out == "" {
				out, _ = predict(t, folder, fileOf(i), "overwrite")
			}
			if !strings.Contains(out, c.want) || (out == "") != (c.want == "") {
				t.Errorf("output %q, want %q", out, c.want)
			}
		})
	}
}

// checked are the variables of main.bicep with checked parameters.
var checked = regexp.MustCompile(`(?m)^var (valid\w+) =`)

// parametersOnly returns a folder with the parameters and the checks of main.bicep, but without its modules,
// which take most of the time and check nothing.
func parametersOnly(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "modules"), os.DirFS("../modules")); err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(source(t, "../main.bicep"), "\n// Names.\n")
	if !found {
		t.Fatal("main.bicep has no comment after its checked parameters")
	}
	for _, m := range checked.FindAllStringSubmatch(text, -1) {
		text += fmt.Sprintf("output %s object = { is: %s }\n", m[1], m[1])
	}
	write(t, filepath.Join(folder, "main.bicep"), text)
	write(t, filepath.Join(folder, "bicepconfig.json"), `{"analyzers": {"core": {"enabled": false}}}`)
	return folder
}

// parameterFile returns a parameter file with valid values, replaced by those given.
func parameterFile(given string) string {
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

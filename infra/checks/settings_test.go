package checks

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alone are the handler's settings that have no meaning in Azure, or that it refuses there.
var alone = []string{
	"SSS_ALLOWED_ORIGINS", "SSS_BRANDING", "SSS_DATA", "SSS_LISTEN", "SSS_METRICS_LISTEN",
	"SSS_RATE", "SSS_STORE_LIMIT", "SSS_TRUSTED_PROXIES",
}

// decided are the settings that a deployment gives values of its own; the others have the handler's defaults.
var decided = []string{"SSS_ENTRA"}

// A function app is told every setting that the handler reads there, and no other, which would stop its start.
func TestSettingsAreTheHandlersOwn(t *testing.T) {
	defaults := handlerSettings(t)
	for _, size := range []string{"lean", "hardened"} {
		told := appSettings(t, size)
		for name := range told {
			if _, known := defaults[name]; !known && strings.HasPrefix(name, "SSS_") {
				t.Errorf("%s sets %s, which the handler does not know", size, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(defaults)) {
			value, set := told[name]
			switch {
			case set == slices.Contains(alone, name):
				t.Errorf("%s: %s is set: %v, is of no use in Azure: %v", size, name, set, !set)
			case set && defaults[name] != "" && value != defaults[name] && !slices.Contains(decided, name):
				t.Errorf("%s: %s is %v, the handler's default %s", size, name, value, defaults[name])
			}
		}
	}
}

// SSS_ENTRA is believed only where App Service authentication is on: one decides the other.
func TestEntraIsOnWhereAuthenticationIs(t *testing.T) {
	for size, want := range map[string]string{"lean": "off", "hardened": "on"} {
		if got := appSettings(t, size)["SSS_ENTRA"]; got != want {
			t.Errorf("%s has SSS_ENTRA %v, want %s", size, got, want)
		}
		for _, r := range load(t, "..", size).Of("Microsoft.Web/sites/config") {
			if enabled := r.At("properties.platform.enabled"); strings.HasSuffix(r.Text("name"), "/authsettingsV2") && enabled != (want == "on") {
				t.Errorf("%s has App Service authentication %v beside SSS_ENTRA %s", size, enabled, want)
			}
		}
	}
}

func appSettings(t *testing.T, size string) map[string]any {
	t.Helper()
	for _, r := range load(t, "..", size).Of("Microsoft.Web/sites/config") {
		if properties, ok := r["properties"].(map[string]any); ok && strings.HasSuffix(r.Text("name"), "/appsettings") {
			return properties
		}
	}
	t.Fatalf("%s has no settings", size)
	return nil
}

// handlerSettings returns the SSS_ names of the handler's table with its defaults.
func handlerSettings(t *testing.T) map[string]string {
	t.Helper()
	constants := map[string]string{}
	text := source(t, "../../handler/settings.go")
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+= "(\w+)"$`).FindAllStringSubmatch(text, -1) {
		constants[m[1]] = m[2]
	}
	defaults := map[string]string{}
	for _, m := range regexp.MustCompile(`\{name: "(SSS_\w+)",(?: fallback: (?:"([^"]*)"|(\w+)),)?`).FindAllStringSubmatch(text, -1) {
		defaults[m[1]] = m[2] + constants[m[3]]
	}
	if len(defaults) == 0 {
		t.Fatal("the handler has no table of settings")
	}
	return defaults
}

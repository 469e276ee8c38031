package checks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// standalone are the settings of the handler that have no use in Azure, or that it refuses there.
var standalone = []string{
	"SSS_ALLOWED_ORIGINS", "SSS_BRANDING", "SSS_DATA", "SSS_DATA_MODES", "SSS_LISTEN", "SSS_METRICS_LISTEN",
	"SSS_STORE_LIMIT", "SSS_TRUSTED_PROXIES",
}

// settings reports missing and unknown app settings of the handler, which would not start with an unknown
// one, and values other than its defaults. SSS_ENTRA is a parameter, and for SSS_START
// see handlerSettings.bicep.
func settings(t *testing.T, d deployment) []string {
	t.Helper()
	var findings []string
	defaults, configured := handlerSettings(t), appSettings(t, d)
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		if _, known := defaults[name]; !known && strings.HasPrefix(name, "SSS_") {
			findings = append(findings, "the handler has no setting "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		value, set := configured[name]
		switch {
		case set == slices.Contains(standalone, name):
			findings = append(findings, fmt.Sprintf("%s is set: %v, want %v", name, set, !set))
		case set && defaults[name] != "" && value != defaults[name] && name != "SSS_ENTRA" && name != "SSS_START":
			findings = append(findings, fmt.Sprintf("%s is %v, not the handler's default %s", name, value, defaults[name]))
		}
	}
	// With SSS_ENTRA the handler trusts a header that only App Service authentication may set.
	for _, r := range d.Of("Microsoft.Web/sites/config") {
		on := r.At("properties.platform.enabled")
		if strings.HasSuffix(r.Text("name"), "/authsettingsV2") && (on == true) != (configured["SSS_ENTRA"] == "on") {
			findings = append(findings, fmt.Sprintf("App Service authentication is on: %v, but SSS_ENTRA is %v", on, configured["SSS_ENTRA"]))
		}
	}
	return findings
}

func appSettings(t *testing.T, d deployment) map[string]any {
	t.Helper()
	for _, r := range d.Of("Microsoft.Web/sites/config") {
		if properties, ok := r["properties"].(map[string]any); ok && strings.HasSuffix(r.Text("name"), "/appsettings") {
			return properties
		}
	}
	t.Fatal("the function app has no settings")
	return nil
}

// handlerSettings returns the names and defaults in the handler's table of settings.
func handlerSettings(t *testing.T) map[string]string {
	t.Helper()
	text := source(t, "../../handler/internal/config/config.go")
	defaults := map[string]string{}
	for _, m := range regexp.MustCompile(`\{"(SSS_\w+)", "([^"]*)",`).FindAllStringSubmatch(text, -1) {
		defaults[m[1]] = m[2]
	}
	if len(defaults) == 0 {
		t.Fatal("the handler has no table of settings")
	}
	return defaults
}

package checks

import (
	"fmt"
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

// settings returns what is wrong with what the function app is told: it must hear of every setting that
// the handler reads there, and of no other, which would stop its start.
func settings(t *testing.T, d Deployment) []string {
	t.Helper()
	var findings []string
	defaults, told := handlerSettings(t), appSettings(t, d)
	for _, name := range slices.Sorted(maps.Keys(told)) {
		if _, known := defaults[name]; !known && strings.HasPrefix(name, "SSS_") {
			findings = append(findings, fmt.Sprintf("settings: the handler does not know %s", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		value, set := told[name]
		switch {
		case set == slices.Contains(alone, name):
			findings = append(findings, fmt.Sprintf("settings: %s is set: %v, is of no use in Azure: %v", name, set, !set))
		case set && defaults[name] != "" && value != defaults[name] && !slices.Contains(decided, name):
			findings = append(findings, fmt.Sprintf("settings: %s is %v, the handler's default %s", name, value, defaults[name]))
		}
	}
	return append(findings, believed(d, told["SSS_ENTRA"])...)
}

// believed finds SSS_ENTRA and App Service authentication of different minds: the handler believes a
// header only where that stands in front.
func believed(d Deployment, entra any) []string {
	var findings []string
	for _, r := range d.Of("Microsoft.Web/sites/config") {
		on := r.At("properties.platform.enabled")
		if strings.HasSuffix(r.Text("name"), "/authsettingsV2") && (on == true) != (entra == "on") {
			findings = append(findings, fmt.Sprintf("settings: App Service authentication is on: %v, and SSS_ENTRA %v", on, entra))
		}
	}
	return findings
}

func appSettings(t *testing.T, d Deployment) map[string]any {
	t.Helper()
	for _, r := range d.Of("Microsoft.Web/sites/config") {
		if properties, ok := r["properties"].(map[string]any); ok && strings.HasSuffix(r.Text("name"), "/appsettings") {
			return properties
		}
	}
	t.Fatal("the function app is told nothing")
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

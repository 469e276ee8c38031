package playbook

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var files = []string{"quarantine.json", "release.json"}

func TestThePlaybooksAreWhatTheEngineTakes(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(playbooks, "*.json"))
	if err != nil || len(found) != len(files) {
		t.Fatalf("playbooks %v: %v", found, err)
	}
	for _, name := range files {
		load(t, name)
	}
}

// Each of these is one edit of the playbooks that the check must not let through.
func TestTheCheckRefuses(t *testing.T) {
	for _, c := range []struct{ file, from, to, says string }{
		{"release.json", "2016-06-01", "2015-08-01-preview", "schema"},
		{"release.json", `"contentVersion": "1.0.0.0",`, ``, "contentVersion"},
		{"release.json", `"outputs": {}`, `"output": {}`, "unknown field"},
		{"release.json", `"kind": "Http",`, `"kind": "Button",`, "kind"},
		{"release.json", `"type": "String"`, `"type": "securestring"`, "securestring"},
		{"release.json", `"description": "Origin of the service's API, without a slash at its end."`, `"description": ""`, "description"},
		{"release.json", `"audience": "@parameters('audience')"`, `"audience": "api://x"`, "not used"},
		{"release.json", `parameters('api')`, `parameters('origin')`, "origin"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Release": ["Succeeded", "Broken"]`, "Broken"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Release": []`, "runAfter"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Missing": ["Succeeded"]`, "can ever run"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Released": ["Succeeded"]`, "can ever run"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, ``, "ended before"},
		{"release.json", `outputs('Release')?['statusCode'], 504)",`, `outputs('Released')?['statusCode'], 504)",`, "ended before"},
		{"release.json", `"DisableAsyncPattern"`, `"Async"`, "operationOptions"},
		{"release.json", `["inputs", "outputs"]`, `["inputs", "output"]`, "secureData"},
		{"release.json", `"type": "exponential"`, `"type": "fixed"`, "retry"},
		{"release.json", `"count": 3`, `"count": 91`, "retry"},
		{"release.json", `"minimumInterval": "PT5S"`, `"minimumInterval": "PT4S"`, "apart"},
		{"release.json", `"maximumInterval": "PT10S"`, `"maximumInterval": "PT4S"`, "apart"},
		{"release.json", `"maximumInterval": "PT10S"`, `"maximumInterval": "10s"`, "duration"},
		{"release.json", `"timeout": "PT1M"`, `"timeout": "1 minute"`, "duration"},
		{"release.json", `"type": "ManagedServiceIdentity"`, `"type": "Basic"`, "identity"},
		{"release.json", `"method": "DELETE"`, `"method": "delete"`, "method"},
		{"release.json", `"runStatus": "Failed"`, `"runStatus": "Succeeded"`, "runStatus"},
		{"release.json", `"type": "Terminate"`, `"type": "Scope"`, "Scope"},
		{"release.json", `"Refused": {`, `"Answer": {`, "twice"},
		{"release.json", `"Refused": {`, `"Re fused": {`, "name"},
		{"release.json", `"equals": [`, `"same": [`, "operator"},
		{"release.json", `encodeUriComponent(`, `encodeUrl(`, "not known"},
		{"release.json", `startsWith(`, `startsWith(1, `, "arguments"},
		{"quarantine.json", `"type": "Compose"`, `"type": "ParseJson"`, "ParseJson"},
		{"quarantine.json", `"type": "Compose"`, `"type": "Response"`, "nobody"},
		{"quarantine.json", `"type": "Compose"`, `"type": "If"`, "make an If"},
		{"quarantine.json", `@outputs('Link')`, `@outputs('Mark_in_progress')`, "ended before"},
		{"quarantine.json", `['ascalert']`, `['ascalert'`, "expected ]"},
	} {
		broken := bytes.Replace(read(t, filepath.Join(playbooks, c.file)), []byte(c.from), []byte(c.to), 1)
		_, err := Parse(broken)
		if bytes.Equal(broken, read(t, filepath.Join(playbooks, c.file))) {
			t.Errorf("%s has no %s", c.file, c.from)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s for %s: %v", c.file, c.to, c.from, err)
		}
	}
}

// each calls do for every action of the definition, however deep.
func (d *Definition) each(do func(name string, a *Action)) {
	var walk func(map[string]*Action)
	walk = func(actions map[string]*Action) {
		for name, a := range actions {
			do(name, a)
			for _, branch := range a.branches() {
				walk(branch)
			}
		}
	}
	walk(d.Actions)
}

// An alert names people and their addresses, and a trigger's headers hold the
// token of its caller: none of it may stand in the history of runs.
func TestTheHistoryHidesAlertsAndTokens(t *testing.T) {
	hidden := func(r Runtime, what ...string) bool {
		return !slices.ContainsFunc(what, func(w string) bool { return !slices.Contains(r.SecureData.Properties, w) })
	}
	for _, file := range files {
		d := load(t, file)
		for name, trigger := range d.Triggers {
			if !hidden(trigger.Runtime, "outputs") || trigger.Type == "ApiConnectionWebhook" && !hidden(trigger.Runtime, "inputs") {
				t.Errorf("%s: trigger %s shows what it got", file, name)
			}
		}
		d.each(func(name string, a *Action) {
			want := map[string][]string{"Http": {"inputs", "outputs"}, "Compose": {"inputs"}, "Response": {"inputs"}}[a.Type]
			if !hidden(a.Runtime, want...) {
				t.Errorf("%s: %s shows its %v", file, name, want)
			}
			if a.Type == "Http" && (a.Options != "DisableAsyncPattern" || a.Limit == nil) {
				t.Errorf("%s: %s may go on without end", file, name)
			}
		})
	}
}

func TestNoSecretStandsInAPlaybook(t *testing.T) {
	secrets := regexp.MustCompile(`(?i)sig=|SharedAccess|AccountKey|password|client_?secret|Secret-Admin|eyJ[A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{43}`)
	for _, file := range files {
		// Longer words than a key are the schema's, and in descriptions and expressions, without digits.
		for _, word := range secrets.FindAllString(string(read(t, filepath.Join(playbooks, file))), -1) {
			if strings.ContainsAny(word, "0123456789=") {
				t.Errorf("%s: %s", file, word)
			}
		}
	}
}

// What is kept here of the language is what is needed, so that it can be read against its documentation.
func TestEveryFunctionIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, file := range files {
		var all bytes.Buffer
		if err := json.Compact(&all, read(t, filepath.Join(playbooks, file))); err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`([A-Za-z]+)\(`).FindAllStringSubmatch(all.String(), -1) {
			used[strings.ToLower(m[1])] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		if !used[name] {
			t.Errorf("no playbook calls %s", name)
		}
	}
}

// The page says of both playbooks what they take and what they do.
func TestTheReadmeNamesEveryParameterTriggerAndAction(t *testing.T) {
	page := string(read(t, filepath.Join(playbooks, "README.md")))
	for _, file := range files {
		d := load(t, file)
		all := slices.Concat(slices.Collect(maps.Keys(d.Parameters)), slices.Collect(maps.Keys(d.Triggers)))
		d.each(func(name string, _ *Action) { all = append(all, name) })
		for _, name := range append(all, file) {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("the page does not name %s of %s", name, file)
			}
		}
	}
}

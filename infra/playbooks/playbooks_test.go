// Package playbooks tests the two Logic Apps of this folder. It checks their structure, and compares the
// requests that they send with those in testdata/requests.json. An end-to-end test of the handler sends the
// same requests to the real binary.
package playbooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A playbook has the members of a workflow definition that are in use here. Any other member is an error.
type playbook struct {
	Schema         string `json:"$schema"`
	ContentVersion string
	Parameters     map[string]struct {
		Type         string
		DefaultValue any
		Metadata     struct{ Description string }
	}
	Triggers map[string]struct {
		Type, Kind           string
		Inputs               json.RawMessage
		Conditions           []struct{ Expression string }
		OperationOptions     string
		RuntimeConfiguration runtimeConfiguration
	}
	Actions map[string]action
	Outputs struct{}
}

type action struct {
	Type, Kind           string
	RunAfter             map[string][]string
	Limit                struct{ Timeout string }
	Inputs               json.RawMessage
	Expression           any
	Actions              map[string]action
	Else                 struct{ Actions map[string]action }
	OperationOptions     string
	RuntimeConfiguration runtimeConfiguration
}

// Properties that secureData names are hidden in the history of runs.
type runtimeConfiguration struct {
	SecureData struct{ Properties []string }
}

func (r runtimeConfiguration) hides(properties ...string) bool {
	return !slices.ContainsFunc(properties, func(p string) bool { return !slices.Contains(r.SecureData.Properties, p) })
}

type httpInputs struct {
	Method, URI    string
	Headers        map[string]string
	Body           string
	Authentication struct{ Type, Audience string }
	RetryPolicy    struct {
		Type                                       string
		Count                                      int
		MinimumInterval, Interval, MaximumInterval string
	}
}

var files = []string{"quarantine.json", "release.json"}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// parse returns a playbook and what is wrong with its structure.
func parse(text []byte) (playbook, error) {
	var file struct{ Definition playbook }
	if err := strict(text, &file); err != nil {
		return playbook{}, err
	}
	p := file.Definition
	c := checker{text: string(text), names: map[string]bool{}}
	if !strings.HasSuffix(p.Schema, "/schemas/2016-06-01/workflowdefinition.json#") || p.ContentVersion == "" {
		c.fail("wrong schema, or no contentVersion")
	}
	for name, parameter := range p.Parameters {
		if parameter.Type != "String" && parameter.Type != "Object" || parameter.Metadata.Description == "" {
			c.fail("parameter %s: wrong type, or no description", name)
		}
		if !strings.Contains(c.text, "parameters('"+name+"')") {
			c.fail("parameter %s is not used", name)
		}
	}
	for name, trigger := range p.Triggers {
		// Headers contain the caller's token, and an alert contains names and addresses.
		if !trigger.RuntimeConfiguration.hides("outputs") {
			c.fail("trigger %s: its outputs are in the history", name)
		}
		// A signed URL must not be enough: the caller needs an Entra token.
		if trigger.Type == "Request" && (len(trigger.Conditions) != 1 || !strings.Contains(trigger.Conditions[0].Expression, "['Authorization'], ''), 'Bearer ')") ||
			trigger.OperationOptions != "IncludeAuthorizationHeadersInOutputs") {
			c.fail("trigger %s does not require a token", name)
		}
	}
	c.actions(p.Actions)
	for _, m := range regexp.MustCompile(`\b(parameters|outputs|body|actions)\('([^']*)'\)`).FindAllStringSubmatch(c.text, -1) {
		if _, declared := p.Parameters[m[2]]; m[1] == "parameters" && !declared || m[1] != "parameters" && !c.names[m[2]] {
			c.fail("%s is not declared", m[0])
		}
	}
	return p, errors.Join(c.failures...)
}

type checker struct {
	text     string
	names    map[string]bool // of all actions
	failures []error
}

func (c *checker) fail(format string, args ...any) {
	c.failures = append(c.failures, fmt.Errorf(format, args...))
}

// actions checks the actions of one scope.
func (c *checker) actions(scope map[string]action) {
	for name, a := range scope {
		if c.names[name] || !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`).MatchString(name) {
			c.fail("action %s: the name is duplicated or illegal", name)
		}
		c.names[name] = true
		for before, states := range a.RunAfter {
			if _, ok := scope[before]; !ok || before == name {
				c.fail("action %s runs after %s, which is not in its scope", name, before)
			}
			if len(states) == 0 || slices.ContainsFunc(states, func(s string) bool { return !slices.Contains([]string{"Succeeded", "Failed", "TimedOut"}, s) }) {
				c.fail("action %s runs after %s in the states %v", name, before, states)
			}
		}
		c.action(name, a)
		c.actions(a.Actions)
		c.actions(a.Else.Actions)
	}
}

func (c *checker) action(name string, a action) {
	switch a.Type {
	case "If":
		if a.Expression == nil {
			c.fail("action %s has no expression", name)
		}
	case "Compose", "Response":
		if !a.RuntimeConfiguration.hides("inputs") {
			c.fail("action %s: its inputs are in the history", name)
		}
	case "Terminate":
		var in struct {
			RunStatus string
			RunError  struct{ Code, Message string }
		}
		if err := strict(a.Inputs, &in); err != nil || in.RunStatus != "Failed" || in.RunError.Code == "" || in.RunError.Message == "" {
			c.fail("action %s does not fail the run with a code and a message: %v", name, err)
		}
	case "Http":
		c.http(name, a)
	default:
		c.fail("action %s has the unknown type %s", name, a.Type)
	}
}

// http checks a request: managed identity, limited time, retries as Logic Apps allows them, nothing in the history.
func (c *checker) http(name string, a action) {
	var in httpInputs
	if err := strict(a.Inputs, &in); err != nil {
		c.fail("action %s: %w", name, err)
		return
	}
	if in.Authentication.Type != "ManagedServiceIdentity" || in.Authentication.Audience == "" {
		c.fail("action %s does not use the managed identity", name)
	}
	if !a.RuntimeConfiguration.hides("inputs", "outputs") {
		c.fail("action %s: its inputs or outputs are in the history", name)
	}
	if _, err := duration(a.Limit.Timeout); err != nil || a.OperationOptions != "DisableAsyncPattern" {
		c.fail("action %s has no time limit, or waits for an asynchronous operation", name)
	}
	low, err1 := duration(in.RetryPolicy.MinimumInterval)
	mid, err2 := duration(in.RetryPolicy.Interval)
	high, err3 := duration(in.RetryPolicy.MaximumInterval)
	if err := errors.Join(err1, err2, err3); err != nil || in.RetryPolicy.Type != "exponential" || in.RetryPolicy.Count < 1 || in.RetryPolicy.Count > 90 ||
		low < 5*time.Second || mid < low || high < mid || high > 24*time.Hour {
		c.fail("action %s: retry policy %+v: %v", name, in.RetryPolicy, err)
	}
}

// duration parses an ISO 8601 duration with one unit, such as PT20S.
func duration(text string) (time.Duration, error) {
	number, ok := strings.CutPrefix(text, "PT")
	if !ok {
		return 0, fmt.Errorf("duration %q", text)
	}
	return time.ParseDuration(strings.ToLower(number))
}

// all returns the actions of a playbook at every depth.
func (p playbook) all() map[string]action {
	found := map[string]action{}
	var walk func(map[string]action)
	walk = func(scope map[string]action) {
		for name, a := range scope {
			found[name] = a
			walk(a.Actions)
			walk(a.Else.Actions)
		}
	}
	walk(p.Actions)
	return found
}

func TestPlaybooksAreWellFormed(t *testing.T) {
	for _, file := range files {
		if _, err := parse(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestFaultsInPlaybooksAreFound(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"release.json", "2016-06-01", "2015-08-01-preview", "schema"},
		{"release.json", `"outputs": {}`, `"output": {}`, "unknown field"},
		{"release.json", `parameters('api')`, `parameters('origin')`, "parameters('origin') is not declared"},
		{"release.json", `"audience": "@parameters('audience')"`, `"audience": "api://x"`, "parameter audience is not used"},
		{"release.json", `outputs('Release')`, `outputs('Released_')`, "is not declared"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Release": ["Broken"]`, "in the states"},
		{"release.json", `"Release": ["Succeeded", "Failed", "TimedOut"]`, `"Missing": ["Succeeded"]`, "not in its scope"},
		{"release.json", `"Refused": {`, `"Answer": {`, "duplicated"},
		{"release.json", `"runStatus": "Failed"`, `"runStatus": "Succeeded"`, "does not fail the run"},
		{"release.json", `["inputs", "outputs"]`, `["inputs"]`, "in the history"},
		{"release.json", `"DisableAsyncPattern"`, `""`, "asynchronous"},
		{"release.json", `"timeout": "PT1M"`, `"timeout": "1 minute"`, "time limit"},
		{"release.json", `"ManagedServiceIdentity"`, `"Basic"`, "managed identity"},
		{"release.json", `"count": 3`, `"count": 91`, "retry policy"},
		{"release.json", `"minimumInterval": "PT5S"`, `"minimumInterval": "PT4S"`, "retry policy"},
		{"release.json", `'Bearer '`, `''`, "does not require a token"},
		{"quarantine.json", `"type": "Compose"`, `"type": "ParseJson"`, "unknown type"},
		{"quarantine.json", `"properties": ["inputs"]`, `"properties": []`, "in the history"},
	} {
		text := string(read(t, c.file))
		broken := strings.Replace(text, c.from, c.to, 1)
		if _, err := parse([]byte(broken)); broken == text || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s instead of %s: %v, want %q", c.file, c.to, c.from, err, c.want)
		}
	}
}

// linkPart is the expression for a segment of the alert's link. It is escaped: an alert with a forged link
// must not redirect the token for Resource Manager to another host.
func linkPart(name string) string {
	return "encodeUriComponent(first(split(last(split(outputs('Link'), '/" + name + "/')), '/')))"
}

// expressions are those in requests, with their values for the alert logicapp.json and a release.
var expressions = map[string]string{
	"parameters('api')":        "https://secrets.example.com",
	"parameters('audience')":   "api://secrets.example.com",
	"parameters('servicebus')": "sb-secrets.servicebus.windows.net",
	"parameters('management')": "https://management.azure.com",
	"triggerBody()":            "logicapp.json",
	linkPart("subscriptionId"): "6f5e4d3c-0000-4000-8000-00000000000a",
	linkPart("location"):       "northeurope",
	linkPart("alertId"):        "2517001122334455667_0a1b2c3d-1111-4222-8333-444455556666",
	"if(contains(outputs('Link'), '/resourceGroup/'), concat('/resourceGroups/', " + linkPart("resourceGroup") + "), '')": "/resourceGroups/rg-secrets",
	"encodeUriComponent(string(coalesce(triggerBody()?['hold'], '')))":                                                    "a1b2",
	"encodeUriComponent(string(coalesce(triggerBody()?['reason'], '')))":                                                  "False%20alarm%2C%20100%20%25",
}

// The playbooks send the golden requests.
func TestPlaybooksSendTheGoldenRequests(t *testing.T) {
	type request struct {
		Method, URI, Audience, Body string
		Headers                     map[string]string
	}
	var want map[string]request
	if err := strict(read(t, "testdata/requests.json"), &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]request{}
	for _, file := range files {
		p, err := parse(read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for name, a := range p.all() {
			if a.Type != "Http" {
				continue
			}
			var in httpInputs
			if err := strict(a.Inputs, &in); err != nil {
				t.Fatal(err)
			}
			got[name] = request{in.Method, evaluate(t, in.URI), evaluate(t, in.Authentication.Audience), evaluate(t, in.Body), in.Headers}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("requests %+v, want %+v", got, want)
	}
}

// evaluate replaces the expressions of a string by their values.
func evaluate(t *testing.T, text string) string {
	t.Helper()
	if expression, ok := strings.CutPrefix(text, "@"); ok && !strings.HasPrefix(expression, "{") {
		text = "@{" + expression + "}"
	}
	for expression, value := range expressions {
		text = strings.ReplaceAll(text, "@{"+expression+"}", value)
	}
	if strings.Contains(text, "@{") {
		t.Errorf("an expression without a value: %s", text)
	}
	return text
}

// The alert goes to the queue only without an answer, or after 408, 429 or 5xx. The queue would repeat any
// other refusal, so those fail the run.
func TestOnlyUndeliveredAlertsAreQueued(t *testing.T) {
	p, err := parse(read(t, "quarantine.json"))
	if err != nil {
		t.Fatal(err)
	}
	accepted := p.Actions["Accepted"]
	status := "@coalesce(outputs('Quarantine')?['statusCode'], 0)"
	undelivered := map[string]any{"or": []any{
		map[string]any{"contains": []any{"@createArray(0, 408, 429)", status}},
		map[string]any{"greaterOrEquals": []any{status, 500.0}},
	}}
	succeeded := map[string]any{"and": []any{map[string]any{"equals": []any{"@actions('Quarantine')['status']", "Succeeded"}}}}
	unanswered := accepted.Else.Actions["Unanswered"]
	if !reflect.DeepEqual(accepted.RunAfter, map[string][]string{"Quarantine": {"Succeeded", "Failed", "TimedOut"}}) ||
		!reflect.DeepEqual(accepted.Expression, succeeded) || !reflect.DeepEqual(unanswered.Expression, undelivered) {
		t.Errorf("Accepted %v after %v, Unanswered %v", accepted.Expression, accepted.RunAfter, unanswered.Expression)
	}
	if unanswered.Actions["Queue"].Type != "Http" || unanswered.Else.Actions["Refused"].Type != "Terminate" || len(accepted.Else.Actions) != 1 {
		t.Errorf("without success: %v, else %v", slices.Collect(maps.Keys(unanswered.Actions)), slices.Collect(maps.Keys(unanswered.Else.Actions)))
	}
}

// Only a new alert with an active hold is marked: marking may make Defender send the alert again.
func TestOnlyNewAlertsWithAHoldAreMarked(t *testing.T) {
	p, err := parse(read(t, "quarantine.json"))
	if err != nil {
		t.Fatal(err)
	}
	raised := p.Actions["Accepted"].Actions["Raised"]
	var want any
	if err := json.Unmarshal([]byte(`{"and": [
		{"not": {"equals": ["@empty(body('Quarantine')?['hold']?['id'])", true]}},
		{"equals": ["@empty(body('Quarantine')?['hold']?['released_at'])", true]},
		{"contains": ["@createArray('', 'new', 'active')", "@toLower(string(coalesce(outputs('Details')?['Status'], outputs('Details')?['status'], '')))"]},
		{"contains": ["@outputs('Link')", "/alertId/"]}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(raised.Expression, want) || raised.Actions["Mark_in_progress"].Type != "Http" {
		t.Errorf("%v leads to %v", raised.Expression, slices.Collect(maps.Keys(raised.Actions)))
	}
}

func TestPlaybooksContainNoSecret(t *testing.T) {
	secrets := regexp.MustCompile(`(?i)sig=|SharedAccess|AccountKey|password|client_?secret|Secret-Admin|eyJ[A-Za-z0-9_-]{8}`)
	for _, file := range files {
		if found := secrets.Find(read(t, file)); found != nil {
			t.Errorf("%s contains %s", file, found)
		}
	}
}

func TestReadmeNamesEveryPart(t *testing.T) {
	page := string(read(t, "README.md"))
	for _, file := range files {
		p, err := parse(read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		parts := slices.Concat([]string{filepath.Base(file)}, slices.Collect(maps.Keys(p.Parameters)), slices.Collect(maps.Keys(p.Triggers)), slices.Collect(maps.Keys(p.all())))
		for _, name := range parts {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("README.md does not name %s of %s", name, file)
			}
		}
	}
}

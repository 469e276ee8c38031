package checks

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commonFields are in every log line of the handler, see docs/operations.md.
var commonFields = []string{"time", "level", "message", "event"}

var (
	queriedEvents = regexp.MustCompile(`tostring\(line\.event\) (?:== |in \()(.*?)(?: and |\)|$)`)
	queriedFields = regexp.MustCompile(`\bline(?:\.([a-z_]+)|\["([a-z_]+)"\])`)
	queriedTexts  = regexp.MustCompile(`contains "([^"]+)"`)
	quoted        = regexp.MustCompile(`"([^"]+)"`)
)

// A query for an event or a field that the handler does not write would never fire. A test of the handler
// compares docs/operations.md with what it writes.
func TestQueriesUseDocumentedFields(t *testing.T) {
	logged := loggedFields(t)
	for name, query := range queries(t) {
		events := eventsOf(query)
		if strings.Contains(query, "AppTraces") && len(events) == 0 {
			t.Errorf("%s names no event", name)
		}
		fields := slices.Clone(commonFields)
		for _, event := range events {
			if logged[event] == nil {
				t.Errorf("%s names the event %s, which docs/operations.md does not list", name, event)
			}
			fields = append(fields, logged[event]...)
		}
		for _, m := range queriedFields.FindAllStringSubmatch(query, -1) {
			if field := m[1] + m[2]; !slices.Contains(fields, field) {
				t.Errorf("%s uses the field %s, which the events %v do not have", name, field, events)
			}
		}
	}
}

// The error messages in queries are in the handler's source.
func TestQueriesMatchRealErrors(t *testing.T) {
	handler, messages := handlerSource(t), 0
	for name, query := range queries(t) {
		for _, m := range queriedTexts.FindAllStringSubmatch(query, -1) {
			messages++
			if !strings.Contains(handler, m[1]) {
				t.Errorf("%s matches %q, which is not in the handler", name, m[1])
			}
		}
	}
	if messages == 0 {
		t.Error("no query matches an error message")
	}
}

// Every query has a case with rows and one without, and the log lines of the cases have documented fields.
func TestQueryCasesAreComplete(t *testing.T) {
	var cases []struct {
		Query  string
		Rows   int
		Figure map[string]float64
		Traces []struct{ Message any } `json:"AppTraces"`
	}
	if err := json.Unmarshal([]byte(source(t, "testdata/queries.json")), &cases); err != nil {
		t.Fatal(err)
	}
	logged, fires, quiet := loggedFields(t), map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		fires[c.Query] = fires[c.Query] || c.Rows > 0
		quiet[c.Query] = quiet[c.Query] || c.Rows == 0
		for _, trace := range c.Traces {
			line, _ := trace.Message.(map[string]any)
			event, _ := line["event"].(string)
			for field := range line {
				if !slices.Contains(append(slices.Clone(commonFields), logged[event]...), field) {
					t.Errorf("a case of %s has the field %s in the event %s, which is not documented", c.Query, field, event)
				}
			}
		}
	}
	for name := range queries(t) {
		if !fires[name] || !quiet[name] {
			t.Errorf("%s has a case with rows: %v, without: %v", name, fires[name], quiet[name])
		}
	}
}

// Every query has an alert, and docs/operations.md has what to do about every alert.
func TestEveryAlertIsDocumented(t *testing.T) {
	const watch = "../modules/watch/"
	logs, others := source(t, watch+"logAlerts.bicep"), source(t, watch+"metricAlerts.bicep")+source(t, watch+"activityAlerts.bicep")
	_, page, found := strings.Cut(source(t, "../../docs/operations.md"), "\n## Alerts\n")
	if !found {
		t.Fatal("docs/operations.md has no section Alerts")
	}
	page, _, _ = strings.Cut(page, "\n## ")
	for name := range queries(t) {
		if !strings.Contains(logs, "queries/"+name+".kql") {
			t.Errorf("%s.kql has no alert", name)
		}
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("docs/operations.md has no entry for %s", name)
		}
	}
	for _, m := range alertNames.FindAllStringSubmatch(others, -1) {
		if name := m[1] + m[2]; !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/operations.md has no entry for %s", name)
		}
	}
}

// alertNames matches the names of resources, and the keys of the tables of metrics and operations.
var alertNames = regexp.MustCompile(`name: '([a-z-]+)-\$\{name\}'|'?([a-z-]+)'?: (?:\{\s+of:|'Microsoft\.[^']+/(?:write|delete)')`)

func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../modules/watch/queries/*.kql")
	if err != nil || len(files) == 0 {
		t.Fatalf("queries: %v, %v", files, err)
	}
	all := map[string]string{}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".kql")] = source(t, file)
	}
	return all
}

func eventsOf(query string) (events []string) {
	for _, line := range strings.Split(query, "\n") {
		for _, m := range queriedEvents.FindAllStringSubmatch(line, -1) {
			for _, name := range quoted.FindAllStringSubmatch(m[1], -1) {
				events = append(events, name[1])
			}
		}
	}
	return events
}

// loggedFields returns the table of events in docs/operations.md.
func loggedFields(t *testing.T) map[string][]string {
	t.Helper()
	_, table, _ := strings.Cut(source(t, "../../docs/operations.md"), "| `event` |")
	table, _, _ = strings.Cut(table, "\n\n")
	fields := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|[^|]*\\|(.*)\\|$").FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[2], -1) {
			fields[row[1]] = append(fields[row[1]], name[1])
		}
	}
	if len(fields) == 0 {
		t.Fatal("docs/operations.md lists no events")
	}
	return fields
}

// handlerSource returns all of the handler's Go, without its tests.
func handlerSource(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("../../handler", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			all.WriteString(source(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

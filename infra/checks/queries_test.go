package checks

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everyLine are the fields of all lines of the handler; docs/operations.md says so.
var everyLine = []string{"time", "level", "message", "event"}

var (
	queriedEvents = regexp.MustCompile(`tostring\(line\.event\) (?:== |in \()(.*?)(?: and |\)|$)`)
	queriedFields = regexp.MustCompile(`\bline(?:\.([a-z_]+)|\["([a-z_]+)"\])`)
	queriedTexts  = regexp.MustCompile(`contains "([^"]+)"`)
	quoted        = regexp.MustCompile(`"([^"]+)"`)
)

// A query on a field or an event that the handler does not write would never fire. What the docs
// list is what the handler writes: a test beside the handler sees to that.
func TestQueriesAskForWhatTheHandlerWrites(t *testing.T) {
	logged := loggedFields(t)
	for name, query := range queries(t) {
		events := eventsOf(query)
		if strings.Contains(query, "AppTraces") && len(events) == 0 {
			t.Errorf("%s asks for no event", name)
		}
		fields := slices.Clone(everyLine)
		for _, event := range events {
			if logged[event] == nil {
				t.Errorf("%s asks for the event %s, which docs/operations.md does not list", name, event)
			}
			fields = append(fields, logged[event]...)
		}
		for _, m := range queriedFields.FindAllStringSubmatch(query, -1) {
			if field := m[1] + m[2]; !slices.Contains(fields, field) {
				t.Errorf("%s asks for the field %s, which %v do not have", name, field, events)
			}
		}
	}
}

// The texts of errors that a query looks for stand in the handler's source.
func TestQueriesLookForErrorsThatThereAre(t *testing.T) {
	source, looked := handlerSource(t), 0
	for name, query := range queries(t) {
		for _, m := range queriedTexts.FindAllStringSubmatch(query, -1) {
			looked++
			if !strings.Contains(source, m[1]) {
				t.Errorf("%s looks for %q, which is no error of the handler", name, m[1])
			}
		}
	}
	if looked == 0 {
		t.Error("no query looks for an error")
	}
}

// Every query has a case in which it fires and one in which it does not, and no line of a case
// has an event or a field that the handler does not write.
func TestCasesOfQueriesAreWholeAndReal(t *testing.T) {
	var cases []struct {
		Query  string
		Rows   int
		Figure map[string]float64
		Traces []struct{ Message any } `json:"AppTraces"`
	}
	text, err := os.ReadFile(filepath.Join("testdata", "queries.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
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
				if !slices.Contains(append(slices.Clone(everyLine), logged[event]...), field) {
					t.Errorf("a case of %s has the field %s in an event %s", c.Query, field, event)
				}
			}
		}
	}
	for name := range queries(t) {
		if !fires[name] || !quiet[name] {
			t.Errorf("%s fires in a case: %v; is quiet in a case: %v", name, fires[name], quiet[name])
		}
	}
}

// Every query is alerted on, and every alert stands in docs/operations.md with what to do about it.
func TestEveryAlertSaysWhatToDo(t *testing.T) {
	rules, metrics, changes := source(t, "../modules/rules.bicep"), source(t, "../modules/metrics.bicep"), source(t, "../modules/changes.bicep")
	_, page, found := strings.Cut(source(t, "../../docs/operations.md"), "\n## Alerts\n")
	if !found {
		t.Fatal("docs/operations.md has no section Alerts")
	}
	page, _, _ = strings.Cut(page, "\n## ")
	for name := range queries(t) {
		if !strings.Contains(rules, "queries/"+name+".kql") {
			t.Errorf("%s.kql is alerted on by no rule", name)
		}
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("docs/operations.md does not say what to do about %s", name)
		}
	}
	for _, m := range alertNames.FindAllStringSubmatch(metrics+changes, -1) {
		if name := m[1] + m[2]; !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/operations.md does not say what to do about %s", name)
		}
	}
}

// An alert is named by its resource, or by its member in a table of metrics or of changes.
var alertNames = regexp.MustCompile(`name: '([a-z-]+)-\$\{name\}'|'?([a-z-]+)'?: (?:\{\s+of:|'Microsoft\.[^']+/(?:write|delete)')`)

func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../modules/queries/*.kql")
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

func source(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A place is a line of a file that a page of docs/compliance points to, written as
//
//	[vault.bicep:30](../../infra/modules/vault.bicep#L30) `enablePurgeProtection: true`
//
// with the text that makes the line what it is said to be.
var place = regexp.MustCompile("\\[([^\\]`]+):(\\d+)\\]\\(([^)#]+)#L(\\d+)\\) `([^`]+)`")

// A row of a table is a control: its id or name, its title or group, its state, and where or why.
var control = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| (met|hardened|not applicable|open) \| (.+) \|$`)

// controls returns the rows of a page, and what is wrong with them: a control that is met, in both
// sizes or in hardened, names the lines by which, and every place is what it says.
func controls(page, folder string) (rows [][]string, findings []string) {
	seen := map[string]bool{}
	rows = control.FindAllStringSubmatch(page, -1)
	for _, row := range rows {
		id, state, where := row[1], row[3], row[4]
		places := place.FindAllStringSubmatch(where, -1)
		switch {
		case seen[id]:
			findings = append(findings, id+" stands twice")
		case (state == "met" || state == "hardened") && len(places) == 0:
			findings = append(findings, id+" is met by nothing that is named")
		case len(strings.Fields(place.ReplaceAllString(where, "here"))) < 3 && len(places) == 0:
			findings = append(findings, id+" gives no reason")
		case strings.Count(where, "](") != len(places):
			findings = append(findings, id+" has a link that is no file, line and text")
		}
		seen[id] = true
		for _, p := range places {
			if wrong := look(folder, p); wrong != "" {
				findings = append(findings, id+": "+wrong)
			}
		}
	}
	return rows, findings
}

// look says what is wrong with a place, "" where its text stands on its line and on no other.
func look(folder string, p []string) string {
	label, line, path, anchor, text := p[1], p[2], p[3], p[4], p[5]
	lines := found(folder, path, text)
	switch {
	case label != filepath.Base(path) || line != anchor:
		return fmt.Sprintf("the link to %s is called %s:%s", path, label, line)
	case len(lines) != 1:
		return fmt.Sprintf("%s has %q on %d lines", path, text, len(lines))
	case lines[0] != line:
		return fmt.Sprintf("%s has %q on line %s, not %s", path, text, lines[0], line)
	}
	return ""
}

// found returns the numbers of the lines that hold a text; none where there is no such file.
func found(folder, path, text string) (numbers []string) {
	content, err := os.ReadFile(filepath.Join(folder, path)) //nolint:gosec // a file of this repository
	if err != nil {
		return nil
	}
	for i, line := range strings.Split(string(content), "\n") {
		if strings.Contains(line, text) {
			numbers = append(numbers, fmt.Sprint(i+1))
		}
	}
	return numbers
}

// renumber returns a page with every place on the line where its text stands now.
func renumber(page, folder string) string {
	return place.ReplaceAllStringFunc(page, func(old string) string {
		p := place.FindStringSubmatch(old)
		if lines := found(folder, p[3], p[5]); len(lines) == 1 {
			return fmt.Sprintf("[%s:%s](%s#L%s) `%s`", p[1], lines[0], p[3], lines[0], p[5])
		}
		return old
	})
}

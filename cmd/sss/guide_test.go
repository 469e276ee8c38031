package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Parts of the output that differ between runs.
var (
	aLink    = regexp.MustCompile(`https?://[^\s'"]+/s#[0-9a-z]+`)
	aManage  = regexp.MustCompile(`https?://[^\s'"]+/m#[0-9a-z]+`)
	aHold    = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	changing = map[string]*regexp.Regexp{
		"LINK": aLink, "MANAGE": aManage, "ID": regexp.MustCompile(`\b[0-9a-z]{32}\b`), // of a secret or a hold
		"TIME":    regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d( UTC|Z)| )`),
		"TOOK":    regexp.MustCompile(`\b\d+ ms\b`),
		"VERSION": regexp.MustCompile(`(?m)^sss \S+ \(envelope format 1, \S+\)$`),
	}
)

// step is a command of the guide and its expected output.
type step struct{ command, output string }

// guide is "guide": it runs every command of docs/cli.md in turn and compares the output.
// In a command, a link or a hold's id is replaced by the latest one.
func guide(ts *testscript.TestScript, _ bool, _ []string) {
	text, err := os.ReadFile("../../docs/cli.md")
	ts.Check(err)
	steps := stepsOf(string(text))
	if len(steps) < 20 {
		ts.Fatalf("the guide has only %d commands", len(steps))
	}
	follow(ts, steps)
}

func stepsOf(text string) []step {
	var steps []step
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			if command, is := strings.CutPrefix(line, "$ "); is {
				steps = append(steps, step{command: strings.TrimSpace(command)})
			} else {
				steps[len(steps)-1].output += line
			}
		}
	}
	return steps
}

func follow(ts *testscript.TestScript, steps []step) {
	link, manage, hold := "", "", ""
	for _, s := range steps {
		command := aManage.ReplaceAllString(aLink.ReplaceAllString(s.command, link), manage)
		command = aHold.ReplaceAllString(command, hold)
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = ts.MkAbs(".")
		cmd.Env = append(os.Environ(), "SSS_SERVER="+ts.Getenv("SSS_SERVER"))
		out, _ := cmd.CombinedOutput() // some commands fail on purpose
		if got, want := normalized(string(out)), normalized(s.output); got != want {
			ts.Fatalf("$ %s\n%s\nbut the guide says\n%s", s.command, got, want)
		}
		link, manage = latest(aLink, out, link), latest(aManage, out, manage)
		hold = latest(aHold, out, hold)
	}
}

func normalized(output string) string {
	for name, pattern := range changing {
		output = pattern.ReplaceAllString(output, name)
	}
	return output
}

func latest(pattern *regexp.Regexp, output []byte, before string) string {
	if found := pattern.Find(output); found != nil {
		return string(found)
	}
	return before
}

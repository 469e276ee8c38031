package main

import (
	"strings"
	"testing"
)

func TestHoldShowsItsScopeAndAsksOnce(t *testing.T) {
	for answer, want := range map[string]struct {
		code  int
		calls string
		shows string
	}{
		"y":   {0, "count quarantine", "The hold is active, after "},
		"Yes": {0, "count quarantine", "sss release 0f --reason "},
		"n":   {1, "count", "sss: nothing was done"},
		"":    {1, "count", "sss: nothing was done"},
		"all": {1, "count", "sss: nothing was done"},
	} {
		d := newDesk(t)
		s := onTerminal(t, d.args(t, "hold", "--scope", "week=2026w47", "--until", "2026-11-26", "--reason", "why")...)
		s.expect("It covers every secret that expires in week 2026w47: currently 3.", 1)
		s.expect("While it is active, nobody can open them and no new ones are accepted. Nothing is lost.", 1)
		s.expect("It ends by itself at 2026-11-26 00:00:00 UTC, unless it is released earlier.", 1)
		s.expect("Hold now? [y/N] ", 1)
		s.enter(answer + "\n")
		s.exit(want.code)
		s.expect(want.shows, 1)
		if d.called() != want.calls || strings.Count(s.shown(), "[y/N]") != 1 {
			t.Errorf("%q: called %s:\n%s", answer, d.called(), s.shown())
		}
	}
}

func TestHoldAsksEvenIfSecretsCannotBeCounted(t *testing.T) {
	d := newDesk(t)
	d.answers["count"] = problemAnswer(503, `{"type":"/problems/unavailable"}`)
	s := onTerminal(t, d.args(t, "hold", "--scope", "all", "--reason", "why")...)
	s.expect("It covers every secret: they could not be counted in time.", 1)
	s.expect("It ends by itself after the server's default time", 1)
	s.expect("Hold now? [y/N] ", 1)
	s.enter("y\n")
	s.exit(0)
	s.expect("The hold is active", 1)
}

func TestHoldDoesNotAskWhenTheServerRefuses(t *testing.T) {
	d := newDesk(t)
	d.answers["count"] = problemAnswer(403, `{"type":"/problems/forbidden"}`)
	s := onTerminal(t, d.args(t, "hold", "--scope", "all", "--reason", "why")...)
	s.exit(1)
	s.expect("the server does not allow this", 1)
	if strings.Contains(s.shown(), "[y/N]") || d.called() != "count" {
		t.Errorf("called %s:\n%s", d.called(), s.shown())
	}
}

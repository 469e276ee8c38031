package week_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/week"
)

func TestWeeksAreThoseOfISO8601(t *testing.T) {
	for text, monday := range map[week.Week]string{
		"2026w48": "2026-11-23", "2026w01": "2025-12-29", "2026w53": "2026-12-28", "2027w01": "2027-01-04", "2021w01": "2021-01-04",
	} {
		w, err := week.Parse(string(text))
		want, _ := time.Parse(time.DateOnly, monday)
		if err != nil || !w.Start().Equal(want) || !w.End().Equal(want.AddDate(0, 0, 7)) {
			t.Errorf("%s: %v to %v, %v", text, w.Start(), w.End(), err)
		}
		first, last := week.Of(want), week.Of(w.End().Add(-time.Nanosecond))
		if first != text || last != text || w.Next() != week.Of(w.End()) || w.Next() <= w {
			t.Errorf("%s: first instant in %s, last in %s, then %s", text, first, last, w.Next())
		}
	}
	east := time.FixedZone("", 14*60*60)
	if got := week.Of(time.Date(2026, time.November, 23, 0, 0, 0, 0, east)); got != "2026w47" {
		t.Errorf("a Monday that is Sunday in UTC lies in %s", got)
	}
	for _, other := range []string{"", "2026w00", "2026w54", "2027w53", "2026W48", "2026-48", "26w48", "2026w48 ", " 2026w48", "2026w1", "-001w01", "0000w01"} {
		if w, err := week.Parse(other); err == nil {
			t.Errorf("%q was parsed as the week from %v", other, w.Start())
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2026w47")
	f.Add("-001w01")
	f.Fuzz(func(t *testing.T, s string) {
		w, err := week.Parse(s)
		if err != nil {
			return
		}
		if string(w) != s || len(s) != 7 || week.Of(w.Start()) != w || w.Start().Weekday() != time.Monday {
			t.Errorf("%q was parsed as %s from %v", s, w, w.Start())
		}
	})
}

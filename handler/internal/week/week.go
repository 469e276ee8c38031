// Package week names the ISO 8601 weeks, by which keys are made and retired.
package week

import (
	"fmt"
	"time"
)

// Week names an ISO 8601 week in UTC, from the year 1 on, such as "2026w47". Its text sorts by time.
type Week string

// Of returns the week in which t lies.
func Of(t time.Time) Week {
	year, week := t.UTC().ISOWeek()
	return Week(fmt.Sprintf("%04dw%02d", year, week))
}

// Parse reads the text of a week, in its one canonical form.
func Parse(s string) (Week, error) {
	var year, week int
	if _, err := fmt.Sscanf(s, "%4dw%2d", &year, &week); err != nil {
		return "", fmt.Errorf("parse week: want the form 2026w47")
	}
	if w := Of(monday(year, week)); w != Week(s) || year < 1 {
		return "", fmt.Errorf("parse week: no such week")
	}
	return Week(s), nil
}

// Start returns the week's Monday, 00:00 UTC.
func (w Week) Start() time.Time {
	var year, week int
	_, _ = fmt.Sscanf(string(w), "%4dw%2d", &year, &week) // both stay zero for a text that neither Of nor Parse returned
	return monday(year, week)
}

// End returns the Monday after the week, 00:00 UTC.
func (w Week) End() time.Time { return w.Start().AddDate(0, 0, 7) }

// Next returns the week that follows.
func (w Week) Next() Week { return Of(w.End()) }

// monday returns the first day of an ISO week: 4 January always lies in week 1.
func monday(year, week int) time.Time {
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC)
	sinceMonday := (int(fourth.Weekday()) + 6) % 7
	return fourth.AddDate(0, 0, 7*(week-1)-sinceMonday)
}

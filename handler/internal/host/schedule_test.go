package host

import (
	"testing"
	"time"
)

func TestSchedulesAreNCRONTAB(t *testing.T) {
	from := time.Date(2026, 11, 23, 16, 2, 3, 0, time.UTC) // a Monday
	for text, want := range map[string]string{
		"* * * * * *":            "2026-11-23T16:02:04Z",
		"*/10 * * * * *":         "2026-11-23T16:02:10Z",
		"0 */5 * * * *":          "2026-11-23T16:05:00Z",
		"0 17 3 * * *":           "2026-11-24T03:17:00Z",
		"0 0 0 1 * *":            "2026-12-01T00:00:00Z",
		"0 0 0 * * 0":            "2026-11-29T00:00:00Z",
		"0 0 9-17/4 * * 2-5":     "2026-11-24T09:00:00Z",
		"5,20-40/20 1,3 * * * *": "2026-11-23T16:03:05Z",
		"0 0 0 29 2 *":           "2028-02-29T00:00:00Z",
	} {
		schedule, err := parseSchedule(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := schedule.Next(from).Format(time.RFC3339); got != want {
			t.Errorf("%s comes at %s, want %s", text, got, want)
		}
	}
}

func TestSchedulesThatAreReadInTwoWaysAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"five fields":              "*/5 * * * *",
		"seven fields":             "0 0 * * * * 2026",
		"two blanks":               "0  0 * * * *",
		"a name":                   "0 0 0 * * MON",
		"a question mark":          "0 0 0 ? * *",
		"a descriptor":             "@daily",
		"a time zone":              "TZ=Europe/Berlin 0 0 0 * * *",
		"an interval":              "00:05:00",
		"a setting":                "%SCHEDULE%",
		"both days":                "0 0 0 1 * 1",
		"a step from a number":     "0 5/10 * * * *",
		"a range from everything":  "*-5 * * * * *",
		"a step of nothing":        "0 */ * * * *",
		"a step of zero":           "0 */0 * * * *",
		"an empty element":         "0,,5 * * * * *",
		"the 60th second":          "60 * * * * *",
		"the eighth day":           "0 0 0 * * 7",
		"a range backwards":        "0 0 5-3 * * *",
		"a day that never comes":   "0 0 0 30 2 *",
		"a number out of all size": "0 0 0 99999999999999999999 * *",
	} {
		if _, err := parseSchedule(text); err == nil {
			t.Errorf("%s was taken: %s", name, text)
		}
	}
}

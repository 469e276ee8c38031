package host

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// A field is a list of *, numbers and ranges, the first and the last with a step.
// A number with a step is left out: the two disagree on it where the step is one.
const (
	element = `(\*(/[0-9]+)?|[0-9]+(-[0-9]+(/[0-9]+)?)?)`
	field   = element + `(,` + element + `)*`
)

var (
	scheduleForm   = regexp.MustCompile(`^` + field + `( ` + field + `){5}$`)
	scheduleParser = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
)

// parseSchedule reads an NCRONTAB expression, six fields with the seconds first.
// It admits what NCRONTAB and cron mean alike: where both days are restricted,
// the one wants both and the other either.
func parseSchedule(text string) (cron.Schedule, error) {
	if !scheduleForm.MatchString(text) {
		return nil, fmt.Errorf("schedule %q is not six fields of *, numbers and ranges, in lists and with steps", text)
	}
	if fields := strings.Fields(text); fields[3] != "*" && fields[5] != "*" {
		return nil, fmt.Errorf("schedule %q restricts both the day of the month and of the week", text)
	}
	schedule, err := scheduleParser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return nil, fmt.Errorf("schedule %q never comes", text)
	}
	return schedule, nil
}

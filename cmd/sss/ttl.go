package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ttl is the value of a flag: a duration in seconds, minutes, hours, days or weeks, as in 1h30m or 3d.
type ttl time.Duration

var ttlUnits = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

var (
	ttlPart = regexp.MustCompile(`([0-9]{1,6})([smhdw])`)
	ttlForm = regexp.MustCompile(`^([0-9]{1,6}[smhdw])+$`)
)

func (t *ttl) Set(s string) error {
	s = strings.ToLower(s)
	if len(s) > 32 || !ttlForm.MatchString(s) {
		return errors.New("want a duration such as 90m, 12h or 3d")
	}
	var sum time.Duration
	for _, part := range ttlPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.Atoi(part[1])
		if err != nil {
			return errors.New("want a duration such as 90m, 12h or 3d")
		}
		sum += min(time.Duration(n), maxTTL/ttlUnits[part[2]]) * ttlUnits[part[2]]
	}
	*t = ttl(min(sum, maxTTL))
	return nil
}

// maxTTL is beyond what any server allows, and far from overflow.
const maxTTL = 20 * 365 * 24 * time.Hour

func (t *ttl) String() string {
	if *t == 0 {
		return ""
	}
	return duration(time.Duration(*t))
}

func (t *ttl) Type() string { return "duration" }

// duration is written as ttl reads it.
func duration(d time.Duration) string {
	var s strings.Builder
	for _, unit := range []string{"d", "h", "m", "s"} {
		if n := d / ttlUnits[unit]; n > 0 {
			s.WriteString(strconv.Itoa(int(n)) + unit)
			d -= n * ttlUnits[unit]
		}
	}
	if s.Len() == 0 {
		return "0s"
	}
	return s.String()
}

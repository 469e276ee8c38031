package abuse

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The largest count and the longest window of a limit. They bound the memory and
// the time that one subject costs.
const (
	MaxCount = 1000
	MaxPer   = 24 * time.Hour
)

// Limit is the number of distinct addresses or ids in a window that make a sign: 1
// to [MaxCount] in one second to [MaxPer]. The zero Limit is off.
type Limit struct {
	Count int
	Per   time.Duration
}

// Limits has the limit of each pattern.
type Limits struct {
	Addresses Limit // client addresses with a valid proof of access to one id
	Unknown   Limit // unknown ids that one address asked for
	Wrong     Limit // ids for which one address sent a wrong claim
}

var limitForm = regexp.MustCompile(`^([a-z]+)=([1-9][0-9]{0,5})/([1-9][0-9]{0,5})?([smh])$`)

// Parse reads limits such as "addresses=20/10m,unknown=60/m,wrong=30/10m", each
// kind at most once, or "off". Its errors do not quote the text.
func Parse(text string) (Limits, error) {
	var all Limits
	if text == "off" {
		return all, nil
	}
	for i, item := range strings.Split(text, ",") {
		if err := all.set(item); err != nil {
			return Limits{}, fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return all, nil
}

func (l *Limits) set(item string) error {
	m := limitForm.FindStringSubmatch(item)
	if m == nil {
		return errors.New("must be a limit such as addresses=20/10m, unknown=60/m or wrong=30/10m, or all off")
	}
	limit := map[string]*Limit{KindAddresses: &l.Addresses, KindUnknown: &l.Unknown, KindWrong: &l.Wrong}[m[1]]
	count, _ := strconv.Atoi(m[2]) // at most six digits by limitForm, and so is the time
	per, _ := time.ParseDuration(cmp.Or(m[3], "1") + m[4])
	switch {
	case limit == nil:
		return errors.New("must be one of addresses, unknown, wrong")
	case *limit != (Limit{}):
		return errors.New("is duplicated")
	case count > MaxCount || per > MaxPer:
		return fmt.Errorf("must count to at most %d, within at most %s", MaxCount, MaxPer)
	}
	*limit = Limit{count, per}
	return nil
}

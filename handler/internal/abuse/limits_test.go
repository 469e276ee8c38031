package abuse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/abuse"
)

func TestParseReadsLimits(t *testing.T) {
	for text, want := range map[string]abuse.Limits{
		"off": {},
		"addresses=20/10m,unknown=60/m,wrong=30/10m": usual,
		"wrong=30/10m,addresses=20/10m,unknown=60/m": usual,
		"unknown=1/s":        {Unknown: abuse.Limit{Count: 1, Per: time.Second}},
		"wrong=1000/24h":     {Wrong: abuse.Limit{Count: 1000, Per: 24 * time.Hour}},
		"addresses=2/86400s": {Addresses: abuse.Limit{Count: 2, Per: 24 * time.Hour}},
	} {
		if got, err := abuse.Parse(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseNamesTheEntryAndQuotesNothing(t *testing.T) {
	for text, entry := range map[string]int{
		"": 1, "on": 1, "OFF": 1, "off,": 1, "addresses": 1, "addresses=20": 1, "addresses=20/": 1, "addresses=/m": 1,
		"addresses=0/m": 1, "addresses=-1/m": 1, "addresses=1/0m": 1, "addresses=1/-1m": 1, "addresses=01/m": 1, "addresses=1/01m": 1,
		"addresses=1.5/m": 1, "addresses=1/d": 1, "addresses=1/1m30s": 1, "addresses=1001/m": 1, "addresses=1/25h": 1,
		"addresses=1/999999h": 1, "addresses=99999999999999999999/m": 1, "addresses=1/99999999999999999999s": 1,
		"reads=1/m": 1, "Wrong=1/m": 1, " wrong=1/m": 1, "wrong=1/m ": 1, "wrong=1/m\n": 1,
		"addresses=1/m,": 2, "wrong=1/m,off": 2, "wrong=1/m,wrong=1/m": 2, "wrong=1/m,,unknown=1/m": 2, "wrong=1/m, unknown=1/m": 2,
		"wrong=1/m,unknown=1/m,addresses=1/m,wrong=2/m": 4, "?s3cr3t!": 1, "s3cr3t=1/m": 1,
	} {
		got, err := abuse.Parse(text)
		if err == nil || got != (abuse.Limits{}) {
			t.Errorf("%q: %v, %v, want an error", text, got, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), fmt.Sprintf("entry %d: ", entry)) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %v, want one about entry %d without the text", text, err, entry)
		}
	}
}

// FuzzParse checks that accepted limits are within their bounds, and the same after
// they are written and parsed again.
func FuzzParse(f *testing.F) {
	f.Add("off")
	f.Add("addresses=20/10m,unknown=60/m,wrong=30/10m")
	f.Add("wrong=1000/24h,unknown=1/86400s")
	f.Add("wrong=1/m,wrong=1/m")
	f.Add("addresses=999999/999999h,")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := abuse.Parse(text)
		if err != nil {
			if got != (abuse.Limits{}) {
				t.Errorf("%q: limits with %v", text, err)
			}
			return
		}
		text2 := written(t, got)
		if again, err := abuse.Parse(text2); err != nil || again != got {
			t.Errorf("%q means %v, but %q %v, %v", text, got, text2, again, err)
		}
		if (text2 == "off") != (text == "off") {
			t.Errorf("%q means %q", text, text2)
		}
	})
}

// written returns limits as text. Each must be off or within its bounds.
func written(t *testing.T, l abuse.Limits) string {
	var items []string
	for kind, rule := range rules {
		switch limit := *rule.limit(&l); {
		case limit == (abuse.Limit{}):
		case limit.Count < 1 || limit.Count > abuse.MaxCount || limit.Per < time.Second || limit.Per > abuse.MaxPer:
			t.Errorf("%s is %v", kind, limit)
		default:
			items = append(items, fmt.Sprintf("%s=%d/%ds", kind, limit.Count, limit.Per/time.Second))
		}
	}
	if len(items) == 0 {
		return "off"
	}
	return strings.Join(items, ",")
}

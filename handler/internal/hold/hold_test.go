package hold_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

const id = "0004106400000000000000000000000g"

var start = time.Date(2026, time.November, 25, 9, 0, 0, 0, time.UTC)

// TestScopesCoverWhatTheyName tries one secret against each kind of scope.
func TestScopesCoverWhatTheyName(t *testing.T) {
	target := &hold.Target{
		ID: id, Week: "2026w49", Key: "kek-2026w49", KeyVersion: "v1", Created: start,
	}
	for _, test := range []struct {
		scope hold.Scope
		want  bool
	}{
		{hold.Scope{Kind: hold.ScopeAll}, true},
		{hold.Scope{Kind: "of a later version"}, true},
		{hold.Scope{}, true},
		{hold.Scope{Kind: hold.ScopeWeek, Week: "2026w49"}, true}, // of the expiry
		{hold.Scope{Kind: hold.ScopeWeek, Week: "2026w48"}, false},
		{hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w49"}, true},
		{hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w49", Version: "v1"}, true},
		{hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w49", Version: "v2"}, false},
		{hold.Scope{Kind: hold.ScopeKey, Name: "kek-2026w48"}, false},
		{hold.Scope{Kind: hold.ScopePeriod, From: start, To: start.Add(time.Second)}, true},
		{hold.Scope{Kind: hold.ScopePeriod, From: start.Add(-time.Second), To: start}, false},
		{hold.Scope{Kind: hold.ScopePeriod, From: start.Add(time.Second), To: start.Add(time.Hour)}, false},
		{hold.Scope{Kind: hold.ScopePrefix, Prefix: id[:5]}, true},
		{hold.Scope{Kind: hold.ScopePrefix, Prefix: id[1:5] + "z"}, false},
		{hold.Scope{Kind: hold.ScopeID, ID: id}, true},
		{hold.Scope{Kind: hold.ScopeID, ID: strings.Repeat("0", 32)}, false},
	} {
		if got := test.scope.Covers(target); got != test.want {
			t.Errorf("%+v: %v", test.scope, got)
		}
	}
}

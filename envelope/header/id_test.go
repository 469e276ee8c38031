package header_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

func TestIDHasOneText(t *testing.T) {
	id := header.ID{0x00, 0x2d, 0x5a, 0x1b, 0xa7, 19: 0xff}
	text := id.String()
	if got, err := header.ParseID(text); err != nil || got != id || len(text) != 32 {
		t.Fatalf("%s reads as %v, %v", text, got, err)
	}
	if id.Slot() != 0x2d5a1b || id.Shard() != 0xa {
		t.Errorf("slot %x, shard %x", id.Slot(), id.Shard())
	}
	for _, other := range []string{
		"", text[:31], text + "0", strings.ToUpper(text), text[:31] + "o", text[:31] + "u", text[:30] + "é",
		text[:24] + "\n\n\n\n\n\n\n\n", "\r" + text[1:],
	} {
		if got, err := header.ParseID(other); err == nil {
			t.Errorf("%q reads as %v", other, got)
		}
	}
}

func TestSlotsAreTenMinutes(t *testing.T) {
	for _, test := range []struct {
		at   time.Time
		want header.Slot
	}{
		{time.Unix(0, 0), 0}, {time.Unix(599, 999), 0}, {time.Unix(600, 0), 1},
		{time.Unix(-1, 0), 0}, {time.Unix(1<<62, 0), ^header.Slot(0)},
	} {
		if got := header.SlotOf(test.at); got != test.want {
			t.Errorf("%d s is in slot %d, want %d", test.at.Unix(), got, test.want)
		}
	}
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	s := header.SlotOf(start)
	if !s.Start().Equal(start) || !s.End().Equal(start.Add(10*time.Minute)) {
		t.Errorf("%v to %v", s.Start(), s.End())
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(header.ID{1, 2, 3}.String())
	f.Add(strings.Repeat("0", 24) + "\n\n\n\n\n\n\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := header.ParseID(s)
		if err == nil && id.String() != s {
			t.Errorf("%q reads as %s", s, id)
		}
	})
}

package secret_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// lateEnd is the time after which purge may delete the test's secret.
const lateEnd = ttl + 10*time.Minute + 5*time.Minute

func TestPurgeLeavesLivingSecretsAlone(t *testing.T) {
	w := fixtureWith(t, 1)
	for _, at := range []time.Duration{0, ttl - time.Second, time.Second, 14*time.Minute + 59*time.Second} {
		w.pass(at)
		if p := w.purge(); p.Cleared+p.Deleted+p.Left > 0 || !w.sealed() {
			t.Errorf("after %v: %+v", w.now.Sub(start), p)
		}
	}
	w.pass(time.Second)
	if p := w.purge(); p.Cleared != 1 || w.sealed() {
		t.Errorf("five minutes after its slot: %+v", p)
	}
}

// TestPurgeDeletesInTwoPasses goes from the expiry to the end of the receipt.
func TestPurgeDeletesInTwoPasses(t *testing.T) {
	w := fixtureWith(t, 1)
	w.pass(lateEnd)
	if p := w.purge(); p != (secret.Purged{Cleared: 1}) || w.sealed() || w.stored().Sealed.Wrapped != nil {
		t.Errorf("first pass: %+v", p)
	}
	w.pass(retention - time.Second)
	if p := w.purge(); p != (secret.Purged{}) || w.stored() == nil {
		t.Errorf("before the end of the retention: %+v", p)
	}
	w.pass(time.Second)
	if p := w.purge(); p != (secret.Purged{Deleted: 1}) || w.stored() != nil {
		t.Errorf("second pass: %+v", p)
	}
	if got := w.published(); !slices.Equal(got, []string{"secretsharer.secret.created", "secretsharer.secret.expired"}) {
		t.Errorf("published %v", got)
	}
}

func TestPurgeWithoutRetentionDeletesAtOnce(t *testing.T) {
	w := fixtureWith(t, 1)
	w.with(func(d *secret.Deps) { d.Policy.ReceiptRetention = 0 })
	w.pass(lateEnd)
	if p := w.purge(); p.Deleted != 1 || w.stored() != nil {
		t.Errorf("%+v", p)
	}
}

// TestPurgeClearsAnEnvelopeThatAReaderLeft lets a reader vanish with the last view.
func TestPurgeClearsAnEnvelopeThatAReaderLeft(t *testing.T) {
	w := fixtureWith(t, 1)
	w.must(w.read(keyA))
	w.pass(leaseTime + clearMargin)
	w.purge()
	if !w.sealed() || len(w.reminders) != 1 {
		t.Fatal("cleared while an instance with a slow clock may serve it")
	}
	w.pass(time.Minute)
	if p := w.purge(); p != (secret.Purged{Cleared: 1}) || w.sealed() || len(w.reminders) > 0 {
		t.Errorf("%+v, %d reminders", p, len(w.reminders))
	}
	w.wantAnswer(w.ack(keyA), "ok")
}

// TestPurgeKeepsAReminderWhileItsRowNeedsIt follows a due reminder, in several states.
func TestPurgeKeepsAReminderWhileItsRowNeedsIt(t *testing.T) {
	for name, test := range map[string]struct {
		begin          func(*fixture)
		stays, cleared bool
	}{
		"views left":          {func(*fixture) {}, false, false},
		"lease renewed":       {func(w *fixture) { w.rows[w.id].Leases[0].End = w.now }, true, false},
		"last view lapsed":    {func(w *fixture) { w.rows[w.id].Views = 0 }, false, true},
		"preserved":           {func(w *fixture) { w.rows[w.id].Views = 0; w.hold(time.Hour, hold.Preserve) }, true, false},
		"held, not preserved": {func(w *fixture) { w.rows[w.id].Views = 0; w.hold(time.Hour, hold.BlockRead) }, false, true},
		"revoked":             {func(w *fixture) { w.rows[w.id].Revoked = w.now }, false, true},
		"no write":            {func(w *fixture) { w.rows[w.id].Views = 0; w.before = failing("update") }, true, false},
		"no read":             {func(w *fixture) { w.before = failing("peek") }, true, false},
		"deleted":             {func(w *fixture) { delete(w.rows, w.id) }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 2)
			w.must(w.read(keyA))
			w.pass(time.Hour)
			test.begin(w)
			p := w.purge()
			if stays := len(w.reminders) > 0; stays != test.stays || w.sealed() == test.cleared || stays != (p.Left == 1) {
				t.Errorf("the reminder stays %v, the envelope %v: %+v", stays, w.sealed(), p)
			}
		})
	}
}

// TestPurgeLeavesNeededRows checks what a reader or a hold needs, and that the watermarks stay behind it.
func TestPurgeLeavesNeededRows(t *testing.T) {
	for name, test := range map[string]struct{ begin, end func(*fixture) }{
		"a live lease": {
			func(w *fixture) { w.rows[w.id].Leases = []secret.Lease{{End: w.now.Add(retention + ttl)}} },
			func(w *fixture) { w.rows[w.id].Leases = nil },
		},
		"a hold that preserves": {
			func(w *fixture) { w.hold(2*retention, hold.Preserve) },
			func(w *fixture) { w.release() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := fixtureWith(t, 2)
			w.pass(lateEnd)
			test.begin(w)
			for range 10 {
				if p := w.purge(); p.Left < 1 || !w.sealed() {
					t.Fatalf("after %v: %+v", w.now.Sub(start), p)
				}
				w.pass(retention / 10)
			}
			if slot := w.id.Slot(); w.water["rows"] > slot || w.water["envelopes"] > slot {
				t.Errorf("watermarks %v beyond %d", w.water, slot)
			}
			test.end(w)
			w.purge()
			if w.stored() != nil {
				t.Error("the row is never deleted")
			}
		})
	}
}

// TestPurgeLooksTwoHoursBehindItsWatermark adds a row late.
func TestPurgeLooksTwoHoursBehindItsWatermark(t *testing.T) {
	for _, test := range []struct {
		late time.Duration
		want int
	}{{2 * time.Hour, 1}, {2*time.Hour + 10*time.Minute, 0}} {
		w := fixtureWith(t, 1)
		row := w.stored()
		delete(w.rows, w.id)
		w.pass(lateEnd - 10*time.Minute + test.late)
		w.purge()
		w.rows[w.id] = row
		if p := w.purge(); p.Cleared != test.want {
			t.Errorf("%v late: %+v", test.late, p)
		}
	}
}

// TestPurgeGoesPageByPage runs out of time after some pages, and continues in the next run.
func TestPurgeGoesPageByPage(t *testing.T) {
	w := newFixture(t)
	w.page = 10
	for i := range 40 {
		w.create(w.draft(1, number(i), func(p *parts) { p.expire(w.now.Add(ttl + time.Duration(i/4)*header.SlotTime)) }))
	}
	w.pass(lateEnd + 9*header.SlotTime)
	ctx, cancel := context.WithCancel(t.Context())
	clears := 0
	w.before = func(operation string) error {
		if operation == "clear" {
			if clears++; clears == 3 {
				cancel()
			}
		}
		return nil
	}
	p, err := w.Purge(ctx)
	if err != nil || p.Cleared != 20 || p.Behind != 6*header.SlotTime {
		t.Errorf("cut off: %+v, %v", p, err)
	}
	if p := w.purge(); p.Cleared != 20 || p.Behind != 0 {
		t.Errorf("then: %+v", p)
	}
}

// TestPurgeOutOfTimeReportsHowFarItIsBehind has no time at all.
func TestPurgeOutOfTimeReportsHowFarItIsBehind(t *testing.T) {
	w := fixtureWith(t, 1)
	w.pass(lateEnd)
	w.purge()
	w.pass(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	w.before = func(operation string) error {
		if operation == "due" {
			cancel()
		}
		return nil
	}
	if p, err := w.Purge(ctx); err != nil || p.Behind != time.Hour {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestPurgeStopsForAHoldPlacedMeanwhile places a hold while purge runs.
func TestPurgeStopsForAHoldPlacedMeanwhile(t *testing.T) {
	w := newFixture(t)
	w.page = 1
	for i := range 3 {
		w.create(w.draft(1, number(i)))
	}
	w.pass(lateEnd)
	w.before = first("clear", func() error { w.hold(time.Hour, hold.Preserve); return nil })
	if p := w.purge(); p.Cleared != 1 || p.Left != 2 {
		t.Errorf("%+v", p)
	}
}

// TestPurgeGoesOnAfterAFailure fails each of its operations in turn.
func TestPurgeGoesOnAfterAFailure(t *testing.T) {
	for operation, cleared := range map[string]int{"due": 1, "remove reminders": 2, "expired": 1, "clear": 1, "set watermark": 2, "holds": 0} {
		w := newFixture(t)
		w.create(w.draft(1, func(p *parts) { p.expire(w.now.Add(2 * ttl)) }))
		w.must(w.read(keyA))
		w.create(w.draft(1, number(8)))
		w.pass(lateEnd)
		w.before = failing(operation)
		p, err := w.Purge(t.Context())
		if err == nil || p.Cleared != cleared {
			t.Errorf("%s: %+v, %v", operation, p, err)
		}
	}
}

// TestTwoPurgesAtOnceClearOnce interleaves two runs after both have read the row.
func TestTwoPurgesAtOnceClearOnce(t *testing.T) {
	w := fixtureWith(t, 1)
	w.pass(lateEnd)
	var other secret.Purged
	w.before = first("clear", func() error { other = w.purge(); return nil })
	if p := w.purge(); p.Cleared != 0 || p.Left != 1 || other.Cleared != 1 {
		t.Errorf("%+v and %+v", p, other)
	}
	if p := w.purge(); p.Left != 0 || p.Behind != 0 {
		t.Errorf("then %+v", p)
	}
}

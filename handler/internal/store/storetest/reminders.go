package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func dueReminders(t *testing.T, s Store) {
	ctx := t.Context()
	at := Start.Add(30 * time.Second)
	var ids []header.ID
	for i := range 5 {
		id := Record(Start, 0).ID
		ids = append(ids, id)
		must(t, s.AddReminder(ctx, id, at.Add(time.Duration(i)*time.Minute)))
		must(t, s.AddReminder(ctx, id, at.Add(time.Duration(i)*time.Minute+time.Second)))
	}
	must(t, s.SetWatermark(ctx, "after-the-reminders", 1))
	due, next, err := s.DueReminders(ctx, Start.Add(3*time.Minute), "")
	must(t, err)
	if len(due) != 3 || next != "" || due[0].ID != ids[0] || !due[2].Minute.Equal(Start.Add(2*time.Minute)) {
		t.Fatalf("due: %v, want the first three", due)
	}
	must(t, s.RemoveReminders(ctx, due))
	must(t, s.RemoveReminders(ctx, due))
	due, _, err = s.DueReminders(ctx, Start.Add(time.Hour), "")
	must(t, err)
	if len(due) != 2 || due[0].ID != ids[3] {
		t.Errorf("due after removing: %v", due)
	}
	must(t, s.RemoveReminders(ctx, due))
}

func keptWatermarks(t *testing.T, s Store) {
	ctx := t.Context()
	for _, want := range []header.Slot{0, 7, 5} {
		if want != 0 {
			must(t, s.SetWatermark(ctx, "pass", want))
		}
		if got, err := s.Watermark(ctx, "pass"); err != nil || got != want {
			t.Errorf("watermark %d, %v, want %d", got, err, want)
		}
	}
}

// endsWithContext calls every method under a context that has ended.
func endsWithContext(t *testing.T, s Store) {
	_, r := insert(t, s, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rows, reminders := []*secret.Record{r}, []secret.Reminder{{Minute: Start, ID: r.ID}}
	for name, call := range map[string]func() error{
		"insert":           func() error { return s.Insert(ctx, Record(Start, 10)) },
		"get":              func() error { _, err := s.Get(ctx, r.ID); return err },
		"peek":             func() error { _, err := s.Peek(ctx, r.ID); return err },
		"update":           func() error { return s.Update(ctx, r) },
		"expired":          func() error { _, _, err := s.Expired(ctx, 0, header.SlotOf(Start)+1, true, ""); return err },
		"clear":            func() error { _, err := s.Clear(ctx, rows); return err },
		"delete":           func() error { _, err := s.Delete(ctx, rows); return err },
		"add reminder":     func() error { return s.AddReminder(ctx, r.ID, Start) },
		"due reminders":    func() error { _, _, err := s.DueReminders(ctx, Start.Add(time.Hour), ""); return err },
		"remove reminders": func() error { return s.RemoveReminders(ctx, reminders) },
		"active holds":     func() error { _, err := s.ActiveHolds(ctx, r.ID); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := s.Get(t.Context(), r.ID); err != nil || got.Version != r.Version {
		t.Errorf("the row was changed, %v", err)
	}
}

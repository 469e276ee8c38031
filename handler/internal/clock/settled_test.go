package clock_test

import (
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
)

func TestSettledBelievesForwardStepsLate(t *testing.T) {
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	const never = 10 * 365 * 24 * time.Hour
	type move struct{ passes, step, ahead time.Duration } // ahead: of the steady time, believed after both
	for name, moves := range map[string][]move{
		"time passes":                         {{passes: time.Hour}},
		"a step forward waits two hours":      {{0, time.Hour, 0}, {passes: 119 * time.Minute}, {time.Minute, 0, time.Hour}},
		"a step forward that is taken back":   {{0, never, 0}, {time.Hour, -never, 0}, {passes: 3 * time.Hour}},
		"a step back counts at once":          {{0, -time.Hour, -time.Hour}, {time.Minute, 0, -time.Hour}},
		"drift is no step":                    {{time.Hour, time.Second, time.Second}, {time.Hour, time.Second, 2 * time.Second}},
		"a second step waits for itself":      {{0, time.Hour, 0}, {119 * time.Minute, never, 0}, {time.Minute, 0, time.Hour}, {119 * time.Minute, 0, time.Hour}},
		"a second step is believed in time":   {{0, time.Hour, 0}, {119 * time.Minute, time.Hour, 0}, {time.Minute, 0, time.Hour}, {time.Second, 0, time.Hour}, {2 * time.Hour, 0, 2 * time.Hour}},
		"a step that shrinks counts as it is": {{0, 3 * time.Hour, 0}, {time.Hour, -time.Hour, 0}, {time.Hour, 0, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			wall, steady := start, 5*time.Second
			c := clock.NewSettled(func() time.Time { return wall }, func() time.Duration { return steady })
			for i, m := range moves {
				wall, steady = wall.Add(m.passes+m.step), steady+m.passes
				want := start.Add(steady - 5*time.Second + m.ahead)
				if got := c.Now(); !got.Equal(want) || got.After(wall) {
					t.Errorf("move %d: %v, want %v, by the wall %v", i, got, want, wall)
				}
			}
		})
	}
}

package host

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeClock is the wall clock of a synctest bubble. It can be set.
type fakeClock struct{ ahead atomic.Int64 }

func (c *fakeClock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *fakeClock) step(d time.Duration) { c.ahead.Add(int64(d)) }

// timerApp returns an app with one timer.
func timerApp(t *testing.T, schedule string, timer Timer, ran func(context.Context, Run)) *App {
	t.Helper()
	functions := mustLoad(t, map[string]string{"purge": timerFunction(schedule)})
	app, err := New(functions, Handlers{Timers: map[string]Timer{"purge": timer}, Ran: ran})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// start runs the timers. The returned function stops them and waits for their end.
func start(t *testing.T, app *App, now func() time.Time) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		app.RunTimers(ctx, now)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// runsOf returns the times at which a timer runs while play lasts. take returns the
// duration of each run.
func runsOf(t *testing.T, schedule string, take func(run int) time.Duration, play func(*fakeClock)) (runs []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeClock{}
		app := timerApp(t, schedule, func(context.Context) error {
			runs = append(runs, c.now().UTC().Format("02 15:04:05"))
			time.Sleep(take(len(runs)))
			return nil
		}, nil)
		stop := start(t, app, c.now)
		synctest.Wait()
		play(c)
		stop()
	})
	return runs
}

func atOnce(int) time.Duration { return 0 }

// A bubble begins at midnight of 1 January 2000, UTC.
func TestTimersRunOnTheirSchedules(t *testing.T) {
	for _, c := range []struct {
		name, schedule string
		take           func(int) time.Duration
		play           func(*fakeClock)
		want           []string
	}{
		{"every 20 seconds", "*/20 * * * * *", atOnce, func(*fakeClock) { time.Sleep(65 * time.Second) },
			[]string{"01 00:00:00", "01 00:00:20", "01 00:00:40", "01 00:01:00"}},
		{"daily", "0 17 3 * * *", atOnce, func(*fakeClock) { time.Sleep(48 * time.Hour) },
			[]string{"01 00:00:00", "01 03:17:00", "02 03:17:00"}},
		{"runs do not overlap, and one catches up on many", "*/10 * * * * *",
			func(run int) time.Duration { return map[int]time.Duration{2: 35 * time.Second}[run] },
			func(*fakeClock) { time.Sleep(61 * time.Second) },
			[]string{"01 00:00:00", "01 00:00:10", "01 00:00:50", "01 00:01:00"}},
		{"a clock set forward: one run catches up", "0 0 * * * *", atOnce, func(c *fakeClock) {
			time.Sleep(10*time.Minute + time.Second)
			c.step(5 * time.Hour)
			time.Sleep(time.Hour)
		}, []string{"01 00:00:00", "01 05:11:00", "01 06:00:00"}},
		{"a clock set back is followed", "0 0 * * * *", atOnce, func(c *fakeClock) {
			time.Sleep(90*time.Minute + time.Second)
			c.step(-24 * time.Hour)
			time.Sleep(time.Hour)
		}, []string{"01 00:00:00", "01 01:00:00", "31 02:00:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := runsOf(t, c.schedule, c.take, c.play); !slices.Equal(got, c.want) {
				t.Errorf("ran at %q, want %q", got, c.want)
			}
		})
	}
}

func TestSchedulesAreInUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ranAt time.Time
		app := timerApp(t, "0 0 3 * * *", func(context.Context) error { ranAt = time.Now(); return nil }, nil)
		stop := start(t, app, func() time.Time { return time.Now().In(time.FixedZone("", 5*3600+1800)) })
		time.Sleep(23 * time.Hour)
		stop()
		if got := ranAt.UTC().Format(time.TimeOnly); got != "03:00:00" {
			t.Errorf("ran at %s", got)
		}
	})
}

func TestFailedRunsAreReportedAndTheNextRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		tries := 0
		var runs []Run
		app := timerApp(t, "0 * * * * *", func(context.Context) error {
			time.Sleep(time.Second)
			if tries++; tries == 1 {
				return broken
			} else if tries == 2 {
				panic("broken")
			}
			return nil
		}, func(_ context.Context, r Run) { runs = append(runs, r) })
		stop := start(t, app, time.Now)
		time.Sleep(2*time.Minute + 2*time.Second)
		stop()
		if len(runs) != 3 || !errors.Is(runs[0].Err, broken) || runs[1].Err == nil || runs[2].Err != nil {
			t.Fatalf("%+v", runs)
		}
		for i, r := range runs {
			if r.Timer != "purge" || r.InvocationID != "" || r.PastDue != (i == 0) || r.Took != time.Second {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestTimersDoNotDelayEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		functions := mustLoad(t, map[string]string{"purge": timerFunction("0 * * * * *"), "rotate": timerFunction("0 * * * * *")})
		rotated := 0
		app, err := New(functions, Handlers{Timers: map[string]Timer{
			"purge":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"rotate": func(context.Context) error { rotated++; return nil },
		}})
		if err != nil {
			t.Fatal(err)
		}
		stop := start(t, app, time.Now)
		time.Sleep(3*time.Minute + time.Second)
		stop()
		if rotated != 4 {
			t.Errorf("rotate ran %d times", rotated)
		}
	})
}

func TestARunEndsAfterItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs []Run
		app := timerApp(t, "0 0 * * * *", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			func(_ context.Context, r Run) { runs = append(runs, r) })
		stop := start(t, app, time.Now)
		time.Sleep(TimerLimit + time.Second)
		stop()
		if len(runs) != 1 || runs[0].Took != TimerLimit || !errors.Is(runs[0].Err, context.DeadlineExceeded) {
			t.Errorf("%+v", runs)
		}
	})
}

func TestRunTimersWaitsForRunsToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cleaned := false
		app := timerApp(t, "0 0 * * * *", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			cleaned = true
			return ctx.Err()
		}, nil)
		stop := start(t, app, time.Now)
		time.Sleep(time.Hour + time.Second)
		stop()
		if !cleaned {
			t.Error("it returned during a run")
		}
	})
}

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
			t.Errorf("%s occurs at %s, want %s", text, got, want)
		}
	}
}

func TestAmbiguousSchedulesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"five fields":             "*/5 * * * *",
		"seven fields":            "0 0 * * * * 2026",
		"two blanks":              "0  0 * * * *",
		"a name":                  "0 0 0 * * MON",
		"a question mark":         "0 0 0 ? * *",
		"a descriptor":            "@daily",
		"a time zone":             "TZ=Europe/Berlin 0 0 0 * * *",
		"an interval":             "00:05:00",
		"a setting":               "%SCHEDULE%",
		"both days":               "0 0 0 1 * 1",
		"a step from a number":    "0 5/10 * * * *",
		"a range from *":          "*-5 * * * * *",
		"an empty step":           "0 */ * * * *",
		"a step of zero":          "0 */0 * * * *",
		"an empty element":        "0,,5 * * * * *",
		"the 60th second":         "60 * * * * *",
		"the eighth day":          "0 0 0 * * 7",
		"a range backwards":       "0 0 5-3 * * *",
		"a day that never occurs": "0 0 0 30 2 *",
		"a number that overflows": "0 0 0 99999999999999999999 * *",
	} {
		if _, err := parseSchedule(text); err == nil {
			t.Errorf("%s was accepted: %s", name, text)
		}
	}
}

package clock_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
)

func TestSleepLastsAsLongAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, d := range []time.Duration{time.Hour, 0, -time.Hour} {
			begin := time.Now()
			if err := clock.Sleep(t.Context(), d); err != nil || time.Since(begin) != max(0, d) {
				t.Errorf("Sleep(%s) took %s and returned %v", d, time.Since(begin), err)
			}
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := clock.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("Sleep took %s and returned %v", time.Since(begin), err)
		}
		if err := clock.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sleep of nothing returned %v", err)
		}
	})
}

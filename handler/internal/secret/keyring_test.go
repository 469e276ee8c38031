package secret_test

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// keyring keeps the weeks' keys in a memory.
type keyring struct{ *memory }

func (k keyring) Make(ctx context.Context, w week.Week) error {
	return k.do(ctx, "make "+string(w), func() error { k.keys[w] = secret.WeekKey{Week: w, Enabled: true}; return nil })
}

func (k keyring) Disable(ctx context.Context, w week.Week) error {
	return k.do(ctx, "disable "+string(w), func() error { k.keys[w] = secret.WeekKey{Week: w, Updated: k.clock()}; return nil })
}

func (k keyring) Delete(ctx context.Context, w week.Week) error {
	return k.do(ctx, "delete "+string(w), func() error { delete(k.keys, w); return nil })
}

func (k keyring) Keys(ctx context.Context) (keys []secret.WeekKey, err error) {
	return keys, k.do(ctx, "keys", func() error {
		keys = slices.SortedFunc(maps.Values(k.keys), func(a, b secret.WeekKey) int { return cmp.Compare(a.Week, b.Week) })
		return nil
	})
}

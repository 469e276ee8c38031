package seal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	cacheTime  = 120 * time.Second // as long as a lease
	cacheKeys  = 1024
	flightTime = 30 * time.Second // how long one unwrap may take
)

// Cache is a Wrapper that keeps each data key for 120 s after it was unwrapped, at most
// 1,024 of them, so that repeats of a read cost no further unwrap. Callers that want
// the same key at the same time share one unwrap. It overwrites what it drops, and
// keeps no errors. A key that is disabled or deleted meanwhile is so for what is cached
// after at most 120 s. Safe for concurrent use.
type Cache struct {
	Wrapper
	flights singleflight.Group

	mu    sync.Mutex
	keys  map[string]*cachedKey // by cacheID
	order []*cachedKey          // the oldest first
}

type cachedKey struct {
	id    string
	value []byte
	timer *time.Timer
}

// NewCache returns an empty cache before a wrapper.
func NewCache(w Wrapper) *Cache { return &Cache{Wrapper: w, keys: map[string]*cachedKey{}} }

func cacheID(key secret.KeyRef, wrapped []byte) string {
	return fmt.Sprintf("%q %q %q ", key.Algorithm, key.Name, key.Version) + string(wrapped)
}

// Unwrap implements Wrapper. When ctx ends, other callers still get the key.
func (c *Cache) Unwrap(ctx context.Context, key secret.KeyRef, wrapped []byte) ([]byte, error) {
	id := cacheID(key, wrapped)
	for {
		if value := c.get(id); value != nil {
			return value, nil
		}
		select {
		case r := <-c.flights.DoChan(id, func() (any, error) { return nil, c.unwrap(ctx, id, key, wrapped) }):
			if r.Err != nil {
				return nil, r.Err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// unwrap unwraps a key and keeps it, unless that has happened.
func (c *Cache) unwrap(ctx context.Context, id string, key secret.KeyRef, wrapped []byte) error {
	if value := c.get(id); value != nil {
		clear(value)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTime)
	defer cancel()
	value, err := c.Wrapper.Unwrap(ctx, key, wrapped)
	if err != nil {
		return err
	}
	c.put(id, value)
	return nil
}

// get returns a copy of a key, which the caller may overwrite, or nil.
func (c *Cache) get(id string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.keys[id]; k != nil {
		return bytes.Clone(k.value)
	}
	return nil
}

func (c *Cache) put(id string, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == cacheKeys {
		c.drop(c.order[0])
	}
	k := &cachedKey{id: id, value: value}
	k.timer = time.AfterFunc(cacheTime, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.drop(k)
	})
	c.keys[id] = k
	c.order = append(c.order, k)
}

// drop overwrites a key, unless it was dropped before.
func (c *Cache) drop(k *cachedKey) {
	if c.keys[k.id] != k {
		return
	}
	k.timer.Stop()
	delete(c.keys, k.id)
	c.order = slices.DeleteFunc(c.order, func(other *cachedKey) bool { return other == k })
	clear(k.value)
}

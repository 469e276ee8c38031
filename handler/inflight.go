package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sync/semaphore"
)

const (
	memoryShare = 0.6       // of the machine or the container, for the runtime
	memoryMost  = 160 << 20 // bytes; more would be garbage, since the transfers in flight are bounded

	tinyTransfer  = 4 << 10         // bytes; the connection of such a transfer takes more than this
	smallTransfer = 64 << 10        // bytes
	transferWait  = 3 * time.Second // how long a transfer waits for memory
	clientShare   = 4               // one client may use at most this part of each budget: a quarter
)

// limitMemory gives the runtime a soft limit, by the memory of the container or the
// machine. GOMEMLIMIT overrules it.
func limitMemory() error {
	share := memlimit.ApplyRatio(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem), memoryShare)
	_, err := memlimit.Set(memlimit.WithRatio(1), memlimit.WithProvider(func() (uint64, error) {
		limit, err := share()
		if err != nil { // the memory is not limited, or its size is not known
			return memoryMost, nil //nolint:nilerr // which suits every machine
		}
		return min(limit, memoryMost), nil
	}))
	if err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	return nil
}

// errBusy means that too many bytes were in flight for too long.
var errBusy = errors.New("too many transfers at once")

// inflight bounds the bytes of bodies and answers that are in memory, for the process
// and for each client. Large transfers cannot displace small ones, and tiny ones, such
// as most texts, are not counted. Safe for concurrent use.
type inflight struct{ small, large *budget }

// newInflight returns the budgets for a memory limit in bytes. They leave room for the
// copies that a transfer needs on the way to the store, and a client's share takes the
// largest transfer.
func newInflight(memory, largest int64) *inflight {
	memory = min(memory, memoryMost)
	return &inflight{small: newBudget(max(memory/32, clientShare*smallTransfer)), large: newBudget(max(memory/5, clientShare*largest))}
}

// take waits until a transfer of a client fits, and returns what releases it. An error
// wraps errBusy.
func (f *inflight) take(ctx context.Context, client netip.Addr, bytes int64) (release func(), err error) {
	switch {
	case bytes <= tinyTransfer:
		return func() {}, nil
	case bytes <= smallTransfer:
		return f.small.take(ctx, client, bytes)
	}
	return f.large.take(ctx, client, bytes)
}

// budget is a number of bytes that transfers share.
type budget struct {
	all   *semaphore.Weighted
	share int64 // of one client

	mu      sync.Mutex
	clients map[netip.Addr]*share // those with transfers in flight or waiting
}

// share is what one client may use.
type share struct {
	*semaphore.Weighted
	transfers int
}

func newBudget(bytes int64) *budget {
	return &budget{all: semaphore.NewWeighted(bytes), share: bytes / clientShare, clients: map[netip.Addr]*share{}}
}

func (b *budget) take(ctx context.Context, client netip.Addr, bytes int64) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, transferWait)
	defer cancel()
	own := b.enter(client)
	defer func() {
		if err != nil {
			b.leave(client)
		}
	}()
	// The own share comes first, so that a client's surplus waits for that client only.
	if err := own.Acquire(ctx, bytes); err != nil {
		return nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	if err := b.all.Acquire(ctx, bytes); err != nil {
		own.Release(bytes)
		return nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	return func() {
		b.all.Release(bytes)
		own.Release(bytes)
		b.leave(client)
	}, nil
}

func (b *budget) enter(client netip.Addr) *share {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.clients[client]
	if own == nil {
		own = &share{Weighted: semaphore.NewWeighted(b.share)}
		b.clients[client] = own
	}
	own.transfers++
	return own
}

func (b *budget) leave(client netip.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.clients[client]
	if own.transfers--; own.transfers == 0 {
		delete(b.clients, client)
	}
}

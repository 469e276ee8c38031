package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

const (
	warmTime   = 5 * time.Second // how long a start waits for the first answers
	storePause = 2 * time.Second // between tries to reach the table service
)

// parts are what the service stands on.
type parts struct {
	*Settings
	service  *secret.Service
	holds    *quarantine.Service
	watch    *watch
	cred     azure.Credential
	pings    map[string]func(context.Context) error
	scrubber scrubber
	queue    *quarantine.Queue
	closers  []func(context.Context) error
}

// open fills the service's ports in. What it has opened, close closes, also after an error.
func (p *parts) open(ctx context.Context) error {
	p.pings = map[string]func(context.Context) error{}
	for _, step := range []func(context.Context) error{p.openCredential, p.openStore, p.openKeys, p.openEvents, p.openOperators} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	p.warm(ctx)
	return nil
}

// openCredential makes the one managed identity that all clients share. It calls nobody yet.
func (p *parts) openCredential(context.Context) error {
	if p.TableURL == "" && p.VaultURL == "" && p.ServiceBus == "" {
		return nil
	}
	cred, err := azure.NewCredential(p.ClientID)
	if err != nil {
		return err
	}
	p.cred = cred
	return nil
}

func (p *parts) openStore(ctx context.Context) error {
	if p.TableURL != "" {
		return p.openTable(ctx)
	}
	// The store's one writer blocks in fsync, and must not wait for a processor
	// behind the calls that wait for it.
	runtime.GOMAXPROCS(2 * runtime.NumCPU())
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	e, err := bolt.Open(filepath.Join(p.Data, "store.db"), p.StoreLimit)
	if err != nil {
		return err
	}
	s := p.service
	s.Store, s.Expiries, s.Work, s.Watermarks, s.Holds = e, e, e, e, e
	p.holds.Store, p.holds.Secrets = e, e
	p.pings["store"], p.scrubber = e.Ping, e
	p.closers = append(p.closers, func(context.Context) error { return e.Close() })
	p.watch.meter.gauge("secretsharer_store_bytes", func() float64 { return float64(e.Size()) }) //nolint:contextcheck // asked at any later time
	return nil
}

// openTable keeps trying: a restart would not bring the table service back, and
// after three the host gives up.
func (p *parts) openTable(ctx context.Context) error {
	for {
		t, err := table.Open(ctx, p.TableURL, p.cred, nil)
		switch {
		case err == nil:
			s := p.service
			s.Store, s.Expiries, s.Work, s.Watermarks, s.Holds = t, t, t, t, t
			p.holds.Store, p.holds.Secrets = t, t
			p.pings["store"] = t.Ping
			return nil
		case errors.Is(err, store.ErrNewer), ctx.Err() != nil:
			return err
		}
		p.watch.fault("the table service does not answer yet", err)
		waitUntil(ctx, time.Now().Add(storePause))
	}
}

func (p *parts) openKeys(context.Context) error {
	if p.VaultURL != "" {
		v, err := seal.NewVault(p.VaultURL, p.cred, nil, time.Now)
		if err != nil {
			return err
		}
		p.service.Sealer, p.service.Keyring = seal.New(v, rand.Reader), v
		p.pings["vault"] = v.Ping
		return nil
	}
	l, err := seal.OpenLocal(filepath.Join(p.Data, "keyring"), rand.Reader)
	if err != nil {
		return err
	}
	p.service.Sealer, p.service.Keyring = seal.New(l, rand.Reader), l
	p.pings["keyring"] = l.Ping
	return nil
}

func (p *parts) openEvents(ctx context.Context) error {
	if p.ServiceBus == "" {
		m := event.NewMemory(1000)
		p.service.Publisher, p.holds.Events = m, m
		return nil
	}
	b, err := event.NewServiceBus(p.ServiceBus, p.cred, p.Origin, rand.Reader)
	if err != nil {
		return err
	}
	go b.Run(context.WithoutCancel(ctx)) // until it is closed, which is after the last request
	p.queue = quarantine.NewQueue(func() (*azservicebus.Client, error) { return event.NewClient(p.ServiceBus, p.cred) })
	p.service.Publisher, p.holds.Events = b, b
	p.pings["bus"] = b.Ping
	p.closers = append(p.closers, b.Close)
	p.watch.meter.gauge("secretsharer_events_dropped", func() float64 { return float64(b.Dropped()) })
	return nil
}

// openOperators makes the key by which the operators of this one machine show themselves.
func (p *parts) openOperators(context.Context) error {
	if p.Hosted {
		return nil
	}
	key, err := adminKey(p.Data)
	if err == nil {
		p.AdminKeys = append(p.AdminKeys, key)
	}
	return err
}

// warm spares the first callers the connections and tokens that their calls need.
func (p *parts) warm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, warmTime)
	defer cancel()
	var group sync.WaitGroup
	for name, ping := range p.pings {
		group.Go(func() {
			if err := ping(ctx); err != nil {
				p.watch.fault("no answer yet from "+name, err)
			}
		})
	}
	group.Wait()
}

// close closes what was opened, the last first.
func (p *parts) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	var err error
	for i := len(p.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, p.closers[i](ctx))
	}
	return err
}

package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	weak "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/secretsharer/secretsharer/functions"
	"github.com/secretsharer/secretsharer/handler/internal/abuse"
	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/owned"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

const (
	warmTime   = 5 * time.Second // how long a start waits for the first answers of its dependencies
	closeTime  = 5 * time.Second // how long closing them may take
	tablePause = 2 * time.Second // between attempts to reach the Table service
)

// deps are the dependencies of the service, opened.
type deps struct {
	store     storage
	sealer    secret.Sealer
	keyring   secret.Keyring
	keys      keycheck.Keyring // the same
	prepare   func() error     // makes the directory of a local keyring; nil for a vault
	events    quarantine.Events
	queue     alertQueue                               // nil without Service Bus
	scrub     func(context.Context) error              // overwrites what was deleted; nil where the store needs none
	room      func(context.Context) (bolt.Room, error) // of the embedded store; nil for another
	adminKeys []config.KeyHash
	pings     map[string]func(context.Context) error // by the dependency's name

	closers []func(context.Context) error
}

// alertQueue hands out the alerts that wait in the queue.
type alertQueue interface {
	Drain(ctx context.Context, apply func(context.Context, []byte) error) (event.Drained, error)
}

// storage is the interface of both stores.
type storage interface {
	secret.Store
	store.Partitions
	keycheck.Index
	Ping(context.Context) error
}

// open opens all dependencies, or none: after an error everything is closed again.
func open(ctx context.Context, cfg *config.Config, tel *telemetry.Recorder, clk clock.Clock) (*deps, error) {
	var cred azure.Credential // one managed identity for all clients
	if cfg.TableURL != "" || cfg.VaultURL != "" || cfg.ServiceBus != "" {
		var err error
		if cred, err = azure.NewCredential(cfg.ClientID); err != nil {
			return nil, err
		}
	}
	d := &deps{adminKeys: cfg.AdminKeys, pings: map[string]func(context.Context) error{}}
	data, err := openData(cfg, tel)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return d.openStore(ctx, cfg, data, tel, cred, clk) },
		func() error { return d.openKeys(cfg, data, cred, clk) },
		func() error { return d.openEvents(ctx, cfg, tel, cred) },
		func() error { return d.openAdminKey(cfg, data) },
		func() error { return d.checkKeys(ctx, cfg, tel, clk) },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, d.close()) //nolint:contextcheck // ctx may be done
		}
	}
	d.warm(ctx, tel)
	return d, nil
}

// openData makes and checks the data directory and returns its path without symbolic
// links. It returns nothing where the settings need no such directory.
func openData(cfg *config.Config, tel *telemetry.Recorder) (string, error) {
	if !needsData(cfg) {
		return "", nil
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	dir, err := checkData(cfg)
	if err == nil && cfg.DataModes == owned.Group {
		tel.GroupAccess(dir)
	}
	return dir, err
}

// needsData reports whether anything is kept on this machine.
func needsData(cfg *config.Config) bool {
	return !cfg.Hosted || cfg.TableURL == "" || cfg.VaultURL == ""
}

// checkData returns the path of the data directory without symbolic links: systemd
// makes one for DynamicUser=. Other users must not be able to replace what is in it.
func checkData(cfg *config.Config) (string, error) {
	dir, err := filepath.EvalSymlinks(cfg.Data)
	if err == nil {
		err = cmp.Or(owned.CheckParent(cfg.Data), owned.CheckParent(dir), cfg.DataModes.CheckDir(dir))
	}
	if err != nil {
		return "", fmt.Errorf("open data directory: %w", err)
	}
	return dir, nil
}

func (d *deps) openStore(ctx context.Context, cfg *config.Config, data string, tel *telemetry.Recorder, cred azure.Credential, clk clock.Clock) error {
	if cfg.TableURL != "" {
		t, err := openTable(ctx, cfg, tel, cred, clk)
		if err != nil {
			return err
		}
		d.store, d.pings["store"] = t, t.Ping
		return nil
	}
	// The store's one writer blocks in fsync. It must not wait for a processor
	// behind the requests that wait for it.
	runtime.GOMAXPROCS(2 * runtime.NumCPU())
	e, err := bolt.Open(filepath.Join(data, "store.db"), cfg.StoreLimit, cfg.DataModes)
	if err != nil {
		return err
	}
	d.store, d.pings["store"], d.scrub, d.room = e, e.Ping, e.Scrub, e.Room
	d.closers = append(d.closers, func(context.Context) error { return e.Close() })
	d.serveBackups(ctx, data, e, tel)
	tel.Gauge("secretsharer_store_bytes", func() float64 { return float64(e.Size()) }) //nolint:contextcheck // read at any later time
	tel.Gauge("secretsharer_store_room_bytes", func() float64 {                        //nolint:contextcheck // read at any later time
		room, _ := e.Room(context.Background())
		return float64(room.Left)
	})
	return nil
}

// openTable waits until the Table service answers. Exiting would not bring it back,
// and the Functions host gives up after three restarts.
func openTable(ctx context.Context, cfg *config.Config, tel *telemetry.Recorder, cred azure.Credential, clk clock.Clock) (*table.Store, error) {
	for {
		t, err := table.Open(ctx, cfg.TableURL, cred, nil)
		if err == nil || errors.Is(err, store.ErrNewer) || ctx.Err() != nil {
			return t, err
		}
		tel.Fault("the Table service does not answer yet", err)
		_ = clk.Sleep(ctx, tablePause)
	}
}

func (d *deps) openKeys(cfg *config.Config, data string, cred azure.Credential, clk clock.Clock) error {
	if cfg.VaultURL != "" {
		v, err := vault.New(cfg.VaultURL, cred, nil, clk.Now)
		if err != nil {
			return err
		}
		d.sealer, d.keyring, d.pings["vault"] = seal.New(seal.NewCache(v), rand.Reader), keycheck.Forget(v, d.store), v.Ping
		d.keys = v
		return nil
	}
	l, err := keyring.Open(filepath.Join(data, "keyring"), cfg.DataModes, rand.Reader)
	if err != nil {
		return err
	}
	d.sealer, d.keyring, d.pings["keyring"] = seal.New(l, rand.Reader), keycheck.Forget(l, d.store), l.Ping
	d.keys, d.prepare = l, l.Prepare
	return nil
}

func (d *deps) openEvents(ctx context.Context, cfg *config.Config, tel *telemetry.Recorder, cred azure.Credential) error {
	if cfg.ServiceBus == "" {
		d.events = event.Discard{}
		return nil
	}
	b, err := event.NewServiceBus(cfg.ServiceBus, cred, cfg.Origin, rand.Reader)
	if err != nil {
		return err
	}
	go b.Run(context.WithoutCancel(ctx)) // until it is closed, after the last request
	d.queue = event.NewQueue(cfg.ServiceBus, cred)
	d.events, d.pings["bus"] = b, b.Ping
	d.closers = append(d.closers, b.Close)
	tel.Gauge("secretsharer_events_dropped", func() float64 { return float64(b.Dropped()) })
	return nil
}

// openAdminKey adds the key of the operators of this machine.
func (d *deps) openAdminKey(cfg *config.Config, data string) error {
	if cfg.Hosted {
		return nil
	}
	key, err := openAdminKey(data, cfg.DataModes)
	if err == nil {
		d.adminKeys = append(d.adminKeys[:len(d.adminKeys):len(d.adminKeys)], key)
	}
	return err
}

// warm opens the connections and fetches the tokens that the first requests would
// otherwise wait for.
func (d *deps) warm(ctx context.Context, tel *telemetry.Recorder) {
	ctx, cancel := context.WithTimeout(ctx, warmTime)
	defer cancel()
	var group sync.WaitGroup
	for name, ping := range d.pings {
		group.Go(func() {
			if err := ping(ctx); err != nil {
				tel.Fault(name+": "+resultOf(err), err)
			}
		})
	}
	group.Wait()
}

// close closes the dependencies, the last opened first.
func (d *deps) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var err error
	for i := len(d.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, d.closers[i](ctx))
	}
	return err
}

// app is the service, wired.
type app struct {
	handler http.Handler // answers what the gate lets through
	timers  map[string]host.Timer
	run     func(ctx context.Context) // runs the timers, and returns when ctx is done and no run is left
	close   func() error              // closes the dependencies
}

// newApp wires the service. It does no I/O and starts nothing.
func newApp(cfg *config.Config, d *deps, tel *telemetry.Recorder, clk clock.Clock) (*app, error) {
	settled := clock.NewSettled(clk.Now, clk.Steady).Now
	secrets := secret.New(secret.Deps{
		Store: d.store, Sealer: d.sealer, Keyring: d.keyring, Publisher: d.events,
		Policy: secret.Policy{
			MinTTL: cfg.MinTTL, MaxTTL: cfg.MaxTTL, MaxViews: cfg.MaxViews, MaxEnvelope: cfg.MaxEnvelope,
			RequirePassphrase: cfg.RequirePassphrase, Tries: cfg.Tries, ReceiptRetention: cfg.ReceiptRetention,
		},
		Now: clk.Now, Settled: settled,
		Pause: func(ctx context.Context, attempt int) {
			longest := 5 * time.Millisecond << attempt
			_ = clk.Sleep(ctx, weak.N(longest)) // #nosec G404 -- spreads requests that conflicted
		},
	})
	holds := &quarantine.Service{
		Store: store.Holds{Partitions: d.store}, Secrets: d.store, Events: d.events,
		Policy: quarantine.Policy{Hold: cfg.Hold, HoldMax: cfg.HoldMax, Retention: holdRetention(cfg), Resources: cfg.Resources, Severity: cfg.AlertSeverity, Types: cfg.AlertTypes},
		Now:    clk.Now, Settled: settled, Random: rand.Reader,
	}
	s := &service{
		cfg: cfg, secrets: secrets, holds: holds, events: d.events, adminKeys: d.adminKeys,
		abuse: abuse.New(cfg.Abuse, clk.Now), clients: &clients{cfg: cfg, report: tel.ClientUnknown}, limits: newLimits(cfg, debug.SetMemoryLimit(-1), clk.Steady),
		ready: &readiness{pings: d.pings, now: clk.Now, tel: tel}, tel: tel, clock: clk,
	}
	t := (&timers{secrets: secrets, holds: holds, queue: d.queue, scrub: d.scrub, room: d.room, tel: tel}).functions()
	manifests, err := host.Load(functions.Files)
	if err != nil {
		return nil, err
	}
	joined, err := host.New(manifests, host.Handlers{
		HTTP: s.functions(), Timers: t,
		NotFound: problemHandler(secret.ErrNotFound), MethodNotAllowed: problemHandler(errMethod), Ran: tel.TimerRan,
	})
	if err != nil {
		return nil, err
	}
	a := &app{timers: t, close: d.close}
	if cfg.Hosted { // the host calls the timers
		a.handler, a.run = joined.Hosted(), func(ctx context.Context) { <-ctx.Done() }
	} else {
		a.handler, a.run = joined.Standalone(), func(ctx context.Context) { joined.RunTimers(ctx, clk.Now) }
	}
	return a, nil
}

// holdRetention returns how long past holds are kept: as long as an operator wants, a
// receipt may show them, and copies of them may turn up again.
func holdRetention(cfg *config.Config) time.Duration {
	const late = 24 * time.Hour // purge may delete a receipt so late
	return max(cfg.HoldRetention, cfg.HoldMax, cfg.MaxTTL+cfg.ReceiptRetention+late)
}

// timers are the functions that run on a schedule. No caller can reach them.
type timers struct {
	secrets *secret.Service
	holds   *quarantine.Service
	queue   alertQueue                               // nil without Service Bus
	scrub   func(context.Context) error              // nil where the store needs none
	room    func(context.Context) (bolt.Room, error) // nil where the store has no limit
	tel     *telemetry.Recorder

	lastRoom atomic.Int32 // a telemetry.RoomState
}

// functions returns the timers by name.
func (t *timers) functions() map[string]host.Timer {
	return map[string]host.Timer{"purge": t.purge, "rotate": t.rotate, "patrol": t.patrol}
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/seal/vault"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

// reachTime is how long a dependency elsewhere may take to answer.
const reachTime = 10 * time.Second

// check looks at everything that a start needs, without serving and without changing
// anything, and writes a line about each. It returns an error when a start would fail,
// or would serve less than it should.
func check(ctx context.Context, environ []string, out io.Writer) error {
	r := &report{out: out}
	cfg, err := config.Read(environ)
	r.result("settings", "they can be used together", err)
	if err != nil {
		return r.err()
	}
	_, err = newFront(cfg, http.NotFoundHandler(), clock.System())
	r.result("page", "its files and branding are complete", err)
	var cred azure.Credential
	if cfg.TableURL != "" || cfg.VaultURL != "" || cfg.ServiceBus != "" {
		cred, err = azure.NewCredential(cfg.ClientID)
		r.result("identity", "it can be asked for", err)
		if err != nil {
			return r.err()
		}
	}
	data := r.data(cfg)
	store, closeStore := r.store(ctx, cfg, data, cred)
	defer closeStore()
	r.keys(ctx, cfg, r.keyring(ctx, cfg, data, cred), store)
	r.bus(ctx, cfg, cred)
	r.adminKey(cfg, data)
	return r.err()
}

// report writes the lines, and counts those about what is wrong.
type report struct {
	out   io.Writer
	wrong int
}

func (r *report) line(state, name, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintf(r.out, "%-5s  %s: %s\n", state, name, line)
	}
}

// note is about something that is not wrong, but worth knowing.
func (r *report) note(name, text string) { r.line("note", name, text) }

func (r *report) result(name, good string, err error) {
	if err != nil {
		r.wrong++
		r.line("error", name, err.Error())
		return
	}
	r.line("ok", name, good)
}

func (r *report) err() error {
	if r.wrong > 0 {
		return fmt.Errorf("check: %d of the things above must be mended", r.wrong)
	}
	return nil
}

// data returns the path of the data directory, empty if there is none.
func (r *report) data(cfg *config.Config) string {
	if !needsData(cfg) {
		return ""
	}
	dir, err := checkData(cfg)
	if errors.Is(err, fs.ErrNotExist) {
		r.note("data directory", cfg.Data+" does not exist: the first start makes it")
		return ""
	}
	r.result("data directory", "nobody else may change "+dir, err)
	if err != nil {
		return ""
	}
	return dir
}

// readable is a store that is open for reading.
type readable interface {
	keycheck.Rows
	keycheck.Index
}

// store returns nil for a store that cannot be read or does not exist.
func (r *report) store(ctx context.Context, cfg *config.Config, data string, cred azure.Credential) (store readable, closeStore func()) {
	closeStore = func() {}
	if cfg.TableURL != "" {
		ctx, cancel := context.WithTimeout(ctx, reachTime)
		defer cancel()
		t, err := table.Look(ctx, cfg.TableURL, cred, nil)
		r.result("store", "the Table service answers", err)
		if err != nil {
			return nil, closeStore
		}
		return t, closeStore
	}
	if data == "" {
		return nil, closeStore
	}
	path := filepath.Join(data, "store.db")
	e, err := bolt.OpenReadOnly(path, cfg.DataModes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.note("store", path+" does not exist: the first start makes it")
		return nil, closeStore
	case errors.Is(err, bolt.ErrLocked):
		r.note("store", "another process has "+path+" open, so its content was not read: stop the service to check that, too")
		return nil, closeStore
	}
	r.result("store", path+" can be read", err)
	if err != nil {
		return nil, closeStore
	}
	return e, func() { _ = e.Close() }
}

// keyring returns nil for a keyring or vault that cannot be asked.
func (r *report) keyring(ctx context.Context, cfg *config.Config, data string, cred azure.Credential) keycheck.Keyring {
	if cfg.VaultURL != "" {
		ctx, cancel := context.WithTimeout(ctx, reachTime)
		defer cancel()
		v, err := vault.New(cfg.VaultURL, cred, nil, time.Now)
		if err == nil {
			err = v.Ping(ctx)
		}
		r.result("vault", "it answers, and accepts this identity", err)
		if err != nil {
			return nil
		}
		return v
	}
	if data == "" {
		return nil
	}
	path := filepath.Join(data, "keyring")
	l, err := keyring.Open(path, cfg.DataModes, rand.Reader)
	if err != nil {
		r.result("keyring", "", err)
		return nil
	}
	if l.ID() == "" {
		r.note("keyring", path+" is new, or from an earlier version: the first start gives it an id")
	} else {
		r.result("keyring", path+" has the id "+l.ID(), nil)
	}
	return l
}

// keys compares the keys with what the store needs.
func (r *report) keys(ctx context.Context, cfg *config.Config, keys keycheck.Keyring, store readable) {
	if keys == nil {
		return
	}
	var faults []error
	if store != nil {
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		defer cancel()
		checker := keycheck.Checker{Rows: store, Index: store, Keyring: keys, Now: time.Now}
		found, err := checker.Check(ctx)
		if err != nil {
			r.result("keys", "", err)
			return
		}
		if faults = found.Faults; found.NewStore {
			r.note("store", newStore)
		}
	} else {
		for _, err := range keys.Damaged() {
			faults = append(faults, err)
		}
	}
	for _, err := range faults {
		if cfg.Degraded {
			r.note("keys", err.Error()+" (SSS_START=degraded serves the other secrets)")
			continue
		}
		r.result("keys", "", err)
	}
	switch {
	case len(faults) > 0 && !cfg.Degraded:
		r.note("keys", errKeys.Error())
	case len(faults) == 0 && store != nil:
		r.result("keys", "every key that a secret needs is there", nil)
	case len(faults) == 0:
		r.result("keys", "none is damaged", nil)
	}
}

func (r *report) bus(ctx context.Context, cfg *config.Config, cred azure.Credential) {
	if cfg.ServiceBus == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	b, err := event.NewServiceBus(cfg.ServiceBus, cred, cfg.Origin, rand.Reader)
	if err == nil {
		err = b.Ping(ctx)
	}
	r.result("bus", "it answers, and accepts this identity", err)
}

func (r *report) adminKey(cfg *config.Config, data string) {
	if cfg.Hosted || data == "" {
		return
	}
	path := filepath.Join(data, adminKeyName)
	_, err := readAdminKey(path, cfg.DataModes)
	if errors.Is(err, fs.ErrNotExist) {
		r.note("operators' key", path+" does not exist: the first start makes it")
		return
	}
	r.result("operators' key", path+" has a key", err)
}

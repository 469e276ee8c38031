package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/keycheck"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

// checkTime is how long the comparison of keys may take. A store without an index of
// keys is read once as a whole.
const checkTime = time.Minute

// errKeys means that secrets in the store cannot be opened with the keys at hand.
var errKeys = errors.New("restore the keyring or the vault's keys from the backup, or set SSS_START=degraded to serve the other secrets")

const newStore = "it is empty, and the keyring was used with another store: if that one is lost, restore it from the backup"

// checkKeys stops a start that would make secrets unreadable without a word. A
// degraded start goes on, and the log has what is wrong. Where the store or the keys
// are elsewhere and do not answer, requests fail and are logged, as at any other time.
func (d *deps) checkKeys(ctx context.Context, cfg *config.Config, tel *telemetry.Recorder, clk clock.Clock) error {
	checking, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	checker := keycheck.Checker{Rows: d.store, Index: d.store, Keyring: d.keys, Now: clk.Now}
	found, err := checker.Check(checking)
	if err != nil {
		if cfg.TableURL == "" && cfg.VaultURL == "" {
			return fmt.Errorf("check keys: %w", err)
		}
		tel.Fault("the keys could not be checked", err)
		return d.prepareKeys()
	}
	for _, fault := range found.Faults {
		tel.Fault("a key is missing or damaged", fault)
	}
	if err := errors.Join(found.Faults...); err != nil && !cfg.Degraded {
		return fmt.Errorf("check keys: %w\n%w", err, errKeys)
	}
	if found.NewStore {
		tel.Fault("the store is new or lost", errors.New(newStore))
	}
	if err := d.prepareKeys(); err != nil {
		return err
	}
	d.watchKeys(found)
	return found.Keep(checking)
}

func (d *deps) prepareKeys() error {
	if d.prepare == nil {
		return nil
	}
	return d.prepare()
}

// watchKeys makes readiness show the keys that a degraded start lacks, until they are
// there or their weeks are over.
func (d *deps) watchKeys(found *keycheck.Result) {
	for _, name := range []string{"keyring", "vault"} {
		if ping := d.pings[name]; ping != nil {
			d.pings[name] = func(ctx context.Context) error {
				if err := ping(ctx); err != nil {
					return err
				}
				return found.StillMissing(ctx)
			}
		}
	}
}

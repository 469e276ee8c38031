package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

const (
	triesMax  = 10
	retention = 24 * time.Hour
)

// Service returns a service over the store, whose calls see the given time.
func Service(s secret.Store, now func() time.Time) *secret.Service { return secret.New(Deps(s, now)) }

// Deps returns the dependencies of [Service], for tests that change some of them.
func Deps(s secret.Store, now func() time.Time) secret.Deps {
	return secret.Deps{
		Store: s, Sealer: sealer{}, Publisher: silent{},
		Policy: secret.Policy{
			MinTTL: time.Minute, MaxTTL: 1000 * time.Hour, MaxViews: 100, MaxEnvelope: 1 << 20, Tries: triesMax, ReceiptRetention: retention,
		},
		Now: now, Settled: now, Pause: func(context.Context, int) {},
	}
}

// Link is what a sender and a reader know of a secret.
type Link struct {
	ID       header.ID
	Expires  time.Time
	Envelope []byte
	Draft    secret.Draft
	Proofs   secret.Proofs
}

// NewLink returns a secret that nobody has created yet. The payload follows the
// header of its envelope, padded with zeros.
func NewLink(expires time.Time, views int, payload []byte) *Link {
	access, claim, manage := random(32), random(32), random(32)
	h := header.Header{Views: views, Expires: expires.UTC().Truncate(time.Second), ID: header.ID(random(20))}
	binary.BigEndian.PutUint32(h.ID[:], uint32(header.SlotOf(expires)))
	head := h.Bytes()
	envelope := make([]byte, header.SealedSize(int64(len(payload))))
	copy(envelope[copy(envelope, head[:]):], payload)
	draft, err := secret.NewDraft(envelope, secret.Hashes{Access: sha256.Sum256(access), Claim: sha256.Sum256(claim), Manage: sha256.Sum256(manage)})
	if err != nil {
		panic(err) // the terms are those of a test
	}
	return &Link{ID: h.ID, Expires: h.Expires, Envelope: envelope, Draft: draft, Proofs: secret.Proofs{Access: access, Claim: claim, Manage: manage}}
}

// read reads as a holder of the link does, with a key of its own.
func (l *Link) read(ctx context.Context, s *secret.Service, key []byte) (secret.Reading, error) {
	return s.Read(ctx, l.ID, secret.Proofs{Access: l.Proofs.Access, Claim: l.Proofs.Claim}, key)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// Clock is a clock that stands until it is set. Safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time that was set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// sealer seals nothing, but notices associated data that are not the row's own.
type sealer struct{}

func (sealer) Seal(_ context.Context, _ week.Week, envelope, associated []byte) (secret.Sealed, error) {
	sum := sha256.Sum256(associated)
	return secret.Sealed{Wrapped: sum[:], Envelope: bytes.Clone(envelope)}, nil
}

func (sealer) Open(_ context.Context, s *secret.Sealed, associated []byte) ([]byte, error) {
	if sum := sha256.Sum256(associated); !bytes.Equal(sum[:], s.Wrapped) {
		return nil, errors.New("another row's envelope")
	}
	return bytes.Clone(s.Envelope), nil
}

type silent struct{}

func (silent) Publish(secret.Event) {}

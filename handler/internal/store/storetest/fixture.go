package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/event"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Start is the expiry of the suite's secrets: in the past, so that no test waits for it.
var Start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// Record returns a new row with an envelope of the given size in bytes.
func Record(expires time.Time, size int) *secret.Record {
	r := &secret.Record{
		Created: expires.Add(-time.Hour), Expires: expires, Views: 1,
		Sealed: secret.Sealed{Key: secret.KeyRef{Algorithm: "A256KW", Name: "kek", Version: "1"}, Wrapped: []byte("wrapped"), Envelope: make([]byte, size), Size: size},
	}
	for _, b := range [][]byte{r.ID[:], r.Header[:], r.Access[:], r.Claim[:], r.Manage[:], r.Digest[:], r.Sealed.Envelope} {
		_, _ = rand.Read(b) // never fails
	}
	binary.BigEndian.PutUint32(r.ID[:], uint32(header.SlotOf(expires)))
	return r
}

const (
	triesMax  = 10
	retention = 24 * time.Hour
)

// Service returns a service over the store with the given clock.
func Service(s secret.Store, now func() time.Time) *secret.Service { return secret.New(Deps(s, now)) }

// Deps returns the dependencies of [Service], for tests that change some of them.
func Deps(s secret.Store, now func() time.Time) secret.Deps {
	return secret.Deps{
		Store: s, Sealer: sealer{}, Publisher: event.Discard{},
		Policy: secret.Policy{
			MinTTL: time.Minute, MaxTTL: 1000 * time.Hour, MaxViews: 100, MaxEnvelope: 1 << 20, Tries: triesMax, ReceiptRetention: retention,
		},
		Now: now, Settled: now, Pause: func(context.Context, int) {},
	}
}

func operatorOf(s store.Partitions, now func() time.Time) *quarantine.Service {
	return &quarantine.Service{
		Store: store.Holds{Partitions: s}, Events: event.Discard{}, Now: now, Settled: now, Random: rand.Reader,
		Policy: quarantine.Policy{Hold: 24 * time.Hour, HoldMax: 720 * time.Hour, Severity: "Medium"},
	}
}

// holdOn returns an operator's request for a hold on one secret.
func holdOn(id header.ID, modes ...hold.Mode) quarantine.Request {
	return quarantine.Request{Scope: hold.Scope{Kind: hold.ScopeID, ID: id.String()}, Modes: modes, Reason: "drill"}
}

// Link is a draft of a secret and the proofs of its link.
type Link struct {
	ID       header.ID
	Expires  time.Time
	Envelope []byte
	Draft    secret.Draft
	Proofs   secret.Proofs
}

// NewLink returns a link to a secret that is not created yet. The payload follows
// the header of the envelope, and is padded with zeros.
func NewLink(expires time.Time, views int, payload []byte) *Link {
	access, claim, manage := random(32), random(32), random(32)
	h := header.Header{Views: views, Expires: expires.UTC().Truncate(time.Second), ID: header.ID(random(20))}
	binary.BigEndian.PutUint32(h.ID[:], uint32(header.SlotOf(expires)))
	head := h.Bytes()
	envelope := make([]byte, header.SealedSize(int64(len(payload))))
	copy(envelope[copy(envelope, head[:]):], payload)
	draft, err := secret.NewDraft(envelope, sha256.Sum256(access), sha256.Sum256(claim), sha256.Sum256(manage))
	if err != nil {
		panic(err) // the arguments are a test's own
	}
	return &Link{ID: h.ID, Expires: h.Expires, Envelope: envelope, Draft: draft, Proofs: secret.Proofs{Access: access, Claim: claim, Manage: manage}}
}

// read reads the secret, and checks its envelope.
func (l *Link) read(ctx context.Context, s *secret.Service, key []byte) (secret.Reading, error) {
	reading, err := s.Read(ctx, l.ID, secret.Proofs{Access: l.Proofs.Access, Claim: l.Proofs.Claim}, key, Admitted{})
	if err == nil && !bytes.Equal(reading.Envelope, l.Envelope) {
		err = errors.New("read another envelope")
	}
	return reading, err
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// sealer does not encrypt, but checks the associated data.
type sealer struct{}

func (sealer) Seal(_ context.Context, _ week.Week, envelope, associated []byte) (secret.Sealed, error) {
	sum := sha256.Sum256(associated)
	return secret.Sealed{Wrapped: sum[:], Envelope: bytes.Clone(envelope)}, nil
}

func (sealer) Open(_ context.Context, s *secret.Sealed, associated []byte) ([]byte, error) {
	if sum := sha256.Sum256(associated); !bytes.Equal(sum[:], s.Wrapped) {
		return nil, errors.New("envelope of another row")
	}
	return bytes.Clone(s.Envelope), nil
}

// Admitted is a caller without limits.
type Admitted struct{}

// Guess implements secret.Caller.
func (Admitted) Guess(header.ID) error { return nil }

// Load implements secret.Caller.
func (Admitted) Load(context.Context, int) error { return nil }

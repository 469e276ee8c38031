package simulation

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var background = context.Background()

// again reports whether a persistent client asks again after an outcome. For a frozen
// secret it does if another client could still unlock it when it asked.
func (c *client) again(out outcome) bool {
	var held *secret.HeldError
	var frozen *secret.FrozenError
	return out.lost || errors.Is(out.err, secret.ErrUnavailable) || errors.As(out.err, &held) ||
		errors.As(out.err, &frozen) && c.unlocked
}

// noteRenewal records that an answer means a renewed lease, and until when.
func (c *client) noteRenewal(k *call, out outcome) {
	var held *secret.HeldError
	switch {
	case out.lost || out.err == nil:
	case errors.As(out.err, &held):
		c.refused, c.rests = k, held.Until.Add(leaseTime)
	case strings.HasPrefix(out.err.Error(), "look up holds"), strings.HasPrefix(out.err.Error(), "load"), strings.HasPrefix(out.err.Error(), "get envelope:"), strings.HasPrefix(out.err.Error(), "open envelope:"):
		c.refused, c.rests = k, k.at.Add(leaseTime)
	}
}

// persist repeats a request until it gets a final answer.
func (c *client) persist(verb string, op func(*session) (any, error)) outcome {
	for {
		out := c.send(verb, rightClaim, op)
		if !c.again(out) {
			return out
		}
		if !out.lost {
			c.pause()
		}
	}
}

// read reads the secret under the client's key.
func (c *client) read(id header.ID, claim []byte) func(*session) (any, error) {
	return func(s *session) (any, error) {
		r, err := s.Read(background, id, secret.Proofs{Access: rightAccess, Claim: claim}, c.key, s)
		return r.Envelope, err
	}
}

// readsOn keeps reading until it has the secret or the secret is gone, and may then acknowledge.
func readsOn(id header.ID, ack bool) func(*client) {
	return func(c *client) {
		out := c.persist("read", c.read(id, rightClaim))
		if out.err != nil {
			return
		}
		c.delivered = bytes.Equal(out.value.([]byte), c.w.plaintext[:])
		if !c.delivered {
			c.w.fail("%s got something else", c.name)
		}
		if ack {
			c.persist("ack", c.acks(id))
		}
	}
}

func (c *client) acks(id header.ID) func(*session) (any, error) {
	return func(s *session) (any, error) { return nil, s.Ack(background, id, rightAccess, c.key) }
}

// strays reads once and never repeats the request.
func strays(id header.ID) func(*client) {
	return func(c *client) { c.send("read", rightClaim, c.read(id, rightClaim)) }
}

// outsiders makes the calls of a client that knows only the id.
func outsiders(id header.ID) func(*client) {
	return func(c *client) {
		c.outside = true
		c.send("read", rightClaim, func(s *session) (any, error) {
			r, err := s.Read(background, id, secret.Proofs{Access: []byte("x"), Claim: rightClaim}, c.key, s)
			return r.Envelope, err
		})
		c.send("ack", nil, func(s *session) (any, error) { return nil, s.Ack(background, id, []byte("x"), c.key) })
		c.send("revoke", nil, func(s *session) (any, error) {
			return nil, s.Revoke(background, id, secret.Proofs{Manage: []byte("x")}, s)
		})
		c.send("unlock", nil, func(s *session) (any, error) { return nil, s.Unlock(background, id, []byte("x"), c.key) })
	}
}

// guesses tries claims, as a client that knows the link but not the passphrase.
func guesses(id header.ID, claims ...string) func(*client) {
	return func(c *client) {
		for i, claim := range claims {
			c.key = []byte{byte(i)}
			c.send("read", []byte(claim), c.read(id, []byte(claim)))
		}
	}
}

// guessesRevoke tries claims by revoking.
func guessesRevoke(id header.ID, claims ...string) func(*client) {
	return func(c *client) {
		for _, claim := range claims {
			c.send("revoke", []byte(claim), func(s *session) (any, error) {
				return nil, s.Revoke(background, id, secret.Proofs{Access: rightAccess, Claim: []byte(claim)}, s)
			})
		}
	}
}

func revokes(id header.ID, p secret.Proofs) func(*client) {
	return func(c *client) {
		c.manages = p.Manage != nil
		c.persist("revoke", func(s *session) (any, error) { return nil, s.Revoke(background, id, p, s) })
	}
}

func unlocks(id header.ID, keys ...string) func(*client) {
	return func(c *client) {
		for _, key := range keys {
			c.persist("unlock", func(s *session) (any, error) {
				return nil, s.Unlock(background, id, rightManage, []byte(key))
			})
		}
	}
}

// freezes reports that the link was used from too many addresses until now.
func freezes(id header.ID) func(*client) {
	return func(c *client) {
		c.since = time.Now()
		c.persist("freeze", func(s *session) (any, error) { return s.Freeze(background, id, c.since) })
	}
}

func purges(c *client) {
	c.send("purge", nil, func(s *session) (any, error) { return s.Purge(background) })
}

func creates(d secret.Draft) func(*client) {
	return func(c *client) {
		c.persist("create", func(s *session) (any, error) { return s.Create(background, d) })
	}
}

package client

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope"
	"github.com/secretsharer/secretsharer/envelope/header"
)

// Key is an Idempotency-Key. Use a new one for each view, unlock or hold, and the
// same one to repeat it.
type Key [32]byte

// NewKey reads a key from random.
func NewKey(random io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(random, k[:]); err != nil {
		return Key{}, fmt.Errorf("make idempotency key: %w", err)
	}
	return k, nil
}

// maxTTL is the longest time to live, in seconds, that Config accepts from a server.
const maxTTL = 10 * 365 * 24 * 60 * 60

// Config returns the server's limits and clock. The limits are positive, and no
// time to live is longer than ten years.
func (c *Client) Config(ctx context.Context) (api.Config, error) {
	return ask(ctx, c, call{name: "config", method: http.MethodGet, path: "/api/config", patience: short},
		func(a *api.Config) bool {
			return a.Origin != "" && !a.Now.IsZero() && a.MaxViews > 0 && a.MaxEnvelope > 0 && a.DefaultTTL > 0 &&
				a.MinTTL >= 0 && a.MaxTTL > 0 && a.MaxTTL <= maxTTL && a.DefaultTTL <= a.MaxTTL
		})
}

// Create stores an envelope and the hashes of its proofs. Storing the same again changes nothing.
func (c *Client) Create(ctx context.Context, k *envelope.Keys, m envelope.ManageLink, sealed []byte) (api.Created, error) {
	body, err := json.Marshal(api.Draft{
		Envelope:   sealed,
		AccessHash: sha256.Sum256(k.Access[:]), ClaimHash: sha256.Sum256(k.Claim[:]), ManageHash: sha256.Sum256(m.Manage[:]),
	})
	if err != nil {
		return api.Created{}, fmt.Errorf("create: encode: %w", err)
	}
	return ask(ctx, c, call{
		name: "create", method: http.MethodPost, path: "/api/secrets", body: body, patience: medium,
		header: map[string]string{api.HeaderCreate: c.options.CreateKey},
	}, func(a *api.Created) bool { return a.ID != "" })
}

// Status returns whether the link's secret can be read and whether that needs a
// passphrase. It takes no view.
func (c *Client) Status(ctx context.Context, link envelope.Link) (api.Status, error) {
	return ask(ctx, c, call{
		name: "status", method: http.MethodGet, path: path(link.ID()), patience: short,
		header: map[string]string{api.HeaderAccess: proof(link.Access())},
	}, func(a *api.Status) bool { return a.ID != "" && a.State != "" })
}

// Read takes one view. A key that took one in the last two minutes gets the same
// envelope again, and no other view.
func (c *Client) Read(ctx context.Context, k *envelope.Keys, key Key) (api.Reading, error) {
	return ask(ctx, c, call{
		name: "read", method: http.MethodPost, path: path(k.ID) + "/read", patience: long,
		header: map[string]string{api.HeaderAccess: proof(k.Access), api.HeaderClaim: proof(k.Claim), api.HeaderIdempotency: proof(key)},
	}, func(a *api.Reading) bool { return len(a.Envelope) > 0 })
}

// Ack ends the view that the key took. Call it once the secret is stored or shown:
// after the last view the server deletes the envelope.
func (c *Client) Ack(ctx context.Context, k *envelope.Keys, key Key) error {
	return c.send(ctx, call{
		name: "ack", method: http.MethodPost, path: path(k.ID) + "/ack", patience: short,
		header: map[string]string{api.HeaderAccess: proof(k.Access), api.HeaderIdempotency: proof(key)},
	}, nil)
}

// Revoke ends the secret for everyone, as its sender.
func (c *Client) Revoke(ctx context.Context, m envelope.ManageLink) error {
	return c.send(ctx, call{
		name: "revoke", method: http.MethodDelete, path: path(m.ID), patience: medium,
		header: map[string]string{api.HeaderManage: proof(m.Manage)},
	}, nil)
}

// RevokeAsReader ends the secret for everyone, as somebody who could read it.
func (c *Client) RevokeAsReader(ctx context.Context, k *envelope.Keys) error {
	return c.send(ctx, call{
		name: "revoke", method: http.MethodDelete, path: path(k.ID), patience: medium,
		header: map[string]string{api.HeaderAccess: proof(k.Access), api.HeaderClaim: proof(k.Claim)},
	}, nil)
}

// Receipt returns the history of the secret.
func (c *Client) Receipt(ctx context.Context, m envelope.ManageLink) (api.Receipt, error) {
	return ask(ctx, c, call{
		name: "receipt", method: http.MethodGet, path: path(m.ID) + "/receipt", patience: short,
		header: map[string]string{api.HeaderManage: proof(m.Manage)},
	}, func(a *api.Receipt) bool { return a.ID != "" && a.State != "" })
}

// Unlock ends the freeze and forgets the wrong passphrases. A repeated key changes nothing.
func (c *Client) Unlock(ctx context.Context, m envelope.ManageLink, key Key) error {
	return c.send(ctx, call{
		name: "unlock", method: http.MethodPost, path: path(m.ID) + "/unlock", patience: medium,
		header: map[string]string{api.HeaderManage: proof(m.Manage), api.HeaderIdempotency: proof(key)},
	}, nil)
}

func path(id header.ID) string { return "/api/secrets/" + id.String() }

func proof(b [32]byte) string { return api.Encode(b[:]) }

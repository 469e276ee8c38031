package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/secretsharer/secretsharer/envelope"
)

// Errors of every call: the [*Problem] that the server answers, ErrUnreachable, or the context's.

// Config asks for the server's limits and clock.
func (c *Client) Config(ctx context.Context) (Config, error) {
	var w configWire
	err := c.do(ctx, call{name: "config", method: http.MethodGet, path: "/api/config", patience: quick}, &w)
	return w.config(), err
}

// Create stores a sealed envelope under hashes of its proofs. The same again changes nothing.
func (c *Client) Create(ctx context.Context, k *envelope.Keys, m envelope.ManageLink, sealed []byte) (Created, error) {
	access, claim, manage := sha256.Sum256(k.Access[:]), sha256.Sum256(k.Claim[:]), sha256.Sum256(m.Manage[:])
	body, err := json.Marshal(struct {
		Envelope   binary `json:"envelope"`
		AccessHash binary `json:"access_hash"`
		ClaimHash  binary `json:"claim_hash"`
		ManageHash binary `json:"manage_hash"`
	}{sealed, access[:], claim[:], manage[:]})
	if err != nil {
		return Created{}, fmt.Errorf("create: encode: %w", err)
	}
	l := call{name: "create", method: http.MethodPost, path: "/api/secrets", body: body, patience: steady}
	if c.options.CreateKey != "" {
		l.header = map[string]string{"Secret-Create": c.options.CreateKey}
	}
	var a Created
	err = c.do(ctx, l, &a)
	return a, err
}

// Status asks what reading the link's secret needs; it never takes a view.
func (c *Client) Status(ctx context.Context, link envelope.Link) (Status, error) {
	var a Status
	err := c.do(ctx, call{
		name: "status", method: http.MethodGet, path: path(link.ID()), patience: quick,
		header: map[string]string{"Secret-Access": proof(link.Access())},
	}, &a)
	return a, err
}

// Read takes one view, or shows the one again that the key took in the last two minutes.
func (c *Client) Read(ctx context.Context, k *envelope.Keys, key Key) (Reading, error) {
	var w readingWire
	err := c.do(ctx, call{
		name: "read", method: http.MethodPost, path: path(k.ID) + "/read", patience: patient,
		header: map[string]string{"Secret-Access": proof(k.Access), "Secret-Claim": proof(k.Claim), "Idempotency-Key": proof(key)},
	}, &w)
	return Reading{Envelope: w.Envelope, ViewsLeft: w.ViewsLeft, LeaseEndsAt: w.LeaseEndsAt}, err
}

// Ack ends the view that the key took: call it once the secret is where it belongs.
func (c *Client) Ack(ctx context.Context, k *envelope.Keys, key Key) error {
	return c.do(ctx, call{
		name: "ack", method: http.MethodPost, path: path(k.ID) + "/ack", patience: quick,
		header: map[string]string{"Secret-Access": proof(k.Access), "Idempotency-Key": proof(key)},
	}, nil)
}

// Revoke ends the secret for everyone, in the name of its sender.
func (c *Client) Revoke(ctx context.Context, m envelope.ManageLink) error {
	return c.do(ctx, call{
		name: "revoke", method: http.MethodDelete, path: path(m.ID), patience: steady,
		header: map[string]string{"Secret-Manage": proof(m.Manage)},
	}, nil)
}

// RevokeAsReader ends the secret for everyone, in the name of whoever could read it.
func (c *Client) RevokeAsReader(ctx context.Context, k *envelope.Keys) error {
	return c.do(ctx, call{
		name: "revoke", method: http.MethodDelete, path: path(k.ID), patience: steady,
		header: map[string]string{"Secret-Access": proof(k.Access), "Secret-Claim": proof(k.Claim)},
	}, nil)
}

// Receipt asks what has become of the secret.
func (c *Client) Receipt(ctx context.Context, m envelope.ManageLink) (Receipt, error) {
	var a Receipt
	err := c.do(ctx, call{
		name: "receipt", method: http.MethodGet, path: path(m.ID) + "/receipt", patience: quick,
		header: map[string]string{"Secret-Manage": proof(m.Manage)},
	}, &a)
	return a, err
}

// Unlock lifts the freeze and clears the wrong tries, once for each key.
func (c *Client) Unlock(ctx context.Context, m envelope.ManageLink, key Key) error {
	return c.do(ctx, call{
		name: "unlock", method: http.MethodPost, path: path(m.ID) + "/unlock", patience: steady,
		header: map[string]string{"Secret-Manage": proof(m.Manage), "Idempotency-Key": proof(key)},
	}, nil)
}

func path(id [20]byte) string { return "/api/secrets/" + envelope.FormatID(id) }

func proof(b [32]byte) string { return base64.RawURLEncoding.EncodeToString(b[:]) }

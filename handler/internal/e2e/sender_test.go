//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/client"
	"github.com/secretsharer/secretsharer/envelope"
)

// sent is a secret with all that its sender knows.
type sent struct {
	text   string
	link   envelope.Link
	manage envelope.ManageLink
	keys   *envelope.Keys
	sealed []byte
}

// seal makes a secret that lives an hour, without sending it.
func seal(origin, text, passphrase string, views int) (*sent, error) {
	return sealFor(time.Hour, origin, text, passphrase, views)
}

func sealFor(ttl time.Duration, origin, text, passphrase string, views int) (*sent, error) {
	expires := time.Now().Add(ttl).Truncate(time.Second)
	link, err := envelope.NewLink(rand.Reader, origin, expires)
	if err != nil {
		return nil, err
	}
	manage, err := envelope.NewManageLink(rand.Reader, origin, link.ID())
	if err != nil {
		return nil, err
	}
	keys, err := link.Keys(passphrase)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	err = envelope.Seal(&sealed, rand.Reader, keys, envelope.Params{Views: views, Expires: expires},
		envelope.Meta{Type: "text"}, bytes.NewReader([]byte(text)), int64(len(text)))
	return &sent{text, link, manage, keys, sealed.Bytes()}, err
}

// send makes a secret and sends it.
func send(ctx context.Context, c *client.Client, text, passphrase string, views int) (*sent, error) {
	s, err := seal(c.Origin(), text, passphrase, views)
	if err != nil {
		return nil, err
	}
	_, err = c.Create(ctx, s.keys, s.manage, s.sealed)
	return s, err
}

func newKey() client.Key {
	key, err := client.NewKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return key
}

// open reads a secret with a key and checks its text.
func (s *sent) open(ctx context.Context, c *client.Client, key client.Key) error {
	view, err := c.Read(ctx, s.keys, key)
	if err != nil {
		return err
	}
	r, err := envelope.Open(bytes.NewReader(view.Envelope), s.keys)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(r)
	if err == nil && string(text) != s.text {
		err = fmt.Errorf("read %d bytes that differ from those sent", len(text))
	}
	return err
}

func (s *sent) expires() time.Time { return time.Unix(int64(s.link.Slot)*600, 0).UTC() }

// readOnce sends one read with a new key and returns its status. The client would retry.
func readOnce(ctx context.Context, url string, s *sent) (key client.Key, status int) {
	key = newKey()
	return key, readAs(ctx, url, s, key)
}

// readAs sends one read with a key and returns its status, 0 without an answer.
func readAs(ctx context.Context, url string, s *sent, key client.Key) (status int) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/secrets/"+s.keys.ID.String()+"/read", nil)
	if err != nil {
		return 0
	}
	r.Header.Set("Secret-Access", base64.RawURLEncoding.EncodeToString(s.keys.Access[:]))
	r.Header.Set("Secret-Claim", base64.RawURLEncoding.EncodeToString(s.keys.Claim[:]))
	r.Header.Set("Idempotency-Key", base64.RawURLEncoding.EncodeToString(key[:]))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

package seal

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// A public key is used from memory, and confirmed behind the back of whoever
// uses it. A person who disables or deletes the key of a week to come is heeded
// within a minute or so where secrets are created all the time, within ten
// minutes everywhere: what was sealed in between opens only when the key is
// enabled or recovered. A vault that does not answer stops creating after ten
// minutes, as nobody could tell whether what is sealed will ever open.
const (
	publicKeyFresh = time.Minute
	publicKeyPause = 10 * time.Second // until an unanswered confirmation is tried again
	publicKeyLimit = 10 * time.Minute
)

// keyBits gives the strength of 128 bits (NIST SP 800-57), which 2,048 bits
// fall short of. A vault does 100 private operations with such keys a second,
// so serves 100 reads a second; with 4,096 bits it would be half of that.
const keyBits = 3072

// publicKey is the public half of one version of a week's key.
type publicKey struct {
	version   string
	rsa       *rsa.PublicKey
	confirmed time.Time
	next      time.Time // when to confirm it; guarded by Vault.mu
}

// publicKey returns the public key of a week; it makes the key when there is none.
func (v *Vault) publicKey(ctx context.Context, w week.Week) (*publicKey, error) {
	known, confirm := v.known(w)
	if known != nil && !confirm {
		return known, nil
	}
	fetched := v.fetches.DoChan(string(w), func() (any, error) {
		// Whoever asked first may leave; the others still wait for the answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		return v.fetch(ctx, w)
	})
	if known != nil {
		return known, nil
	}
	select {
	case got := <-fetched:
		key, _ := got.Val.(*publicKey)
		return key, got.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// known returns the public key in memory, nil when it may not be used any more,
// and whether it falls to the caller to have it confirmed.
func (v *Vault) known(w week.Week) (key *publicKey, confirm bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, now := v.public[w], v.now()
	if key == nil || !now.Before(key.confirmed.Add(publicKeyLimit)) {
		return nil, false
	}
	if confirm = !now.Before(key.next); confirm {
		key.next = now.Add(publicKeyPause)
	}
	return key, confirm
}

// fetch gets a week's public key from the vault and remembers it.
func (v *Vault) fetch(ctx context.Context, w week.Week) (*publicKey, error) {
	at := v.now()
	bundle, err := v.ensure(ctx, w)
	var key *publicKey
	if err == nil {
		key, err = parsePublicKey(bundle, at)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err == nil:
		v.public[w] = key
	case unusable(err):
		delete(v.public, w)
	}
	return key, err
}

func (v *Vault) forget(w week.Week) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.public, w)
}

// ensure returns the latest version of a week's key, and makes one when there
// is none. Two processes that do so at the same time make two versions: each
// uses its own for a while, a row keeps the one that it was sealed under, and
// both are there to unwrap until the key as a whole is deleted.
func (v *Vault) ensure(ctx context.Context, w week.Week) (azkeys.KeyBundle, error) {
	got, err := v.client.GetKey(ctx, keyName(w), "", nil)
	if err = explain(err); !errors.Is(err, secret.ErrKeyGone) {
		return got.KeyBundle, err
	}
	made, err := v.client.CreateKey(ctx, keyName(w), azkeys.CreateKeyParameters{
		Kty:     to.Ptr(azkeys.KeyTypeRSA),
		KeySize: to.Ptr[int32](keyBits),
		KeyOps:  to.SliceOfPtrs(azkeys.KeyOperationWrapKey, azkeys.KeyOperationUnwrapKey),
	}, nil)
	if err = explain(err); errors.Is(err, secret.ErrKeyGone) {
		err = fmt.Errorf("a deleted key of this name is kept by the vault, recover or purge it: %w", err)
	}
	return made.KeyBundle, err
}

// parsePublicKey reads an enabled RSA key: secret.ErrKeyDisabled.
func parsePublicKey(b azkeys.KeyBundle, at time.Time) (*publicKey, error) {
	if b.Key == nil || b.Attributes == nil || b.Attributes.Enabled == nil || b.Key.KID.Version() == "" {
		return nil, errHalf
	}
	if !*b.Attributes.Enabled {
		return nil, secret.ErrKeyDisabled
	}
	n, e := new(big.Int).SetBytes(b.Key.N), new(big.Int).SetBytes(b.Key.E)
	if n.BitLen() < 2048 || e.BitLen() < 2 || e.BitLen() > 31 || e.Bit(0) == 0 {
		return nil, errors.New("week key is not an RSA key of 2,048 bits or more")
	}
	return &publicKey{
		version: b.Key.KID.Version(), rsa: &rsa.PublicKey{N: n, E: int(e.Int64())},
		confirmed: at, next: at.Add(publicKeyFresh),
	}, nil
}

package seal

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Make implements secret.Keyring. A key that stands, enabled or not, is left alone.
func (v *Vault) Make(ctx context.Context, w week.Week) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := v.ensure(ctx, w); err != nil && !errors.Is(err, secret.ErrKeyDisabled) {
		return fmt.Errorf("make week key: %w", err)
	}
	return nil
}

// Keys implements secret.Keyring. It leaves keys of other names alone, and
// speaks of a key's latest version.
func (v *Vault) Keys(ctx context.Context) ([]secret.WeekKey, error) {
	listed, err := list(ctx, v.client.NewListKeyPropertiesPager(nil),
		func(p azkeys.ListKeyPropertiesResponse) []*azkeys.KeyProperties { return p.Value })
	if err != nil {
		return nil, fmt.Errorf("list week keys: %w", err)
	}
	var keys []secret.WeekKey
	for _, k := range listed {
		if w, ok := weekOf(path.Base(string(*k.KID))); ok {
			keys = append(keys, secret.WeekKey{Week: w, Enabled: *k.Attributes.Enabled, Updated: *k.Attributes.Updated})
		}
	}
	return keys, nil
}

// Disable implements secret.Keyring, for every version of the key. The latest,
// for which Keys speaks, comes last, so that what was interrupted is repeated;
// what is disabled is left alone, so that its time stands.
func (v *Vault) Disable(ctx context.Context, w week.Week) error {
	v.forget(w)
	if err := v.disable(ctx, w); err != nil && !errors.Is(err, secret.ErrKeyGone) {
		return fmt.Errorf("disable week key: %w", err)
	}
	return nil
}

func (v *Vault) disable(ctx context.Context, w week.Week) error {
	versions, err := list(ctx, v.client.NewListKeyPropertiesVersionsPager(keyName(w), nil),
		func(p azkeys.ListKeyPropertiesVersionsResponse) []*azkeys.KeyProperties { return p.Value })
	if err != nil {
		return err
	}
	latest, err := v.latest(ctx, w)
	if err != nil && !errors.Is(err, secret.ErrKeyDisabled) {
		return err
	}
	for _, last := range []bool{false, true} {
		for _, k := range versions {
			version := k.KID.Version()
			if !*k.Attributes.Enabled || (version == latest) != last {
				continue
			}
			if err := v.disableVersion(ctx, w, version); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *Vault) latest(ctx context.Context, w week.Week) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	got, err := v.client.GetKey(ctx, keyName(w), "", nil)
	if err != nil {
		return "", explain(err)
	}
	if got.Key == nil {
		return "", errHalf
	}
	return got.Key.KID.Version(), nil
}

func (v *Vault) disableVersion(ctx context.Context, w week.Week, version string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := v.client.UpdateKey(ctx, keyName(w), version, azkeys.UpdateKeyParameters{
		KeyAttributes: &azkeys.KeyAttributes{Enabled: to.Ptr(false)},
	}, nil)
	return explain(err)
}

// Delete implements secret.Keyring, for every version of the key. The vault
// keeps what was deleted until its own retention ends.
func (v *Vault) Delete(ctx context.Context, w week.Week) error {
	v.forget(w)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := v.client.DeleteKey(ctx, keyName(w), nil)
	if err = explain(err); err != nil && !errors.Is(err, secret.ErrKeyGone) {
		return fmt.Errorf("delete week key: %w", err)
	}
	return nil
}

// list returns what all pages hold, checked to be whole.
func list[T any](ctx context.Context, pages *runtime.Pager[T], keys func(T) []*azkeys.KeyProperties) ([]*azkeys.KeyProperties, error) {
	var all []*azkeys.KeyProperties
	for pages.More() {
		page, err := nextPage(ctx, pages)
		if err != nil {
			return nil, explain(err)
		}
		for _, k := range keys(page) {
			if k == nil || k.KID == nil || k.Attributes == nil || k.Attributes.Enabled == nil || k.Attributes.Updated == nil {
				return nil, errHalf
			}
			all = append(all, k)
		}
	}
	return all, nil
}

func nextPage[T any](ctx context.Context, pages *runtime.Pager[T]) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return pages.NextPage(ctx)
}

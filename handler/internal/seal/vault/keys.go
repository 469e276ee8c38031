package vault

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/week"
)

// Make implements secret.Keyring. It does not change a key that exists, enabled or not.
func (k *Keyring) Make(ctx context.Context, w week.Week) error {
	if _, err := k.ensure(ctx, w); err != nil && !errors.Is(err, seal.ErrKeyDisabled) {
		return fmt.Errorf("make week key: %w", err)
	}
	return nil
}

// Keys implements secret.Keyring. It ignores keys of other names. The state of a
// key is that of its latest version.
func (k *Keyring) Keys(ctx context.Context) ([]secret.WeekKey, error) {
	listed, err := list(ctx, k.client.NewListKeyPropertiesPager(nil),
		func(p azkeys.ListKeyPropertiesResponse) []*azkeys.KeyProperties { return p.Value })
	if err != nil {
		return nil, fmt.Errorf("list week keys: %w", err)
	}
	var keys []secret.WeekKey
	for _, p := range listed {
		if w, ok := seal.KeyWeek(path.Base(string(*p.KID))); ok {
			keys = append(keys, secret.WeekKey{Week: w, Enabled: *p.Attributes.Enabled, Updated: *p.Attributes.Updated})
		}
	}
	return keys, nil
}

// Disable implements secret.Keyring, for every version of the key. The latest,
// whose state Keys returns, comes last, so that an interrupted call is repeated.
// Versions that are disabled are not changed, and keep their time.
func (k *Keyring) Disable(ctx context.Context, w week.Week) error {
	k.forget(w)
	if err := k.disable(ctx, w); err != nil && !errors.Is(err, secret.ErrKeyGone) {
		return fmt.Errorf("disable week key: %w", err)
	}
	return nil
}

func (k *Keyring) disable(ctx context.Context, w week.Week) error {
	versions, err := list(ctx, k.client.NewListKeyPropertiesVersionsPager(seal.KeyName(w), nil),
		func(p azkeys.ListKeyPropertiesVersionsResponse) []*azkeys.KeyProperties { return p.Value })
	if err != nil {
		return err
	}
	latest, err := k.latest(ctx, w)
	if err != nil && !errors.Is(err, seal.ErrKeyDisabled) {
		return err
	}
	for _, last := range []bool{false, true} {
		for _, p := range versions {
			version := p.KID.Version()
			if !*p.Attributes.Enabled || (version == latest) != last {
				continue
			}
			off := azkeys.UpdateKeyParameters{KeyAttributes: &azkeys.KeyAttributes{Enabled: to.Ptr(false)}}
			if _, err := k.client.UpdateKey(ctx, seal.KeyName(w), version, off, nil); err != nil {
				return portError(err)
			}
		}
	}
	return nil
}

func (k *Keyring) latest(ctx context.Context, w week.Week) (string, error) {
	got, err := k.client.GetKey(ctx, seal.KeyName(w), "", nil)
	if err != nil {
		return "", portError(err)
	}
	if got.Key == nil {
		return "", errIncomplete
	}
	return got.Key.KID.Version(), nil
}

// Delete implements secret.Keyring, for every version of the key. The vault keeps
// a deleted key until its own retention period ends.
func (k *Keyring) Delete(ctx context.Context, w week.Week) error {
	k.forget(w)
	_, err := k.client.DeleteKey(ctx, seal.KeyName(w), nil)
	if err = portError(err); err != nil && !errors.Is(err, secret.ErrKeyGone) {
		return fmt.Errorf("delete week key: %w", err)
	}
	return nil
}

// list returns the keys of all pages.
func list[T any](ctx context.Context, pages *runtime.Pager[T], keys func(T) []*azkeys.KeyProperties) ([]*azkeys.KeyProperties, error) {
	var all []*azkeys.KeyProperties
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, portError(err)
		}
		for _, k := range keys(page) {
			if k == nil || k.KID == nil || k.Attributes == nil || k.Attributes.Enabled == nil || k.Attributes.Updated == nil {
				return nil, errIncomplete
			}
			all = append(all, k)
		}
	}
	return all, nil
}

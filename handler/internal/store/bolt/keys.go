package bolt

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// useKey notes that a row is sealed under a key, in the row's own transaction.
func useKey(tx *bbolt.Tx, ref secret.KeyRef) error {
	used, key := tx.Bucket(usedBucket), usedKey(ref.Name, ref.Version)
	if used.Get(key) != nil {
		return nil
	}
	data, err := store.EncodeKey(ref)
	if err != nil {
		return err
	}
	return used.Put(key, data)
}

func usedKey(name, version string) []byte { return []byte(name + "/" + version) }

// UsedKeys implements keycheck.Index.
func (e *Store) UsedKeys(ctx context.Context) (keys []secret.KeyRef, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(usedBucket).ForEach(func(_, value []byte) error {
			ref, err := store.DecodeKey(value)
			keys = append(keys, ref)
			return err
		})
	})
	return keys, err
}

// ForgetKey implements keycheck.Index.
func (e *Store) ForgetKey(ctx context.Context, name string) error {
	prefix := usedKey(name, "")
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		used := tx.Bucket(usedBucket)
		for key, _ := used.Cursor().Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = used.Cursor().Seek(prefix) {
			if err := used.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeyringID implements keycheck.Index.
func (e *Store) KeyringID(ctx context.Context) (id string, err error) {
	err = e.view(ctx, func(tx *bbolt.Tx) error {
		id = string(tx.Bucket(metaBucket).Get(keyringKey))
		return nil
	})
	return id, err
}

// SetKeyring implements keycheck.Index.
func (e *Store) SetKeyring(ctx context.Context, id string, used []secret.KeyRef) error {
	return e.write(ctx, 0, func(tx *bbolt.Tx) error {
		for _, ref := range used {
			if err := useKey(tx, ref); err != nil {
				return err
			}
		}
		return tx.Bucket(metaBucket).Put(keyringKey, []byte(id))
	})
}

package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// useKey notes that a row is about to be sealed under a key. This process remembers
// it, so that it costs a call for each key, not for each row.
func (t *Store) useKey(ctx context.Context, ref secret.KeyRef) error {
	if _, noted := t.noted.Load(ref); noted {
		return nil
	}
	e, err := usedEntity(ref)
	if err == nil {
		err = put(ctx, t.work, e)
	}
	if err != nil {
		return fmt.Errorf("note key: %w", err)
	}
	t.noted.Store(ref, true)
	return nil
}

func usedEntity(ref secret.KeyRef) (*entity, error) {
	data, err := store.EncodeKey(ref)
	return &entity{Partition: store.UsedKeysPartition, Row: fmt.Sprintf("%s-%x", ref.Name, ref.Version), Value: string(data)}, err
}

// UsedKeys implements keycheck.Index.
func (t *Store) UsedKeys(ctx context.Context) (keys []secret.KeyRef, err error) {
	filter := fmt.Sprintf("PartitionKey eq '%s'", store.UsedKeysPartition)
	for cursor := ""; ; {
		var entities [][]byte
		if entities, cursor, err = listPage(ctx, t.work, filter, "value", cursor, maxPage); err != nil {
			return nil, err
		}
		for _, data := range entities {
			var e entity
			if err := json.Unmarshal(data, &e); err != nil {
				return nil, fmt.Errorf("decode key: %w", err)
			}
			ref, err := store.DecodeKey([]byte(e.Value))
			if err != nil {
				return nil, err
			}
			keys = append(keys, ref)
		}
		if cursor == "" {
			return keys, nil
		}
	}
}

// ForgetKey implements keycheck.Index.
func (t *Store) ForgetKey(ctx context.Context, name string) error {
	keys, err := t.UsedKeys(ctx)
	if err != nil {
		return err
	}
	var operations []operation
	for _, ref := range keys {
		if ref.Name != name {
			continue
		}
		t.noted.Delete(ref)
		e, err := usedEntity(ref)
		if err != nil {
			return err
		}
		data, err := (&entity{Partition: e.Partition, Row: e.Row}).encode()
		if err != nil {
			return err
		}
		operations = append(operations, operation{
			partition: e.Partition,
			action:    aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: data},
		})
	}
	return transact(ctx, t.work, operations)
}

// keyringRow is the row of the keyring's id.
const keyringRow = "keyring"

// KeyringID implements keycheck.Index.
func (t *Store) KeyringID(ctx context.Context) (string, error) {
	e, err := get(ctx, t.work, store.KeyringPartition, keyringRow)
	if errors.Is(err, secret.ErrNotFound) {
		return "", nil
	}
	return e.Value, err
}

// SetKeyring implements keycheck.Index.
func (t *Store) SetKeyring(ctx context.Context, id string, used []secret.KeyRef) error {
	for _, ref := range used {
		if err := t.useKey(ctx, ref); err != nil {
			return err
		}
	}
	return put(ctx, t.work, &entity{Partition: store.KeyringPartition, Row: keyringRow, Value: id})
}

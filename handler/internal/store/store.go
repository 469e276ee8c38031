// Package store has the parts that the two stores share: the forms in which records
// and holds are kept ([EncodeRow], [DecodeRow], [EncodeHold], [DecodeHold]), the
// names of the partitions, and their common version ([Schema]).
//
// Package table keeps the rows in Azure Table Storage, for any number of
// processes; package bolt keeps them in one bbolt file, for a single process.
// Both implement the ports of package secret with the same semantics, which the
// suite in package storetest checks.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Schema is the version of the stored form, which each store carries.
const Schema = 1

// ErrNewer is returned by the Open of both stores for a schema above [Schema].
var ErrNewer = errors.New("the store was written by a newer version")

// PastHolds is the partition of the holds that were released or have expired.
const PastHolds = "past"

// ActiveHolds returns the partition of the active holds of a shard, 0 to 15.
func ActiveHolds(shard byte) string { return fmt.Sprintf("active-%x", shard) }

// RowPartition returns the partition of a secret's row. Secrets that expire in
// the same slot share 16 partitions, one for each shard.
func RowPartition(id header.ID) string {
	return fmt.Sprintf("%s%x", SlotPartitions(id.Slot()), id.Shard())
}

// SlotPartitions returns the common beginning of a slot's partitions. The text sorts by time.
func SlotPartitions(s header.Slot) string { return fmt.Sprintf("%08x-", uint32(s)) }

// ReminderPartition returns the partition of a secret's reminders for the minute
// in which t lies.
func ReminderPartition(t time.Time, id header.ID) string {
	return fmt.Sprintf("%s-%x", ReminderPartitions(t), id.Shard())
}

// FirstReminders sorts before the partitions of all reminders.
const FirstReminders = "due-"

// ReminderPartitions returns the common beginning of a minute's partitions. The text sorts by time.
func ReminderPartitions(t time.Time) string {
	return fmt.Sprintf("%s%08x", FirstReminders, MinuteOf(t))
}

// ReminderMinute returns the minute of a partition that ReminderPartition made.
func ReminderMinute(partition string) (time.Time, error) {
	var minute uint32
	if _, err := fmt.Sscanf(partition, FirstReminders+"%8x", &minute); err != nil {
		return time.Time{}, fmt.Errorf("parse reminder partition: %w", err)
	}
	return MinuteStart(minute), nil
}

// MinuteOf returns the minute in which t lies, counted from 1970 in UTC.
func MinuteOf(t time.Time) uint32 { return uint32(max(0, t.Unix()/60)) } // #nosec G115 -- good until the year 10136

// MinuteStart returns the first instant of a minute, in UTC.
func MinuteStart(minute uint32) time.Time { return time.Unix(60*int64(minute), 0).UTC() }

// The partitions of the table service's other small rows.
const (
	WatermarkPartition = "watermark"
	UsedKeysPartition  = "keys"
	KeyringPartition   = "keyring"
	SchemaPartition    = "schema"
)

// row is the stored form of a record without its sealed envelope and wrapped
// key. Times are milliseconds since 1970, 0 for none.
type row struct {
	ID      []byte    `json:"id"`
	Header  []byte    `json:"header"`
	Access  []byte    `json:"access"`
	Claim   []byte    `json:"claim"`
	Manage  []byte    `json:"manage"`
	Digest  []byte    `json:"digest"`
	Created int64     `json:"created"`
	Expires int64     `json:"expires"`
	Views   int       `json:"views"`
	Leases  []lease   `json:"leases,omitempty"`
	Tries   [][]byte  `json:"tries,omitempty"`
	Frozen  int64     `json:"frozen,omitempty"`
	Reason  string    `json:"reason,omitempty"` // of the freeze
	Revoked int64     `json:"revoked,omitempty"`
	Unlock  []byte    `json:"unlock,omitempty"`
	Unlocks int       `json:"unlocks,omitempty"`
	Log     []entry   `json:"log,omitempty"`
	Cleared bool      `json:"cleared,omitempty"`
	Key     [3]string `json:"key"`            // algorithm, name, version
	Size    int       `json:"size,omitempty"` // of the sealed envelope
}

type lease struct {
	Key   []byte `json:"key"`
	Taken int64  `json:"taken"`
	End   int64  `json:"end"`
	Acked int64  `json:"acked,omitempty"`
}

type entry struct {
	Event string `json:"event"`
	At    int64  `json:"at"`
}

// EncodeRow returns the stored form of a record without Version,
// Sealed.Wrapped and Sealed.Envelope. Times are truncated to milliseconds.
func EncodeRow(r *secret.Record) ([]byte, error) {
	w := row{
		ID: r.ID[:], Header: r.Header[:], Access: r.Access[:], Claim: r.Claim[:], Manage: r.Manage[:], Digest: r.Digest[:],
		Created: millis(r.Created), Expires: millis(r.Expires), Views: r.Views,
		Frozen: millis(r.Frozen), Reason: string(r.Reason), Revoked: millis(r.Revoked), Unlocks: r.Unlocks, Cleared: r.Cleared,
		Key: [3]string{r.Sealed.Key.Algorithm, r.Sealed.Key.Name, r.Sealed.Key.Version}, Size: r.Sealed.Size,
	}
	if r.Unlock != (secret.Hash{}) {
		w.Unlock = r.Unlock[:]
	}
	for i := range r.Leases {
		l := &r.Leases[i]
		w.Leases = append(w.Leases, lease{l.Key[:], millis(l.Taken), millis(l.End), millis(l.Acked)})
	}
	for i := range r.Tries {
		w.Tries = append(w.Tries, r.Tries[i][:])
	}
	for _, e := range r.Log {
		w.Log = append(w.Log, entry{e.Event, millis(e.At)})
	}
	return json.Marshal(&w)
}

// EncodeKey returns the stored form of a key's name, in the index of the keys in use.
func EncodeKey(k secret.KeyRef) ([]byte, error) {
	return json.Marshal([3]string{k.Algorithm, k.Name, k.Version})
}

// DecodeKey returns the key that EncodeKey encoded.
func DecodeKey(data []byte) (secret.KeyRef, error) {
	var k [3]string
	if err := json.Unmarshal(data, &k); err != nil {
		return secret.KeyRef{}, fmt.Errorf("decode key: %w", err)
	}
	return secret.KeyRef{Algorithm: k[0], Name: k[1], Version: k[2]}, nil
}

// Cleared returns a copy of the record with Cleared set.
func Cleared(r *secret.Record) *secret.Record {
	cleared := *r
	cleared.Cleared = true
	return &cleared
}

// DecodeRow returns the record that EncodeRow encoded, with times in UTC.
func DecodeRow(data []byte) (*secret.Record, error) {
	var w row
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("decode row: %w", err)
	}
	r := &secret.Record{
		Created: moment(w.Created), Expires: moment(w.Expires), Views: w.Views,
		Frozen: moment(w.Frozen), Reason: secret.FreezeReason(w.Reason), Revoked: moment(w.Revoked), Unlocks: w.Unlocks, Cleared: w.Cleared,
		Sealed: secret.Sealed{Key: secret.KeyRef{Algorithm: w.Key[0], Name: w.Key[1], Version: w.Key[2]}, Size: w.Size},
	}
	fields := []struct{ to, from []byte }{
		{r.ID[:], w.ID}, {r.Header[:], w.Header}, {r.Access[:], w.Access}, {r.Claim[:], w.Claim}, {r.Manage[:], w.Manage}, {r.Digest[:], w.Digest},
	}
	for _, f := range fields {
		if copy(f.to, f.from) != len(f.to) || len(f.from) != len(f.to) {
			return nil, fmt.Errorf("decode row: a field of %d bytes has %d", len(f.to), len(f.from))
		}
	}
	copy(r.Unlock[:], w.Unlock)
	for _, l := range w.Leases {
		next := secret.Lease{Taken: moment(l.Taken), End: moment(l.End), Acked: moment(l.Acked)}
		copy(next.Key[:], l.Key)
		r.Leases = append(r.Leases, next)
	}
	for _, t := range w.Tries {
		r.Tries = append(r.Tries, [8]byte{})
		copy(r.Tries[len(r.Tries)-1][:], t)
	}
	for _, e := range w.Log {
		r.Log = append(r.Log, secret.Entry{Event: e.Event, At: moment(e.At)})
	}
	return r, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

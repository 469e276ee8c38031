// Package store keeps the domain's rows: in Azure Table Storage ([Table]) or in
// one bbolt file ([Embedded]). Both fulfil the ports of package secret with the
// same semantics, held together by the suite in package storetest.
package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Schema is the version of what the stores keep. A store that carries a newer one is refused.
const Schema = 1

// row is the small part of a record as it is kept: everything but the sealed
// envelope and the wrapped key. Times are milliseconds since 1970, 0 for none.
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
	Revoked int64     `json:"revoked,omitempty"`
	Unlock  []byte    `json:"unlock,omitempty"`
	Log     []entry   `json:"log,omitempty"`
	Cleared bool      `json:"cleared,omitempty"`
	Key     [3]string `json:"key"` // algorithm, name, version
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

// encodeRow returns the small part of a record.
func encodeRow(r *secret.Record) ([]byte, error) {
	w := row{
		ID: r.ID[:], Header: r.Header[:], Access: r.Access[:], Claim: r.Claim[:], Manage: r.Manage[:], Digest: r.Digest[:],
		Created: millis(r.Created), Expires: millis(r.Expires), Views: r.Views,
		Frozen: millis(r.Frozen), Revoked: millis(r.Revoked), Cleared: r.Cleared,
		Key: [3]string{r.Sealed.Key.Algorithm, r.Sealed.Key.Name, r.Sealed.Key.Version},
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

// encodeCleared is encodeRow of the record as it is once its sealed envelope is gone.
func encodeCleared(r *secret.Record) ([]byte, error) {
	cleared := *r
	cleared.Cleared = true
	return encodeRow(&cleared)
}

// decodeRow reads what encodeRow wrote. It does not set Version.
func decodeRow(data []byte) (*secret.Record, error) {
	var w row
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("decode row: %w", err)
	}
	r := &secret.Record{
		Created: moment(w.Created), Expires: moment(w.Expires), Views: w.Views,
		Frozen: moment(w.Frozen), Revoked: moment(w.Revoked), Cleared: w.Cleared,
		Sealed: secret.Sealed{Key: secret.KeyRef{Algorithm: w.Key[0], Name: w.Key[1], Version: w.Key[2]}},
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
		r.Tries = append(r.Tries, secret.Try{})
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

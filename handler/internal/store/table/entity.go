package table

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// Azure's limits, checked here before a request is sent, since emulators are laxer.
// Source: "Understanding the Table service data model" and "Performing entity group transactions".
const (
	maxProperty    = 64 << 10 // bytes; strings count as UTF-16
	maxEntity      = 1 << 20
	maxTransaction = 4 << 20
	maxOperations  = 100

	entityOverhead   = 4    // bytes for each entity
	propertyOverhead = 8    // for each property, besides its name and value
	requestOverhead  = 1024 // for each operation of a transaction, besides its entity: headers, boundaries, the address
	// rowReserve is the largest size of the encoded row in UTF-16, with 100
	// leases, tries and log entries. An insert leaves room for it: otherwise the
	// service could refuse a later update, and the secret would be lost.
	rowReserve = 44 << 10
)

// ErrLimit is returned for a row that exceeds a limit of Azure. Nothing was sent.
var ErrLimit = errors.New("beyond a limit of table storage")

// checkKeys allows the keys that need no quoting anywhere: 1 to 512 lower-case
// letters, digits and hyphens.
func checkKeys(keys ...string) error {
	for _, key := range keys {
		if key == "" || len(key) > 512 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return fmt.Errorf("%w: a key that is not made of 1 to 512 of the characters a-z, 0-9 and -", ErrLimit)
		}
	}
	return nil
}

// utf16Size returns how many bytes Azure counts for a string.
func utf16Size(s string) (n int) {
	for _, r := range s {
		n += 2 * utf16.RuneLen(r)
	}
	return n
}

// entity is a row of the tables "holds" and "work".
type entity struct {
	Partition string `json:"PartitionKey"`
	Row       string `json:"RowKey"`
	Value     string `json:"value,omitempty"`
}

// encode returns the entity as it is sent. Errors: ErrLimit.
func (e *entity) encode() ([]byte, error) {
	p := newProperties(e.Partition, e.Row)
	if e.Value != "" {
		p.add("value", e.Value, utf16Size(e.Value))
	}
	return p.encode()
}

// encodeSecret returns a record as an entity of the table "secrets". The sealed
// envelope is spread over properties of at most 64 KiB. Errors: ErrLimit.
func encodeSecret(r *secret.Record, sealed bool) ([]byte, error) {
	row, err := store.EncodeRow(r)
	if err != nil {
		return nil, err
	}
	p, size := newProperties(store.RowPartition(r.ID), r.ID.String()), utf16Size(string(row))
	p.add("cleared", r.Cleared, 1)
	p.add("row", string(row), size)
	if sealed {
		p.size += max(0, rowReserve-size)
		p.addBinary("wrapped", r.Sealed.Wrapped)
		i := 0
		for piece := range slices.Chunk(r.Sealed.Envelope, maxProperty) {
			p.addBinary(sealedName(i), piece)
			i++
		}
	}
	return p.encode()
}

func sealedName(i int) string { return fmt.Sprintf("sealed%02d", i) }

// properties collects the properties of an entity, and the size that Azure counts for them.
type properties struct {
	values map[string]any
	size   int // bytes
	err    error
}

func newProperties(partition, row string) *properties {
	return &properties{
		values: map[string]any{"PartitionKey": partition, "RowKey": row},
		size:   entityOverhead + utf16Size(partition+row),
		err:    checkKeys(partition, row),
	}
}

func (p *properties) add(name string, value any, bytes int) {
	if bytes > maxProperty {
		p.err = fmt.Errorf("%w: property %s of %d bytes", ErrLimit, name, bytes)
	}
	p.values[name] = value
	p.size += propertyOverhead + utf16Size(name) + bytes
}

func (p *properties) addBinary(name string, value []byte) {
	p.values[name+"@odata.type"] = "Edm.Binary"
	p.add(name, base64.StdEncoding.EncodeToString(value), len(value))
}

func (p *properties) encode() ([]byte, error) {
	switch {
	case p.err != nil:
		return nil, p.err
	case p.size > maxEntity:
		return nil, fmt.Errorf("%w: an entity of %d bytes", ErrLimit, p.size)
	}
	return json.Marshal(p.values)
}

// decodeSecret reads an entity of the table "secrets", with its sealed envelope
// if asked for. Its version is the ETag.
func decodeSecret(data []byte, sealed bool) (*secret.Record, error) {
	var p map[string]any
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("decode entity: %w", err)
	}
	row, _ := p["row"].(string)
	r, err := store.DecodeRow([]byte(row))
	if err != nil {
		return nil, err
	}
	if r.Version, _ = p["odata.etag"].(string); r.Version == "" {
		return nil, errors.New("decode entity: no etag")
	}
	if !sealed || r.Cleared {
		return r, nil
	}
	if r.Sealed.Wrapped, err = appendBinary(nil, p, "wrapped"); err != nil {
		return nil, err
	}
	for i := 0; p[sealedName(i)] != nil; i++ {
		if r.Sealed.Envelope, err = appendBinary(r.Sealed.Envelope, p, sealedName(i)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func appendBinary(to []byte, p map[string]any, name string) ([]byte, error) {
	text, _ := p[name].(string)
	to, err := base64.StdEncoding.AppendDecode(to, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("decode property %s: %w", name, err)
	}
	return to, nil
}

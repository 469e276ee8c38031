package table

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// entity is a small row of the holds or the work table.
type entity struct {
	Partition string `json:"PartitionKey"`
	Row       string `json:"RowKey"`
	Value     string `json:"value,omitempty"`
}

// encode returns the entity as it is sent. Errors: ErrLimit.
func (e *entity) encode() ([]byte, error) {
	if err := errors.Join(checkKeys(e.Partition, e.Row), checkProperty("value", utf16Size(e.Value))); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

// encodeEntity returns a record as a row of the secrets table. The sealed
// envelope is spread over properties of at most 64 KiB. Errors: ErrLimit.
func encodeEntity(r *secret.Record, sealed bool) ([]byte, error) {
	small, err := store.EncodeRow(r)
	if err != nil {
		return nil, err
	}
	p := newProperties(store.RowPartition(r.ID), r.ID.String())
	p.add("cleared", r.Cleared, 1)
	p.add("row", string(small), utf16Size(string(small)))
	if sealed {
		p.size += max(0, rowReserve-utf16Size(string(small)))
		p.addBinary("wrapped", r.Sealed.Wrapped)
		for i, rest := 0, r.Sealed.Envelope; len(rest) > 0; i++ {
			n := min(len(rest), maxProperty)
			p.addBinary(sealedName(i), rest[:n])
			rest = rest[n:]
		}
	}
	return p.encode()
}

// encodeKeys returns what names a row of the secrets table, and no more.
func encodeKeys(id secret.ID) ([]byte, error) {
	return newProperties(store.RowPartition(id), id.String()).encode()
}

func sealedName(i int) string { return fmt.Sprintf("sealed%02d", i) }

// properties gathers what an entity holds, and what Azure counts for it.
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
	p.err = errors.Join(p.err, checkProperty(name, bytes))
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

// decodeEntity reads a row of the secrets table, its version from the metadata.
func decodeEntity(data []byte, sealed bool) (*secret.Record, error) {
	var p map[string]any
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("decode entity: %w", err)
	}
	small, _ := p["row"].(string)
	r, err := store.DecodeRow([]byte(small))
	if err != nil {
		return nil, err
	}
	if r.Version, _ = p["odata.etag"].(string); r.Version == "" {
		return nil, errors.New("decode entity: no etag")
	}
	if !sealed || r.Cleared {
		return r, nil
	}
	if r.Sealed.Wrapped, err = binaryOf(p, "wrapped", nil); err != nil {
		return nil, err
	}
	for i := 0; p[sealedName(i)] != nil; i++ {
		if r.Sealed.Envelope, err = binaryOf(p, sealedName(i), r.Sealed.Envelope); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func binaryOf(p map[string]any, name string, to []byte) ([]byte, error) {
	text, _ := p[name].(string)
	to, err := base64.StdEncoding.AppendDecode(to, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("decode property %s: %w", name, err)
	}
	return to, nil
}

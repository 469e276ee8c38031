package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Azure's limits, checked here before a request is sent, since emulators are laxer.
// Source: "Understanding the Table service data model" and "Performing entity group transactions".
const (
	maxProperty    = 64 << 10 // bytes; strings count as UTF-16
	maxEntity      = 1 << 20
	maxTransaction = 4 << 20
	maxOperations  = 100
	entityOverhead = 4 // bytes for each entity, and 8 for each property besides name and value
)

// ErrLimit says that a row does not fit Azure's limits. Nothing was sent.
var ErrLimit = errors.New("beyond a limit of table storage")

// entity is a small row of the holds or the work table.
type entity struct {
	Partition string `json:"PartitionKey"`
	Row       string `json:"RowKey"`
	Value     string `json:"value,omitempty"`
}

// partition is where a row lives: all that expires together lives together.
func partition(id secret.ID) string { return fmt.Sprintf("%s%x", slotPrefix(id.Slot()), id.Shard()) }

func slotPrefix(s secret.Slot) string { return fmt.Sprintf("%08x-", uint32(s)) }

// encodeEntity returns a record as a row of the secrets table. The sealed
// envelope is spread over properties of at most 64 KiB.
func encodeEntity(r *secret.Record, sealed bool) ([]byte, error) {
	small, err := encodeRow(r)
	if err != nil {
		return nil, err
	}
	key, id := partition(r.ID), r.ID.String()
	p := properties{values: map[string]any{"PartitionKey": key, "RowKey": id, "cleared": r.Cleared}}
	p.size = entityOverhead + 2*(len(key)+len(id)) + 8 + 2*len("cleared") + 1
	p.addString("row", string(small))
	if sealed {
		p.addBinary("wrapped", r.Sealed.Wrapped)
		for i, rest := 0, r.Sealed.Envelope; len(rest) > 0; i++ {
			n := min(len(rest), maxProperty)
			p.addBinary(sealedName(i), rest[:n])
			rest = rest[n:]
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	if p.size > maxEntity {
		return nil, fmt.Errorf("%w: an entity of %d bytes", ErrLimit, p.size)
	}
	return json.Marshal(p.values)
}

func sealedName(i int) string { return fmt.Sprintf("sealed%02d", i) }

// properties gathers what an entity holds, and what Azure counts for it.
type properties struct {
	values map[string]any
	size   int
	err    error
}

func (p *properties) add(name string, value any, bytes int) {
	if bytes > maxProperty {
		p.err = fmt.Errorf("%w: property %s of %d bytes", ErrLimit, name, bytes)
	}
	p.values[name] = value
	p.size += 8 + 2*len(name) + bytes
}

func (p *properties) addString(name, value string) {
	p.add(name, value, 2*len(utf16.Encode([]rune(value))))
}

func (p *properties) addBinary(name string, value []byte) {
	p.values[name+"@odata.type"] = "Edm.Binary"
	p.add(name, base64.StdEncoding.EncodeToString(value), len(value))
}

// decodeEntity reads a row of the secrets table. It takes the version from the
// metadata, where there is one.
func decodeEntity(data []byte, sealed bool) (*secret.Record, error) {
	var p map[string]any
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("decode entity: %w", err)
	}
	small, _ := p["row"].(string)
	r, err := decodeRow([]byte(small))
	if err != nil {
		return nil, err
	}
	r.Version, _ = p["odata.etag"].(string)
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

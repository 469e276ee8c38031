package envelope

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/envelope/header"
)

// The types of content.
const (
	Text = "text"
	File = "file"
)

// maxMeta is the longest JSON of a Meta in bytes. It bounds a reader's memory.
const maxMeta = 4096

// maxSize is the most data in bytes.
const maxSize = 1 << 50

// Meta describes the content. The sender chose Name and Media: do not use Name as a
// path, and do not trust Media.
type Meta struct {
	Type  string `json:"type"`            // [Text] or [File]
	Name  string `json:"name,omitempty"`  // of a file
	Media string `json:"media,omitempty"` // media type of a file
}

// marshal returns the JSON, at most 4096 bytes, or an error that wraps [ErrMeta].
func (m Meta) marshal() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // as JSON.stringify in JavaScript
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMeta, err)
	}
	text := unescaped.Replace(strings.TrimSuffix(b.String(), "\n"))
	if len(text) > maxMeta {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrMeta, maxMeta)
	}
	return []byte(text), nil
}

// unescaped writes the two characters that encoding/json escapes although JSON does not
// require it. An escaped backslash before them stays.
var unescaped = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

func (m Meta) check() error {
	switch {
	case m.Type != Text && m.Type != File:
		return fmt.Errorf("%w: unknown type", ErrMeta)
	case m.Type == Text && (m.Name != "" || m.Media != ""):
		return fmt.Errorf("%w: text has no name and no media type", ErrMeta)
	case !utf8.ValidString(m.Name) || !utf8.ValidString(m.Media):
		return fmt.Errorf("%w: not valid UTF-8", ErrMeta)
	}
	return nil
}

// unmarshalMeta reads any JSON of a Meta. It ignores unknown members, whatever their values,
// and compares names exactly, where encoding/json would ignore their case.
func unmarshalMeta(b []byte) (Meta, error) {
	members, err := membersOf(b)
	if err != nil {
		return Meta{}, err
	}
	var m Meta
	for name, field := range map[string]*string{"type": &m.Type, "name": &m.Name, "media": &m.Media} {
		value, present := members[name]
		if present && (value[0] != '"' || json.Unmarshal(value, field) != nil) { // null would be no error
			return Meta{}, ErrContent
		}
	}
	if m.check() != nil {
		return Meta{}, ErrContent
	}
	return m, nil
}

// membersOf returns the members of a JSON object that has none of them twice.
func membersOf(b []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(b) || !json.Valid(b) {
		return nil, ErrContent
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, ErrContent
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		name, is := token.(string)
		var value json.RawMessage
		if err != nil || !is || d.Decode(&value) != nil || members[name] != nil {
			return nil, ErrContent
		}
		members[name] = value
	}
	return members, nil
}

// frame returns the bytes before the data: u32 length, meta, u64 length.
func frame(m Meta, size int64) ([]byte, error) {
	text, err := m.marshal()
	if err != nil {
		return nil, err
	}
	if size < 0 || size > maxSize {
		return nil, fmt.Errorf("%w: out of range", ErrDataSize)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(text))) // #nosec G115 -- at most maxMeta
	b = append(b, text...)
	return binary.BigEndian.AppendUint64(b, uint64(size)), nil
}

// MaxData returns how many bytes of data fit into an envelope of maxEnvelope bytes. It
// is negative if not even an empty one does, or m is not valid.
func MaxData(m Meta, maxEnvelope int64) int64 {
	b, err := frame(m, 0)
	if err != nil {
		return -1
	}
	most := int(min(max(maxEnvelope, 0), maxSize, math.MaxInt)) // does not fit
	tooMuch := sort.Search(most, func(n int) bool { return header.SealedSize(int64(len(b)+n)) > maxEnvelope })
	return int64(tooMuch) - 1
}

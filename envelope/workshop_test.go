package envelope

import (
	"bytes"
	"testing"
	"time"
)

// workshop builds the vectors' envelopes. It derives each key once, because a passphrase is slow.
type workshop struct {
	byName map[string]envelopeVector
	built  map[string][]byte
	known  map[string]*Keys
}

func newWorkshop(t testing.TB) *workshop {
	w := &workshop{byName: map[string]envelopeVector{}, built: map[string][]byte{}, known: map[string]*Keys{}}
	for _, v := range loadVectors(t).Envelopes {
		w.byName[v.Name] = v
	}
	return w
}

func (w *workshop) keys(t testing.TB, v envelopeVector) *Keys {
	t.Helper()
	l := Link{Key: [32]byte(v.Key), Slot: v.Slot}
	name := l.String() + v.Passphrase
	if w.known[name] == nil {
		k, err := l.Keys(v.Passphrase)
		if err != nil {
			t.Fatal(err)
		}
		w.known[name] = k
	}
	return w.known[name]
}

// build returns the envelope of v: sealed, as given, or another one with edits.
func (w *workshop) build(t testing.TB, v envelopeVector) []byte {
	t.Helper()
	if b := w.built[v.Name]; b != nil {
		return bytes.Clone(b)
	}
	b := []byte(v.Envelope)
	switch {
	case v.Salt != nil:
		var sealed bytes.Buffer
		p := Params{Views: v.Views, Expires: time.Unix(v.Expires, 0)}
		if err := Seal(&sealed, bytes.NewReader(v.Salt), w.keys(t, v), p, *v.Meta, bytes.NewReader(v.Data.bytes()), v.Data.Size); err != nil {
			t.Fatal(err)
		}
		b = sealed.Bytes()
		if v.Envelope != nil && !bytes.Equal(b, v.Envelope) {
			t.Errorf("%s: sealing gives another envelope", v.Name)
		}
	case v.Of != "":
		b = w.build(t, w.byName[v.Of])
		for _, e := range v.Edits {
			b = w.apply(t, b, e)
		}
	}
	w.built[v.Name] = bytes.Clone(b)
	return b
}

func (w *workshop) apply(t testing.TB, b []byte, e edit) []byte {
	t.Helper()
	for i, x := range e.Xor {
		b[e.At+int64(i)] ^= x
	}
	insert := []byte(e.Insert)
	if e.From != nil {
		insert = w.build(t, w.byName[e.From.Of])[e.From.At : e.From.At+e.From.Size]
	}
	return bytes.Join([][]byte{b[:e.At], insert, b[e.At+e.Remove:]}, nil)
}

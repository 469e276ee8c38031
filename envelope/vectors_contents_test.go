package envelope

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

// contents adds envelopes with malformed content that are sealed correctly.
func (b *bench) contents() {
	text := `{"type":"text"}`
	pad := func(size int, parts ...[]byte) []byte {
		p := bytes.Join(parts, nil)
		return append(p, make([]byte, max(size-len(p), 0))...)
	}
	u32 := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	u64 := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	meta := func(s string) []byte { return append(u32(len(s)), s...) }
	hello := append(u64(5), "hello"...)
	start := append(meta(text), hello...)
	for _, c := range []struct {
		name, slug string
		plain      []byte
	}{
		{"nothing", "content", nil},
		{"3 bytes", "content", []byte{0, 0, 0}},
		{"a meta longer than the content", "content", pad(256, u32(253), []byte(text))},
		{"a meta of 4 GiB", "content", pad(256, u32(0xffffffff), []byte(text))},
		{"no meta", "content", pad(256, u32(0), hello)},
		{"a meta that is no JSON", "content", pad(256, meta(`{"type":"text"`), hello)},
		{"a meta that is an array", "content", pad(256, meta(`["text"]`), hello)},
		{"a meta that is null", "content", pad(256, meta(`null`), hello)},
		{"a meta and more", "content", pad(256, meta(text+"x"), hello)},
		{"a meta without type", "content", pad(256, meta(`{"name":"a"}`), hello)},
		{"a meta of unknown type", "content", pad(256, meta(`{"type":"link"}`), hello)},
		{"a meta whose type is a number", "content", pad(256, meta(`{"type":1}`), hello)},
		{"a meta with Type for type", "content", pad(256, meta(`{"Type":"text"}`), hello)},
		{"a meta whose name is null", "content", pad(256, meta(`{"type":"file","name":null}`), hello)},
		{"a meta of text with a name", "content", pad(256, meta(`{"type":"text","name":"a"}`), hello)},
		{"a meta that is not UTF-8", "content", pad(256, meta("{\"type\":\"file\",\"name\":\"\xff\"}"), hello)},
		{"no length of the data", "content", append(meta(text), 0, 0, 0)},
		{"data one byte longer than the content", "content", pad(256, meta(text), u64(230))},
		{"data of 2^63 bytes", "content", pad(256, meta(text), u64(1<<63))},
		{"data of 2^53 bytes", "content", pad(256, meta(text), u64(1<<53))},
		{"padding that begins with a one", "padding", pad(256, start, []byte{1})},
		{"padding that ends with a one", "padding", append(pad(255, start), 1)},
		{"no padding", "padding", start},
		{"padding to 255 bytes", "padding", pad(255, start)},
		{"padding to 257 bytes", "padding", pad(257, start)},
		{"padding to the next Padmé length", "padding", pad(272, start)},
	} {
		b.sealPlain("content: "+c.name, c.slug, nil, 0, c.plain)
	}
	b.sealPlain("content: a meta of 4097 bytes", "content", nil, 0, pad(4608, meta(`{"type":"text","x":"`+strings.Repeat("x", 4075)+`"}`), hello))
	b.sealPlain("content: a meta of 4096 bytes with an unknown member", "", &Meta{Type: Text}, 5, pad(4352, meta(`{"type":"text","x":"`+strings.Repeat("x", 4074)+`"}`), hello))
	b.sealPlain("content: a meta in another order, with spaces", "", &Meta{Type: File, Name: "é"}, 5, pad(256, meta(" { \"name\" : \"\\u00e9\" , \"type\" : \"file\" } \n"), hello))
}

// sealPlain adds an envelope around any plaintext.
func (b *bench) sealPlain(name, slug string, m *Meta, size int64, plain []byte) {
	b.t.Helper()
	l := vectorLink("content")
	v := envelopeVector{Name: name, Key: l.Key[:], Slot: l.Slot, Error: slug}
	if m != nil {
		v.Views, v.Expires, v.Meta, v.Data = 1, vectorExpiry, m, &dataSpec{Repeat: []byte("hello"), Size: size}
	}
	k := b.keysOf(v)
	h := header.Header{Views: 1, Expires: vectorTime, ID: k.ID}.Bytes()
	salt := seeded("salt " + name)
	sealed := bytes.NewBuffer(h[:])
	w, err := chunked.NewWriter(sealed, k.enc[:], h[:], [chunked.SaltSize]byte(salt[:]))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.add(v, sealed.Bytes())
	b.vectors[len(b.vectors)-1].Envelope = sealed.Bytes()
}

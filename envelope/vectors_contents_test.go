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
		{"a meta after a byte order mark", "content", pad(256, meta("\ufeff"+text), hello)},
		{"a meta whose type has a byte order mark", "content", pad(256, meta("{\"type\":\"\ufefftext\"}"), hello)},
		{"a meta whose type has an escaped byte order mark", "content", pad(256, meta(`{"type":"\ufefftext"}`), hello)},
		{"a meta of text with a byte order mark as its name", "content", pad(256, meta("{\"type\":\"text\",\"name\":\"\ufeff\"}"), hello)},
		{"a meta whose type is in upper case", "content", pad(256, meta(`{"type":"TEXT"}`), hello)},
		{"a meta with the type twice", "content", pad(256, meta(`{"type":"text","type":"text"}`), hello)},
		{"a meta with the type twice, once escaped", "content", pad(256, meta(`{"type":"text","\u0074ype":"file"}`), hello)},
		{"a meta with an unknown member twice", "content", pad(256, meta(`{"type":"text","x":1,"x":2}`), hello)},
		{"a meta with two lone surrogates as members", "content", pad(256, meta(`{"type":"text","\ud800":1,"\udfff":2}`), hello)},
		{"a meta with NaN in an unknown member", "content", pad(256, meta(`{"type":"text","x":NaN}`), hello)},
		{"a meta with a comma too many", "content", pad(256, meta(`{"type":"text",}`), hello)},
		{"a meta with a line feed in a name", "content", pad(256, meta("{\"type\":\"file\",\"name\":\"a\nb\"}"), hello)},
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
	for i, c := range unusualMetas {
		b.sealPlain("content: "+c.name, "", &unusualMetas[i].meta, 5, pad(256, meta(c.text), hello))
	}
	b.sealPlain("content: a meta with values nested 1000 deep", "", &Meta{Type: Text}, 5, pad(2048, meta(`{"type":"text","x":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`}`), hello))
	b.sealPlain("content: a meta in another order, with spaces", "", &Meta{Type: File, Name: "é"}, 5, pad(256, meta(" { \"name\" : \"\\u00e9\" , \"type\" : \"file\" } \n"), hello))
}

// unusualMetas are JSON that a reader accepts and no writer writes.
var unusualMetas = []struct {
	name, text string
	meta       Meta
}{
	{"a meta with a number beyond all others", `{"type":"text","x":1e999}`, Meta{Type: Text}},
	{"a meta with a number that has 200 digits", `{"type":"text","x":-` + strings.Repeat("9", 200) + `}`, Meta{Type: Text}},
	{"a meta with unknown members of every kind", `{"x":null,"y":[1,{"type":2,"type":3}],"type":"text","":"","z":{"name":1},"w":true}`, Meta{Type: Text}},
	{"a meta with members named as those of JavaScript", `{"__proto__":{"type":"file"},"constructor":1,"type":"text","toString":2}`, Meta{Type: Text}},
	{"a meta with Name beside name", `{"type":"file","Name":"b","name":"a","NAME":1}`, Meta{Type: File, Name: "a"}},
	{"a meta whose type is escaped", `{"\u0074ype":"\u0066ile"}`, Meta{Type: File}},
	{"a meta of text with an empty name", `{"type":"text","name":"","media":""}`, Meta{Type: Text}},
	{"a name that begins with a byte order mark", "{\"type\":\"file\",\"name\":\"\ufeffx.txt\"}", Meta{Type: File, Name: "\ufeffx.txt"}},
	{"a name with lone surrogates", `{"type":"file","name":"a\ud800\udbffb\ud83d\ude00"}`, Meta{Type: File, Name: "a\ufffd\ufffdb\U0001f600"}},
	{"a name with a NUL and a line separator", "{\"type\":\"file\",\"name\":\"a\\u0000b\u2028c\"}", Meta{Type: File, Name: "a\x00b\u2028c"}},
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

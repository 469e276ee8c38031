package envelope

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

const (
	chunkLength = chunked.ChunkSize + chunked.TagSize
	firstChunk  = header.Size + header.SaltSize + header.CommitmentSize
)

func makeVectors(t *testing.T) vectorFile {
	t.Helper()
	v := vectorFile{Format: header.Version, Links: makeLinkVectors(), Names: makeNameVectors(), Keys: makeKeyVectors(t), Headers: makeHeaderVectors()}
	for _, n := range []int64{0, 1, 255, 256, 257, 264, 265, 1000, 1024, 1025, 16383, 16384, 16385, 65537, 917504, 917505, 1 << 20, 1<<20 + 1, 1<<32 + 1, 1<<40 + 1} {
		v.Padme = append(v.Padme, padmeVector{n, header.Padme(n)})
	}
	for _, n := range []int64{0, 92, 363, 364, 365, 372, 380, 92 + 16384 + 16, 92 + 16384 + 32, 918508, 918509, 92 + 16*16400, 1 << 20} {
		v.Sizes = append(v.Sizes, sizeVector{n, slug(header.CheckSize(n))})
	}
	b := &bench{t: t, keys: map[string]*Keys{}, made: map[string][]byte{}}
	b.good()
	b.flipped()
	b.cut()
	b.shuffled()
	b.keysAndContexts()
	b.contents()
	v.Envelopes = b.vectors
	return v
}

// bench makes the envelope vectors. Bad ones are edits of good ones.
type bench struct {
	t       *testing.T
	keys    map[string]*Keys
	made    map[string][]byte
	vectors []envelopeVector
}

// add adds a vector for sealed, which it contains if it is short.
func (b *bench) add(v envelopeVector, sealed []byte) {
	sum := sha256.Sum256(sealed)
	v.Size, v.SHA256 = int64(len(sealed)), sum[:]
	if len(sealed) <= 400 && v.Of == "" {
		v.Envelope = sealed
	}
	if b.made[v.Name] != nil {
		b.t.Fatalf("two vectors %q", v.Name)
	}
	b.made[v.Name] = append([]byte{}, sealed...)
	b.vectors = append(b.vectors, v)
}

func (b *bench) keysOf(v envelopeVector) *Keys {
	name := string(v.Key) + v.Passphrase
	if b.keys[name] == nil {
		k, err := Link{Key: [32]byte(v.Key), Slot: v.Slot}.Keys(v.Passphrase)
		if err != nil {
			b.t.Fatal(err)
		}
		b.keys[name] = k
	}
	return b.keys[name]
}

// seal adds a good vector.
func (b *bench) seal(v envelopeVector) {
	b.t.Helper()
	salt := seeded("salt " + v.Name)
	v.Salt = salt[:chunked.SaltSize]
	if v.Expires == 0 {
		v.Expires = vectorExpiry
	}
	var sealed bytes.Buffer
	p := Params{Views: v.Views, Expires: vectorTime}
	if err := Seal(&sealed, bytes.NewReader(v.Salt), b.keysOf(v), p, *v.Meta, bytes.NewReader(v.Data.bytes()), v.Data.Size); err != nil {
		b.t.Fatalf("%s: %v", v.Name, err)
	}
	b.add(v, sealed.Bytes())
}

func (b *bench) vector(name string, views int, m Meta, repeat string, size int64) envelopeVector {
	l := vectorLink("envelope " + name)
	return envelopeVector{Name: name, Key: l.Key[:], Slot: l.Slot, Views: views, Meta: &m, Data: &dataSpec{Repeat: []byte(repeat), Size: size}}
}

// The good vectors that the bad ones start from.
const (
	small  = "text, 11 bytes"
	large  = "file, 40000 bytes: 3 chunks, the last short"
	even   = "text, 16357 bytes: 2 chunks, the last empty"
	locked = "text with a passphrase"
	closed = "file with a passphrase, 100 views"
)

func (b *bench) good() {
	text := Meta{Type: Text}
	b.seal(b.vector(small, 1, text, "hello world", 11))
	for _, c := range []struct {
		name string
		size int64
	}{
		{"text, empty", 0}, {"text, 1 byte", 1}, {"text, 228 bytes: 1 byte of padding", 228},
		{"text, 229 bytes: no padding", 229}, {"text, 230 bytes: the first length above 256", 230},
		{"text, 255 bytes", 255}, {"text, 256 bytes", 256}, {"text, 16356 bytes", 16356}, {even, 16357},
		{"text, 16383 bytes", 16383}, {"text, 16384 bytes", 16384}, {"text, 16385 bytes", 16385},
		{"text, 917477 bytes: the largest in 921600", 917477},
	} {
		b.seal(b.vector(c.name, 1, text, "The quick brown fox\n", c.size))
	}
	b.seal(b.vector("text that is not UTF-8", 1, text, "\xff\xfe\x00", 3))
	b.seal(b.vector("text, 100 views", 100, text, "hello world", 11))
	b.seal(b.vector("file, empty, without a name", 1, Meta{Type: File}, "", 0))
	b.seal(b.vector("file with a name of characters that some writers escape", 1, Meta{Type: File, Name: "\\u2028 \u2028\u2029\u007f\u200b\ufeff/"}, "x", 1))
	b.seal(b.vector("file with a name that JSON escapes", 2, Meta{Type: File, Name: "a \"b\" <c> & \\ \t\x01é\U0001f511.pem", Media: "application/x-pem-file"}, "-----BEGIN", 1000))
	b.seal(b.vector(large, 1, Meta{Type: File, Name: "key.bin", Media: "application/octet-stream"}, "\x00\x01\x02\x03\x04\x05\x06", 40000))
	b.seal(b.vector("file, 40000 bytes of another secret", 1, Meta{Type: File, Name: "key.bin", Media: "application/octet-stream"}, "\x00\x01\x02\x03\x04\x05\x06", 40000))
	b.seal(b.vector("file, 70001 bytes", 100, Meta{Type: File, Name: "x", Media: "text/plain"}, "0123456789abcdef0", 70001))
	v := b.vector("the same key, another salt", 1, Meta{Type: File, Name: "key.bin", Media: "application/octet-stream"}, "\x00\x01\x02\x03\x04\x05\x06", 40000)
	v.Key = b.vectorNamed(large).Key
	b.seal(v)
	v.Name, v.Views = "the same key, other views", 2
	b.seal(v)
	v = b.vector(locked, 1, text, "hello world", 11)
	v.Passphrase = "Zo\u00eb"
	b.seal(v)
	v.Name, v.Passphrase = "text with the same passphrase, decomposed", "Zoe\u0308"
	b.seal(v)
	v = b.vector(closed, 100, Meta{Type: File, Name: "id_ed25519"}, "ssh", 500)
	v.Passphrase = "correct horse battery staple"
	b.seal(v)
}

func (b *bench) vectorNamed(name string) envelopeVector {
	for _, v := range b.vectors {
		if v.Name == name {
			return v
		}
	}
	b.t.Fatalf("no vector %q", name)
	return envelopeVector{}
}

// bad adds a vector that edits another one and is opened with its keys.
func (b *bench) bad(name, slug, of string, edits ...edit) {
	b.t.Helper()
	o := b.vectorNamed(of)
	b.badFor(o, name, slug, of, edits...)
}

// badFor is bad with the keys of reader.
func (b *bench) badFor(reader envelopeVector, name, slug, of string, edits ...edit) {
	b.t.Helper()
	v := envelopeVector{Name: name, Key: reader.Key, Slot: reader.Slot, Passphrase: reader.Passphrase, Of: of, Edits: edits, Error: slug}
	sealed := bytes.Clone(b.made[of])
	w := &workshop{built: b.made}
	for _, e := range edits {
		if e.From != nil {
			w.byName = map[string]envelopeVector{e.From.Of: b.vectorNamed(e.From.Of)}
		}
		sealed = w.apply(b.t, sealed, e)
	}
	b.add(v, sealed)
}

func (b *bench) flipped() {
	for _, c := range []struct {
		region, slug, of string
		at               int64
		bits             byte
	}{
		{"the magic", "header-magic", small, 0, 0x20},
		{"the version", "header-version", small, 3, 0x02},
		{"the flags", "header-profile", small, 4, 0x01},
		{"an unknown flag", "header-flags", small, 4, 0x40},
		{"the profile", "header-profile", small, 5, 0x01},
		{"the views: 3 for 1", "commitment", small, 6, 0x02},
		{"the views: 0 for 1", "header-views", small, 6, 0x01},
		{"the reserved byte", "header-reserved", small, 7, 0x80},
		{"the expiry, within its slot", "commitment", small, 15, 0x01},
		{"the expiry, out of its slot", "header-expiry", small, 13, 0x01},
		{"the id's slot", "header-expiry", small, 16, 0x01},
		{"the id, first byte after the slot", "header-id", small, 20, 0x01},
		{"the id, last byte", "header-id", small, 35, 0x80},
		{"the salt, first byte", "commitment", small, 36, 0x01},
		{"the salt, last byte", "commitment", small, 59, 0x80},
		{"the commitment, first byte", "commitment", small, 60, 0x01},
		{"the commitment, last byte", "commitment", small, 91, 0x80},
		{"the only chunk, first byte", "chunk", small, 92, 0x01},
		{"the only chunk's tag", "chunk", small, 363, 0x80},
		{"the first chunk, last byte", "chunk", large, firstChunk + chunked.ChunkSize - 1, 0x01},
		{"the first chunk's tag", "chunk", large, firstChunk + chunked.ChunkSize, 0x01},
		{"the second chunk", "chunk", large, firstChunk + chunkLength + 77, 0x10},
		{"the padding", "chunk", large, firstChunk + 2*chunkLength + 8000, 0x01},
		{"the last chunk's tag", "chunk", large, int64(len(b.made[large])) - 1, 0x01},
		{"an empty chunk's tag", "chunk", even, int64(len(b.made[even])) - 1, 0x01},
	} {
		b.bad("flipped: "+c.region, c.slug, c.of, edit{At: c.at, Xor: []byte{c.bits}})
	}
	b.bad("flipped: flags and profile together", "commitment", small, edit{At: 4, Xor: []byte{1, 1}})
	b.bad("flipped: flags and profile taken off", "commitment", locked, edit{At: 4, Xor: []byte{1, 1}})
}

func (b *bench) cut() {
	for _, c := range []struct {
		name, slug, of string
		to             int64
	}{
		{"to nothing", "truncated", small, 0},
		{"in the header", "truncated", small, 35},
		{"after the header", "truncated", small, 36},
		{"in the salt", "truncated", small, 59},
		{"after the salt", "truncated", small, 60},
		{"in the commitment", "truncated", small, 91},
		{"after the commitment", "truncated", small, 92},
		{"in the first tag's length", "truncated", small, 92 + 15},
		{"to an empty chunk's length", "chunk", small, 92 + 16},
		{"by a byte", "chunk", small, int64(len(b.made[small])) - 1},
		{"by a tag", "chunk", small, int64(len(b.made[small])) - 16},
		{"in the first chunk", "chunk", large, firstChunk + chunkLength - 1},
		{"after the first chunk", "truncated", large, firstChunk + chunkLength},
		{"a byte after the first chunk", "truncated", large, firstChunk + chunkLength + 1},
		{"a tag after the first chunk", "chunk", large, firstChunk + chunkLength + 16},
		{"after the second chunk", "truncated", large, firstChunk + 2*chunkLength},
		{"in the last chunk", "chunk", large, firstChunk + 2*chunkLength + 500},
		{"before the last, empty chunk", "truncated", even, firstChunk + chunkLength},
		{"in the last, empty chunk", "truncated", even, firstChunk + chunkLength + 15},
	} {
		b.bad("cut: "+c.name, c.slug, c.of, edit{At: c.to, Remove: int64(len(b.made[c.of])) - c.to})
	}
}

func (b *bench) shuffled() {
	size := int64(len(b.made[large]))
	last := size - firstChunk - 2*chunkLength
	other := "file, 40000 bytes of another secret"
	b.bad("longer: a byte", "chunk", small, edit{At: 364, Insert: []byte{0}})
	b.bad("longer: 16 bytes", "chunk", small, edit{At: 364, Insert: make([]byte, 16)})
	b.bad("longer: a second envelope", "chunk", small, edit{At: 364, From: &piece{small, 0, 364}})
	b.bad("longer: an empty chunk twice", "chunk", even, edit{At: firstChunk + chunkLength + 16, Insert: b.made[even][firstChunk+chunkLength:]})
	b.bad("longer: a full chunk after the last", "chunk", even, edit{At: firstChunk + chunkLength + 16, From: &piece{large, firstChunk, chunkLength}})
	b.bad("dropped: the first chunk", "chunk", large, edit{At: firstChunk, Remove: chunkLength})
	b.bad("dropped: the second chunk", "chunk", large, edit{At: firstChunk + chunkLength, Remove: chunkLength})
	b.bad("dropped: the last chunk", "truncated", large, edit{At: firstChunk + 2*chunkLength, Remove: last})
	b.bad("doubled: the first chunk", "chunk", large, edit{At: firstChunk, From: &piece{large, firstChunk, chunkLength}})
	b.bad("doubled: the last chunk", "chunk", large, edit{At: size, From: &piece{large, firstChunk + 2*chunkLength, last}})
	b.bad("swapped: the first two chunks", "chunk", large,
		edit{At: firstChunk, Remove: 2 * chunkLength, From: &piece{large, firstChunk + chunkLength, chunkLength}},
		edit{At: firstChunk + chunkLength, From: &piece{large, firstChunk, chunkLength}})
	b.bad("foreign: another secret's second chunk", "chunk", large, edit{At: firstChunk + chunkLength, Remove: chunkLength, From: &piece{other, firstChunk + chunkLength, chunkLength}})
	b.bad("foreign: another secret's salt, commitment and chunks", "commitment", large, edit{At: 36, Remove: size - 36, From: &piece{other, 36, size - 36}})
	b.bad("foreign: the same key's second chunk under another salt", "chunk", large, edit{At: firstChunk + chunkLength, Remove: chunkLength, From: &piece{"the same key, another salt", firstChunk + chunkLength, chunkLength}})
	b.bad("foreign: the salt of the same key", "commitment", large, edit{At: 36, Remove: 24, From: &piece{"the same key, another salt", 36, 24}})
}

func (b *bench) keysAndContexts() {
	reader := func(of, key, passphrase string) envelopeVector {
		v := b.vectorNamed(of)
		if key != "" {
			k := seeded(key)
			v.Key = k[:]
		}
		v.Passphrase = passphrase
		return v
	}
	b.badFor(reader(small, "a stranger", ""), "key: another link's", "header-id", small)
	stranger := Link{Key: seeded("a stranger"), Slot: vectorExpiry / 600}.ID()
	b.badFor(reader(small, "a stranger", ""), "key: another link's, and its id", "commitment", small, edit{At: 16, Remove: 20, Insert: stranger[:]})
	b.badFor(reader(locked, "", "zo\u00eb"), "passphrase: wrong", "commitment", locked)
	b.badFor(reader(locked, "", ""), "passphrase: none where there is one", "commitment", locked)
	b.badFor(reader(small, "", "Zo\u00eb"), "passphrase: one where there is none", "commitment", small)
	b.bad("context: the header of the same key's other views", "commitment", large, edit{At: 0, Remove: 36, From: &piece{"the same key, other views", 0, 36}})
}

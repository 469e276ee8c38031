package envelope

import "encoding/hex"

// vectorFile is testdata/vectors.json, described in docs/envelope.md.
type vectorFile struct {
	Format    int              `json:"format"`
	Links     []linkVector     `json:"links"`
	Names     []nameVector     `json:"names"`
	Keys      []keyVector      `json:"keys"`
	Padme     []padmeVector    `json:"padme"`
	Sizes     []sizeVector     `json:"sizes"`
	Headers   []headerVector   `json:"headers"`
	Envelopes []envelopeVector `json:"envelopes"`
}

type linkVector struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"` // "read" or "manage"
	Input  string   `json:"input"`
	Link   string   `json:"link,omitempty"` // as it is written
	Origin string   `json:"origin,omitempty"`
	Key    hexBytes `json:"key,omitempty"`
	Slot   *uint32  `json:"slot,omitempty"`
	ID     hexBytes `json:"id,omitempty"`
	Manage hexBytes `json:"manage,omitempty"`
	Error  string   `json:"error,omitempty"`
}

type nameVector struct {
	Name string `json:"name"`
	Safe string `json:"safe"`
}

type keyVector struct {
	Name       string   `json:"name"`
	Key        hexBytes `json:"key"`
	Slot       uint32   `json:"slot"`
	Passphrase string   `json:"passphrase"`
	ID         hexBytes `json:"id,omitempty"`
	IDText     string   `json:"id_text,omitempty"`
	Access     hexBytes `json:"access,omitempty"`
	Claim      hexBytes `json:"claim,omitempty"`
	Enc        hexBytes `json:"enc,omitempty"`
	Error      string   `json:"error,omitempty"`
}

type padmeVector struct {
	Size   int64 `json:"size"`
	Padded int64 `json:"padded"`
}

type sizeVector struct {
	Size  int64  `json:"size"`
	Error string `json:"error,omitempty"`
}

type headerVector struct {
	Name       string   `json:"name"`
	Header     hexBytes `json:"header"`
	Passphrase bool     `json:"passphrase"`
	Views      int      `json:"views,omitempty"`
	Expires    int64    `json:"expires,omitempty"`
	ID         hexBytes `json:"id,omitempty"`
	Error      string   `json:"error,omitempty"`
}

type envelopeVector struct {
	Name       string    `json:"name"`
	Key        hexBytes  `json:"key"`
	Slot       uint32    `json:"slot"`
	Passphrase string    `json:"passphrase"`
	Views      int       `json:"views,omitempty"`
	Expires    int64     `json:"expires,omitempty"`
	Meta       *Meta     `json:"meta,omitempty"`
	Data       *dataSpec `json:"data,omitempty"`
	Salt       hexBytes  `json:"salt,omitempty"` // when sealing must give the envelope
	Size       int64     `json:"size"`
	SHA256     hexBytes  `json:"sha256"`
	Envelope   hexBytes  `json:"envelope,omitempty"`
	Of         string    `json:"of,omitempty"`
	Edits      []edit    `json:"edits,omitempty"`
	Error      string    `json:"error,omitempty"`
}

// dataSpec is data of Size bytes: Repeat over and over.
type dataSpec struct {
	Repeat hexBytes `json:"repeat"`
	Size   int64    `json:"size"`
}

// edit replaces Remove bytes at At by Insert, or by a piece of another envelope, or
// XORs Xor onto the bytes there.
type edit struct {
	At     int64    `json:"at"`
	Remove int64    `json:"remove,omitempty"`
	Xor    hexBytes `json:"xor,omitempty"`
	Insert hexBytes `json:"insert,omitempty"`
	From   *piece   `json:"from,omitempty"`
}

type piece struct {
	Of   string `json:"of"`
	At   int64  `json:"at"`
	Size int64  `json:"size"`
}

type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

func (d dataSpec) bytes() []byte {
	b := make([]byte, d.Size)
	for i := range b {
		b[i] = d.Repeat[i%len(d.Repeat)]
	}
	return b
}

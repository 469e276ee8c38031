package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/secretsharer/secretsharer/envelope/header"
)

var update = flag.Bool("update", false, "write testdata/vectors.json")

const vectorsPath = "testdata/vectors.json"

func loadVectors(t testing.TB) vectorFile {
	t.Helper()
	b, err := os.ReadFile(vectorsPath)
	if err != nil {
		t.Fatal(err)
	}
	var v vectorFile
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVectorsAreWhatTheGeneratorMakes(t *testing.T) {
	var made bytes.Buffer
	e := json.NewEncoder(&made)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(makeVectors(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(vectorsPath, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(vectorsPath); err != nil || !bytes.Equal(b, made.Bytes()) {
		t.Errorf("%s differs from the generator's output (%v): run go test ./envelope -run TestVectors -update", vectorsPath, err)
	}
}

func TestLinkVectors(t *testing.T) {
	for _, v := range loadVectors(t).Links {
		var got linkVector
		var err error
		if v.Kind == "manage" {
			var m ManageLink
			m, err = ParseManageLink(v.Input)
			got = linkVector{Link: m.String(), Origin: m.Origin, ID: m.ID[:], Manage: m.Manage[:]}
		} else {
			var l Link
			l, err = ParseLink(v.Input)
			got = linkVector{Link: l.String(), Origin: l.Origin, Key: l.Key[:], Slot: &l.Slot}
		}
		got.Name, got.Kind, got.Input = v.Name, v.Kind, v.Input
		if err != nil {
			got = linkVector{Name: v.Name, Kind: v.Kind, Input: v.Input, Error: slug(err)}
			if !errors.Is(err, ErrLink) {
				t.Errorf("%s: %v does not wrap ErrLink", v.Name, err)
			}
		}
		same(t, v.Name, got, v)
	}
}

func TestKeyVectors(t *testing.T) {
	for _, v := range loadVectors(t).Keys {
		l := Link{Key: [32]byte(v.Key), Slot: v.Slot}
		k, err := l.Keys(v.Passphrase)
		if err != nil {
			same(t, v.Name, keyVector{Name: v.Name, Key: v.Key, Slot: v.Slot, Passphrase: v.Passphrase, Error: slug(err)}, v)
			continue
		}
		if l.ID() != k.ID || l.Access() != k.Access {
			t.Errorf("%s: the link alone gives another id or access", v.Name)
		}
		got := v
		got.ID, got.IDText, got.Access, got.Claim, got.Enc = k.ID[:], k.ID.String(), k.Access[:], k.Claim[:], k.enc[:]
		same(t, v.Name, got, v)
	}
}

func TestNameVectors(t *testing.T) {
	for _, v := range loadVectors(t).Names {
		if got := SafeName(v.Name); got != v.Safe || len(got) > maxName || SafeName(got) != got {
			t.Errorf("%q is saved as %q, want %q", v.Name, got, v.Safe)
		}
	}
}

func TestSizeVectors(t *testing.T) {
	v := loadVectors(t)
	for _, p := range v.Padme {
		if got := header.Padme(p.Size); got != p.Padded {
			t.Errorf("Padme(%d) = %d, want %d", p.Size, got, p.Padded)
		}
	}
	for _, s := range v.Sizes {
		if got := slug(header.CheckSize(s.Size)); got != s.Error {
			t.Errorf("CheckSize(%d): %q, want %q", s.Size, got, s.Error)
		}
	}
}

func TestHeaderVectors(t *testing.T) {
	for _, v := range loadVectors(t).Headers {
		h, err := header.Parse(v.Header)
		if err != nil {
			same(t, v.Name, headerVector{Name: v.Name, Header: v.Header, Error: slug(err)}, v)
			continue
		}
		b := h.Bytes()
		same(t, v.Name, headerVector{Name: v.Name, Header: b[:], Passphrase: h.Passphrase, Views: h.Views,
			Expires: h.Expires.Unix(), ID: h.ID[:]}, v)
	}
}

func TestEnvelopeVectors(t *testing.T) {
	w := newWorkshop(t)
	for _, v := range loadVectors(t).Envelopes {
		t.Run(v.Name, func(t *testing.T) {
			sealed := w.build(t, v)
			if sum := sha256.Sum256(sealed); int64(len(sealed)) != v.Size || !bytes.Equal(sum[:], v.SHA256) {
				t.Fatalf("the envelope is not the one described: %d bytes, SHA-256 %x", len(sealed), sum)
			}
			r, err := Open(bytes.NewReader(sealed), w.keys(t, v))
			var data []byte
			if err == nil {
				data, err = io.ReadAll(r)
			}
			if slug(err) != v.Error {
				t.Fatalf("got %v, want %q", err, v.Error)
			}
			if err != nil {
				return
			}
			if h := r.Header(); h.Views != v.Views || h.Expires.Unix() != v.Expires || h.Passphrase != (v.Passphrase != "") {
				t.Errorf("header %+v", h)
			}
			if !bytes.Equal(data, v.Data.bytes()) || r.Meta() != *v.Meta || r.Size() != v.Data.Size {
				t.Errorf("%d bytes, %+v", len(data), r.Meta())
			}
		})
	}
}

func same(t *testing.T, name string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", name, g, w)
	}
}

// slug returns the name that the vectors give to an error, "" for nil.
func slug(err error) string {
	if err == nil {
		return ""
	}
	if field := (*header.FieldError)(nil); errors.As(err, &field) {
		if field.Field == "envelope" {
			return "envelope-size"
		}
		return "header-" + field.Field
	}
	for name, sentinel := range map[string]error{
		"link-form": errLinkForm, "link-version": errLinkVersion, "link-alphabet": errLinkAlphabet,
		"link-length": errLinkLength, "link-checksum": errLinkChecksum, "link-spare": errLinkSpare,
		"commitment": ErrCommitment, "chunk": ErrChunk, "truncated": ErrTruncated,
		"content": ErrContent, "padding": ErrPadding, "passphrase": ErrPassphrase, "meta": ErrMeta,
	} {
		if errors.Is(err, sentinel) {
			return name
		}
	}
	return "unknown"
}

package envelope

import (
	"fmt"
	"io"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

// Params are the terms of reading. They are in the clear header, which the server sees.
type Params struct {
	Views   int       // 1 to 100
	Expires time.Time // cut to the second; in the slot of the link
}

// Seal writes the envelope of size bytes of data to dst, with a salt of 24 bytes from
// random. It holds one chunk in memory. Errors are [ErrDataSize] if data is shorter or
// longer, a *header.FieldError if p is not valid or does not fit k, [ErrMeta], and those
// of the streams. After an error discard what was written.
func Seal(dst io.Writer, random io.Reader, k *Keys, p Params, m Meta, data io.Reader, size int64) error {
	clear36 := header.Header{Passphrase: k.passphrase, Views: p.Views, Expires: p.Expires, ID: k.ID}.Bytes()
	if _, err := header.Parse(clear36[:]); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	start, err := frame(m, size)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	var salt [chunked.SaltSize]byte
	if _, err := io.ReadFull(random, salt[:]); err != nil {
		return fmt.Errorf("seal: make salt: %w", err)
	}
	if _, err := dst.Write(clear36[:]); err != nil {
		return fmt.Errorf("seal: write header: %w", err)
	}
	w, err := chunked.NewWriter(dst, k.enc[:], clear36[:], salt)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	if err := sealContent(w, start, data, size); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

func sealContent(w *chunked.Writer, start []byte, data io.Reader, size int64) error {
	if _, err := w.Write(start); err != nil {
		return err
	}
	switch n, err := w.ReadFrom(io.LimitReader(data, size+1)); { // one more to find longer data
	case err != nil:
		return fmt.Errorf("data: %w", err)
	case n < size:
		return fmt.Errorf("%w: it is shorter", ErrDataSize)
	case n > size:
		return fmt.Errorf("%w: it is longer", ErrDataSize)
	}
	total := int64(len(start)) + size
	if _, err := w.ReadFrom(io.LimitReader(zeros{}, header.Padme(total)-total)); err != nil {
		return err
	}
	return w.Close()
}

// zeros is an endless source of padding.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

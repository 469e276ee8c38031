package envelope

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/envelope/internal/chunked"
)

// Reader reads the data of an envelope. It holds one chunk in memory.
type Reader struct {
	header header.Header
	meta   Meta
	fault  error // of the meta
	size   int64
	plain  *chunked.Reader
	left   int64 // data not yet read
	pad    int64 // padding that must follow
	err    error
}

// Open reads an envelope up to its data. Errors are a *header.FieldError (of "id" for
// the envelope of another link), [ErrCommitment] for a wrong passphrase or a changed
// header, [ErrChunk], [ErrTruncated], [ErrContent], and those of src.
func Open(src io.Reader, k *Keys) (*Reader, error) {
	r, err := OpenData(src, k)
	if err == nil && r.fault != nil {
		return nil, fmt.Errorf("open: %w", r.fault)
	}
	return r, err
}

// OpenData is [Open] for readers who want the data even if nobody can say what it is: if its
// description is malformed, Meta returns the zero Meta, which has no type.
func OpenData(src io.Reader, k *Keys) (*Reader, error) {
	r, err := open(src, k)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return r, nil
}

func open(src io.Reader, k *Keys) (*Reader, error) {
	var clear36 [header.Size]byte
	if _, err := io.ReadFull(src, clear36[:]); err != nil {
		return nil, endAs(err, ErrTruncated)
	}
	h, err := header.Parse(clear36[:])
	if err != nil {
		return nil, err
	}
	if h.ID != k.ID {
		return nil, &header.FieldError{Field: "id", Reason: "is that of another link"}
	}
	plain, err := chunked.NewReader(src, k.enc[:], clear36[:])
	if err != nil {
		return nil, err
	}
	r := &Reader{header: h, plain: plain}
	return r, r.readFrame()
}

// readFrame reads u32 length, meta, u64 length.
func (r *Reader) readFrame() error {
	var number [8]byte
	if _, err := io.ReadFull(r.plain, number[:4]); err != nil {
		return endAs(err, ErrContent)
	}
	length := int64(binary.BigEndian.Uint32(number[:4]))
	text := make([]byte, min(length, maxMeta))
	if _, err := io.ReadFull(r.plain, text); err != nil {
		return endAs(err, ErrContent)
	}
	if r.meta, r.fault = unmarshalMeta(text); length > maxMeta {
		r.meta, r.fault = Meta{}, ErrContent
	}
	if _, err := io.CopyN(io.Discard, r.plain, length-int64(len(text))); err != nil {
		return endAs(err, ErrContent)
	}
	if _, err := io.ReadFull(r.plain, number[:]); err != nil {
		return endAs(err, ErrContent)
	}
	size := binary.BigEndian.Uint64(number[:])
	if size > maxSize {
		return ErrContent
	}
	r.size = int64(size)
	r.left = r.size
	total := 4 + length + 8 + r.size
	r.pad = header.Padme(total) - total
	return nil
}

// Header returns the clear header. It is authenticated.
func (r *Reader) Header() header.Header { return r.header }

// Meta returns the description of the content. It is authenticated. After [OpenData] it may be zero.
func (r *Reader) Meta() Meta { return r.meta }

// Size returns the length of the data in bytes, as the sender announced it. It is verified
// only when Read has returned [io.EOF].
func (r *Reader) Size() int64 { return r.size }

// Read returns authenticated data. It returns [io.EOF] only after the whole envelope
// was found intact; until then the data may be truncated, so do not use it. Errors are
// [ErrChunk], [ErrTruncated], [ErrContent] for less data than announced, [ErrPadding],
// and those of the source. Every later call returns the same error.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 || r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		r.err = r.finish()
		return 0, r.err
	}
	n, err := r.plain.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err != nil {
		r.err = endAs(err, ErrContent)
	}
	return n, r.err
}

// finish returns [io.EOF] if exactly the right padding follows.
func (r *Reader) finish() error {
	var block [512]byte
	for {
		n, err := r.plain.Read(block[:])
		r.pad -= int64(n)
		if r.pad < 0 || block != [len(block)]byte{} {
			return ErrPadding
		}
		if errors.Is(err, io.EOF) && r.pad > 0 {
			return ErrPadding
		}
		if err != nil {
			return err
		}
	}
}

// endAs replaces an end of file by end.
func endAs(err, end error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return end
	}
	return err
}

package backup

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/seal/keyring"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
)

// Report is what a backup contains.
type Report struct {
	StoreSize      int64 // bytes
	Rows, Readable int   // rows, and those among them that may still be read
	Oldest, Newest time.Time
	LastExpiry     time.Time
	Keys           int // that are whole, enabled or disabled
	VaultKeys      int // that readable rows need from a vault, which a backup does not have
}

// Verify checks a file that [Write] wrote, without trusting it: its entries, every page
// and row of the store, and that the key of every secret that can still be read at now
// is there. Its error names everything that is wrong with the keys. Errors of the store: bolt.ErrDamaged,
// store.ErrNewer.
func Verify(file *os.File, now time.Time) (*Report, error) {
	b := &contents{keys: map[secret.KeyRef]bool{}, needed: map[secret.KeyRef]int{}, names: map[string]bool{}, now: now}
	for r := tar.NewReader(file); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return &b.report, b.check()
		}
		if err != nil {
			return nil, fmt.Errorf("read backup: %w", err)
		}
		if err := b.add(file, r, h); err != nil {
			return nil, fmt.Errorf("read backup: %q: %w", h.Name, err)
		}
	}
}

// contents is what Verify has met.
type contents struct {
	report  Report
	names   map[string]bool
	keys    map[secret.KeyRef]bool
	needed  map[secret.KeyRef]int // by how many readable rows
	keyring string                // the id of the keyring in the file
	want    string                // the id of the store's keyring
	faults  []error
	now     time.Time
}

func (b *contents) add(file *os.File, r io.Reader, h *tar.Header) error {
	name, inKeyring := strings.CutPrefix(h.Name, keyringName)
	regular := h.Typeflag == tar.TypeReg && !sparse(h)
	switch {
	case b.names[h.Name]:
		return errors.New("it is there twice")
	case h.Name == storeName && regular:
		b.names[h.Name] = true
		return b.addStore(file, h.Size)
	case h.Name == keyringName && h.Typeflag == tar.TypeDir:
		b.names[h.Name] = true
		return nil
	case inKeyring && regular && name != "" && name[0] != '.' && !strings.ContainsAny(name, `/\`):
		b.names[h.Name] = true
		return b.addKey(name, r, h.Size)
	}
	return errors.New("it does not belong into a backup")
}

// sparse reports whether the content of an entry lies in the file with gaps.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// addStore reads the store where it lies in the file: the tar reader has read its header
// and nothing more.
func (b *contents) addStore(file *os.File, size int64) error {
	offset, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	b.report.StoreSize = size
	b.want, err = bolt.Rows(io.NewSectionReader(file, offset, size), size, func(r *secret.Record) error {
		b.addRow(r)
		return nil
	})
	return err
}

func (b *contents) addRow(r *secret.Record) {
	b.report.Rows++
	if b.report.Oldest.IsZero() || r.Created.Before(b.report.Oldest) {
		b.report.Oldest = r.Created
	}
	if r.Created.After(b.report.Newest) {
		b.report.Newest = r.Created
	}
	if r.Cleared || !b.now.Before(r.Expires) {
		return
	}
	b.report.Readable++
	b.needed[r.Sealed.Key]++
	if r.Expires.After(b.report.LastExpiry) {
		b.report.LastExpiry = r.Expires
	}
}

func (b *contents) addKey(name string, r io.Reader, size int64) error {
	if size > maxKeyFile {
		return errors.New("it is larger than a key")
	}
	data, err := io.ReadAll(r)
	defer clear(data)
	if err != nil {
		return err
	}
	ref, id, err := keyring.Parse(name, data)
	switch {
	case err != nil:
		b.faults = append(b.faults, err)
	case id != "":
		b.keyring = id
	case ref.Name != "":
		b.keys[ref] = true
		b.report.Keys++
	}
	return nil
}

// check compares what was met.
func (b *contents) check() error {
	if !b.names[storeName] {
		return errors.New("read backup: it has no store.db")
	}
	errs := b.faults
	for ref, n := range b.needed {
		switch {
		case b.keys[ref]:
		case ref.Algorithm != keyring.Algorithm:
			b.report.VaultKeys++
		default:
			errs = append(errs, fmt.Errorf("key %s, version %s, is missing, and %d secrets need it", ref.Name, ref.Version, n))
		}
	}
	if b.want != "" && b.keyring != "" && b.keyring != b.want {
		errs = append(errs, fmt.Errorf("the keyring is not the one that the store was used with: its id is %q, want %q", b.keyring, b.want))
	}
	return errors.Join(errs...)
}

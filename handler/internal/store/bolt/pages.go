package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// bbolt maps its file into memory and follows what it reads there: on a damaged file
// it panics, or ends the process with a fault in a goroutine of its own. This file
// reads the same format without trusting it.

// The format of a bbolt file, in bytes. Numbers are in the byte order of the machine.
const (
	pageHeader    = 16 // u64 number, u16 type, u16 count of elements, u32 further pages
	metaSize      = 64
	branchElement = 16 // u32 distance to the key, u32 its length, u64 page
	leafElement   = 16 // u32 type, u32 distance to the key, u32 its length, u32 that of the value
	bucketHeader  = 16 // u64 page of its root, 0 for a page that follows the header; u64 sequence

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	metaMagic   = 0xED0CDAED
	metaVersion = 2

	minPageSize = 1 << 10
	maxPageSize = 1 << 16
	maxNode     = 64 << 20 // of a node or of the list of free pages, which are read as a whole
	maxDepth    = 32       // nodes between a root and a leaf
)

var native = binary.NativeEndian

// meta is a meta page: the root of everything that a transaction left.
type meta struct {
	pageSize       int64
	root, freelist uint64 // pages
	pages          uint64 // in use or free
	txid           uint64
}

// parseMeta parses the content of a meta page after its header.
func parseMeta(b []byte) (m meta, ok bool) {
	sum := fnv.New64a()
	_, _ = sum.Write(b[:metaSize-8])
	if native.Uint32(b) != metaMagic || native.Uint32(b[4:]) != metaVersion || native.Uint64(b[metaSize-8:]) != sum.Sum64() {
		return m, false
	}
	m = meta{int64(native.Uint32(b[8:])), native.Uint64(b[16:]), native.Uint64(b[32:]), native.Uint64(b[40:]), native.Uint64(b[48:])}
	return m, m.pageSize >= minPageSize && m.pageSize <= maxPageSize && m.pageSize&(m.pageSize-1) == 0
}

// readMeta returns the newer of the two meta pages. It refuses a file with a damaged
// one: the other may lack the last transaction, and so bring back a view.
func readMeta(file io.ReaderAt) (newest meta, err error) {
	for n := range int64(2) {
		b := make([]byte, metaSize)
		if _, err := file.ReadAt(b, n*newest.pageSize+pageHeader); err != nil {
			return newest, damaged(uint64(n), "cannot be read: %v", err)
		}
		m, ok := parseMeta(b)
		if !ok || n == 1 && m.pageSize != newest.pageSize {
			return newest, damaged(uint64(n), "is not a meta page")
		}
		if n == 0 || m.txid > newest.txid {
			newest = m
		}
	}
	return newest, nil
}

// damaged returns an error that says what is wrong with a page.
func damaged(page uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d %s", ErrDamaged, page, fmt.Sprintf(format, args...))
}

// pageSet is a set of page numbers.
type pageSet []uint64

func (s pageSet) has(n uint64) bool { return s[n/64]&(1<<(n%64)) != 0 }
func (s pageSet) add(n uint64)      { s[n/64] |= 1 << (n % 64) }

// check is a walk through the tree of a file.
type check struct {
	file io.ReaderAt
	meta
	leaves bool // visit all of them, or only the first of its parent
	visit  func(bucket string, key, value []byte) error

	used    pageSet // pages that were visited
	count   uint64
	buffers [2 * maxDepth][]byte // by depth: a page is in use while its children are visited
}

// checkPages walks through a file of that size as the transaction of m left it, and
// returns the pages in use. visit is called with every key and value, which it must
// not keep. Without leaves, most leaves are skipped: then the walk reads about one
// page in a hundred, and the pages in use are incomplete. Errors: ErrDamaged, and those of visit.
func checkPages(file io.ReaderAt, size int64, m meta, leaves bool, visit func(bucket string, key, value []byte) error) (pageSet, error) {
	if m.pages < 4 || m.pages > uint64(size/m.pageSize) { // #nosec G115 -- a size is not negative
		return nil, fmt.Errorf("%w: it ends after %d bytes and should have %d pages of %d", ErrDamaged, size, m.pages, m.pageSize)
	}
	c := &check{file: file, meta: m, leaves: leaves, visit: visit, used: make(pageSet, m.pages/64+1)}
	c.used.add(0)
	c.used.add(1)
	c.count = 2
	if err := c.node(m.root, 0, bounds{}, ""); err != nil {
		return nil, err
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	return c.used, nil
}

// read returns a page with those that continue it, and marks them as used.
func (c *check) read(n uint64, buffer *[]byte) ([]byte, error) {
	var head [pageHeader]byte
	if n < 2 || n >= c.pages {
		return nil, damaged(n, "does not exist")
	}
	offset := int64(n) * c.pageSize // #nosec G115 -- within the file
	if _, err := c.file.ReadAt(head[:], offset); err != nil {
		return nil, damaged(n, "cannot be read: %v", err)
	}
	further := uint64(native.Uint32(head[12:]))
	length := (1 + int64(further)) * c.pageSize // #nosec G115 -- 32 bits
	switch {
	case native.Uint64(head[:]) != n:
		return nil, damaged(n, "has the number of another")
	case further >= c.pages-n || length > maxNode:
		return nil, damaged(n, "is too long")
	}
	for i := n; i <= n+further; i++ {
		if c.used.has(i) {
			return nil, damaged(i, "is used twice")
		}
		c.used.add(i)
	}
	c.count += 1 + further
	if int64(cap(*buffer)) < length {
		*buffer = make([]byte, length)
	}
	page := (*buffer)[:length]
	if _, err := c.file.ReadAt(page, offset); err != nil {
		return nil, damaged(n, "cannot be read: %v", err)
	}
	return page, nil
}

// bounds are the keys between which those of a node lie: low <= key < high.
type bounds struct{ low, high []byte }

// node walks through the tree below a page. The name of the bucket is empty for the
// tree of the buckets.
func (c *check) node(n uint64, depth int, within bounds, bucket string) error {
	if depth == len(c.buffers) {
		return damaged(n, "is too deep")
	}
	page, err := c.read(n, &c.buffers[depth])
	if err != nil {
		return err
	}
	if native.Uint16(page[8:]) == branchPage {
		return c.branch(n, page, depth, within, bucket)
	}
	return c.leaf(n, page, depth, within, bucket)
}

func (c *check) branch(n uint64, page []byte, depth int, within bounds, bucket string) error {
	keys, count := within, int(native.Uint16(page[10:]))
	if count == 0 || pageHeader+count*branchElement > len(page) {
		return damaged(n, "has a wrong number of elements")
	}
	keyOf := func(i int) ([]byte, bool) {
		at := pageHeader + i*branchElement
		return part(page, at, native.Uint32(page[at:]), native.Uint32(page[at+4:]))
	}
	firstIsLeaf := false
	for i := range count {
		key, ok := keyOf(i)
		next, nextOK := within.high, true
		if i+1 < count {
			next, nextOK = keyOf(i + 1)
		}
		if !ok || !nextOK || !keys.contains(key, i == 0) || next != nil && bytes.Compare(key, next) >= 0 {
			return damaged(n, "has keys out of order")
		}
		keys.low = key
		if firstIsLeaf && !c.leaves {
			continue
		}
		child := native.Uint64(page[pageHeader+i*branchElement+8:])
		if err := c.node(child, depth+1, bounds{key, next}, bucket); err != nil {
			return err
		}
		firstIsLeaf = native.Uint16(c.buffers[depth+1][8:]) == leafPage
	}
	return nil
}

// contains reports whether a key lies within the bounds. Only the first key of a node may
// be equal to the lower one.
func (b bounds) contains(key []byte, first bool) bool {
	order := bytes.Compare(key, b.low)
	return (order > 0 || order == 0 && first) && (b.high == nil || bytes.Compare(key, b.high) < 0)
}

// leaf visits the elements of a page, or of the page in the value of a small bucket.
func (c *check) leaf(n uint64, page []byte, depth int, within bounds, bucket string) error {
	count := int(native.Uint16(page[10:]))
	switch {
	case native.Uint16(page[8:]) != leafPage:
		return damaged(n, "is not a node")
	case pageHeader+count*leafElement > len(page):
		return damaged(n, "has a wrong number of elements")
	}
	for i := range count {
		at := pageHeader + i*leafElement
		kind, position, keySize, size := native.Uint32(page[at:]), native.Uint32(page[at+4:]), native.Uint32(page[at+8:]), native.Uint32(page[at+12:])
		key, ok := part(page, at, position, keySize)
		value, valueOK := part(page, at+int(keySize), position, size)
		if !ok || !valueOK || !within.contains(key, i == 0) {
			return damaged(n, "has keys out of order")
		}
		within.low = key
		// The tree of the buckets has buckets only, and buckets have no buckets.
		isBucket := kind == 1
		if kind > 1 || isBucket != (bucket == "") || isBucket && len(key) == 0 {
			return damaged(n, "has an element of a wrong type")
		}
		var err error
		if isBucket {
			err = c.bucket(n, string(key), value, depth)
		} else {
			err = c.visit(bucket, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket walks through a bucket, whose header is in the value.
func (c *check) bucket(n uint64, name string, value []byte, depth int) error {
	if len(value) < bucketHeader {
		return damaged(n, "has a bucket without a header")
	}
	if root := native.Uint64(value); root != 0 {
		return c.node(root, depth+1, bounds{}, name)
	}
	if len(value) < bucketHeader+pageHeader {
		return damaged(n, "has a bucket without a page")
	}
	return c.leaf(n, value[bucketHeader:], depth, bounds{}, name)
}

// part returns the bytes of a page at a distance from an element, and false when they do not lie in it.
func part(page []byte, element int, distance, length uint32) ([]byte, bool) {
	from := int64(element) + int64(distance)
	if to := from + int64(length); to <= int64(len(page)) {
		return page[from:to:to], true
	}
	return nil, false
}

// free checks the list of free pages. Every page that is not in use must be in it.
func (c *check) free() error {
	page, err := c.read(c.freelist, &c.buffers[0])
	if err != nil {
		return err
	}
	if native.Uint16(page[8:]) != freelistPage {
		return damaged(c.freelist, "is not the list of free pages")
	}
	count, list := uint64(native.Uint16(page[10:])), page[pageHeader:]
	if count == 0xFFFF {
		count, list = native.Uint64(list), list[8:]
	}
	if count > uint64(len(list)/8) {
		return damaged(c.freelist, "has a wrong number of elements")
	}
	freed := make(pageSet, len(c.used))
	for i := range count {
		n := native.Uint64(list[8*i:])
		if n >= c.pages || c.used.has(n) || freed.has(n) {
			return damaged(n, "is in the list of free pages")
		}
		freed.add(n)
	}
	if c.leaves && c.count+count != c.pages {
		return damaged(c.freelist, "lacks free pages")
	}
	return nil
}

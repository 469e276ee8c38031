package envelope

import (
	"encoding/binary"

	"github.com/secretsharer/secretsharer/envelope/header"
)

func makeHeaderVectors() []headerVector {
	id := vectorLink("header").ID()
	good := func(name string, h header.Header) headerVector {
		b := h.Bytes()
		return headerVector{Name: name, Header: b[:], Passphrase: h.Passphrase, Views: h.Views, Expires: h.Expires.Unix(), ID: h.ID[:]}
	}
	base := header.Header{Views: 1, Expires: vectorTime, ID: id}
	made := []headerVector{good("1 view", base)}
	for _, c := range []struct {
		name string
		edit func(*header.Header)
	}{
		{"100 views", func(h *header.Header) { h.Views = 100 }},
		{"passphrase", func(h *header.Header) { h.Passphrase = true }},
		{"the slot's first second", func(h *header.Header) { h.Expires = vectorTime.Truncate(600e9) }},
		{"the slot's last second", func(h *header.Header) { h.Expires = vectorTime.Truncate(600e9).Add(599e9) }},
	} {
		h := base
		c.edit(&h)
		made = append(made, good(c.name, h))
	}
	for _, c := range []struct {
		name, slug string
		at         int
		value      []byte
	}{
		{"no S", "header-magic", 0, []byte("s")},
		{"no E", "header-magic", 1, []byte{0}},
		{"no C", "header-magic", 2, []byte("K")},
		{"version 0", "header-version", 3, []byte{0}},
		{"version 2", "header-version", 3, []byte{2}},
		{"an unknown flag", "header-flags", 4, []byte{2}},
		{"an unknown flag beside the passphrase", "header-flags", 4, []byte{0x81, 1}},
		{"passphrase without a profile", "header-profile", 4, []byte{1, 0}},
		{"a profile without passphrase", "header-profile", 4, []byte{0, 1}},
		{"profile 2", "header-profile", 4, []byte{1, 2}},
		{"0 views", "header-views", 6, []byte{0}},
		{"101 views", "header-views", 6, []byte{101}},
		{"255 views", "header-views", 6, []byte{255}},
		{"the reserved byte set", "header-reserved", 7, []byte{1}},
		{"the slot before", "header-expiry", 8, expiry(vectorExpiry - 600)},
		{"the slot after", "header-expiry", 8, expiry(vectorExpiry + 600)},
		{"expiry 0", "header-expiry", 8, expiry(0)},
		{"the expiry's first bit set", "header-expiry", 8, expiry(vectorExpiry | 1<<63)},
		{"an expiry 2^32 slots later", "header-expiry", 8, expiry(vectorExpiry + 600<<32)},
		{"another slot in the id", "header-expiry", 19, []byte{0}},
		{"several fields wrong: the first is named", "header-version", 3, []byte{9, 9, 9, 0, 9}},
	} {
		b := base.Bytes()
		copy(b[c.at:], c.value)
		made = append(made, headerVector{Name: c.name, Header: b[:], Error: c.slug})
	}
	return made
}

func expiry(seconds uint64) []byte { return binary.BigEndian.AppendUint64(nil, seconds) }

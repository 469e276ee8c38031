package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// byFrontDoor reports whether a call came through the configured Front Door, true where none is.
func (a *api) byFrontDoor(r *http.Request) bool {
	return a.FrontDoorID == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Azure-FDID")), []byte(a.FrontDoorID)) == 1
}

// client returns the client's address, an IPv6 one by its /64, which is what a
// household gets. Zero where it is not known: no limit counts it then. A header
// is believed only from whom the settings name.
func (a *api) client(r *http.Request) netip.Prefix {
	if a.FrontDoorID != "" && a.byFrontDoor(r) {
		return network(r.Header.Get("X-Azure-ClientIP"))
	}
	if a.Hosted {
		return netip.Prefix{}
	}
	remote, _, _ := net.SplitHostPort(r.RemoteAddr)
	peer, err := netip.ParseAddr(remote)
	if err != nil || !a.trusted(peer.Unmap()) {
		return network(remote)
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) > 0 {
		last := forwarded[len(forwarded)-1]
		return network(strings.TrimSpace(last[strings.LastIndex(last, ",")+1:]))
	}
	return network(remote)
}

func (a *api) trusted(peer netip.Addr) bool {
	for _, p := range a.TrustedProxies {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

func network(text string) netip.Prefix {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := addr.Unmap().WithZone(""), 64
	if addr.Is4() {
		bits = 32
	}
	p, _ := addr.Prefix(bits)
	return p
}

func hashKey(value string) KeyHash { return sha256.Sum256([]byte(value)) }

package main

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// viaFrontDoor reports whether a request came through the configured Front Door, and
// true if none is configured.
func viaFrontDoor(cfg *config.Config, r *http.Request) bool {
	return cfg.FrontDoorID == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Azure-FDID")), []byte(cfg.FrontDoorID)) == 1
}

// clientIP returns the client's address: IPv4 whole, IPv6 by its /64, the network of
// one customer. It is zero if it is not known; then no limit counts the request. A
// header is trusted only from a proxy that the settings name.
func clientIP(cfg *config.Config, r *http.Request) netip.Prefix {
	if cfg.FrontDoorID != "" && viaFrontDoor(cfg, r) {
		return prefixOf(r.Header.Get("X-Azure-ClientIP"))
	}
	if cfg.Hosted {
		return netip.Prefix{}
	}
	remote, _, _ := net.SplitHostPort(r.RemoteAddr)
	peer, err := netip.ParseAddr(remote)
	if err != nil || !trustedProxy(cfg, peer.Unmap()) {
		return prefixOf(remote)
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) > 0 {
		last := forwarded[len(forwarded)-1]
		return prefixOf(strings.TrimSpace(last[strings.LastIndex(last, ",")+1:]))
	}
	return prefixOf(remote)
}

func trustedProxy(cfg *config.Config, peer netip.Addr) bool {
	return slices.ContainsFunc(cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

func prefixOf(text string) netip.Prefix {
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

package main

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/secretsharer/secretsharer/handler/internal/config"
)

// viaFrontDoor reports whether a request came through the configured Front Door, and
// true if none is configured.
func viaFrontDoor(cfg *config.Config, r *http.Request) bool {
	return cfg.FrontDoorID == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Azure-FDID")), []byte(cfg.FrontDoorID)) == 1
}

// Reasons why a client's address is not known, or may not be its own.
const (
	noForwarding        = "the proxy sends no address of its client"
	malformedForwarding = "the proxy sends something else than an address"
	untrustedForwarding = "X-Forwarded-For comes from a private address that SSS_TRUSTED_PROXIES does not name"
	privateForwarding   = "the last entry of X-Forwarded-For is a private address, which may be the platform's own"
)

// clients finds out which client sent a request. Safe for concurrent use.
type clients struct {
	cfg    *config.Config
	report func(reason string) // called once for each reason

	reported sync.Map
}

// of returns the address of a request's client. A header is trusted only from Front
// Door, from App Service, or from a proxy that the settings name. When such a header
// has no address, the client is the nearest peer that is known: all who come by it then
// count as one, and no limit is off.
func (c *clients) of(r *http.Request) netip.Addr {
	peer := addressOf(r.RemoteAddr)
	switch {
	case c.cfg.FrontDoorID != "" && viaFrontDoor(c.cfg, r):
		// The client can choose X-Azure-ClientIP by an X-Forwarded-For of its own.
		return c.orPeer(peer, r.Header.Get("X-Azure-SocketIP"))
	case c.cfg.Hosted:
		// App Service appends the client's address to what the client sent.
		client := c.orPeer(peer, last(forwardedFor(r)))
		if client != peer && isPrivate(client) {
			c.once(privateForwarding)
		}
		return client
	case !c.trusts(peer):
		if isPrivate(peer) && len(r.Header.Values("X-Forwarded-For")) > 0 {
			c.once(untrustedForwarding)
		}
		return peer
	}
	return c.behind(peer, forwardedFor(r))
}

// behind returns the client behind a trusted proxy. Each proxy appends the address from
// which it was called, so the client is the last that is no trusted proxy itself.
func (c *clients) behind(peer netip.Addr, forwarded []string) netip.Addr {
	for _, entry := range slices.Backward(forwarded) {
		client := addressOf(entry)
		if client == unknownAddress {
			return c.orPeer(peer, entry)
		}
		if peer = client; !c.trusts(peer) {
			break
		}
	}
	return peer
}

// orPeer returns the address in an entry, or else the peer that sent the entry.
func (c *clients) orPeer(peer netip.Addr, entry string) netip.Addr {
	client := addressOf(entry)
	switch {
	case strings.TrimSpace(entry) == "":
		c.once(noForwarding)
	case client == unknownAddress:
		c.once(malformedForwarding)
	default:
		return client
	}
	return peer
}

func (c *clients) once(reason string) {
	if _, again := c.reported.LoadOrStore(reason, true); !again {
		c.report(reason)
	}
}

func (c *clients) trusts(peer netip.Addr) bool {
	return slices.ContainsFunc(c.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// forwardedFor returns the entries of all X-Forwarded-For lines in their order.
func forwardedFor(r *http.Request) []string {
	return strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
}

func last(entries []string) string { return entries[len(entries)-1] }

func isPrivate(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() }

// unknownAddress stands for what has no address, such as a peer on a Unix socket.
var unknownAddress = netip.IPv6Unspecified()

// addressOf returns the address in a text: alone, in brackets, or with a port.
func addressOf(text string) netip.Addr {
	text = strings.TrimSpace(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	} else if inner, is := strings.CutPrefix(text, "["); is {
		text = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return unknownAddress
	}
	return addr.Unmap().WithZone("")
}

// subscriber returns what one client of an address may use: an IPv4 address whole, of
// IPv6 the /64, which is one network.
func subscriber(a netip.Addr) netip.Addr { return masked(a, 64) }

// household returns a wider group: of IPv6 the /56, which providers give to one
// customer. It is for rules where many networks of one customer must not count as many.
func household(a netip.Addr) netip.Addr { return masked(a, 56) }

func masked(a netip.Addr, bits int) netip.Addr {
	if a.Is4() {
		return a
	}
	p, _ := a.Prefix(bits)
	return p.Addr()
}

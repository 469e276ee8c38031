//go:build e2e && attack

package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/client"
)

// TestAttackMemory attacks the memory of the service. Each attack ends with the peak
// of resident memory, and honest calls are answered meanwhile.
func TestAttackMemory(t *testing.T) {
	type attack struct {
		name string
		many bool // from an address for each connection, not from one for all
		make func(url string, own []*sent, address func(i int) string) []func(context.Context)
	}
	attacks := []attack{
		{"64 connections repeat reads of one secret", false, repeats(64, 1)},
		{"64 clients repeat reads of their secrets", true, repeats(64, 16)},
		{"300 connections do not read their answers", true, unread(300)},
		{"300 connections of one client do not read their answers", false, unread(300)},
		{"300 connections read slowly", true, slow(300)},
		{"128 connections have no access", true, strangers(128)},
		{"64 connections claim wrongly", true, guessers(64)},
		{"128 creates do not end", true, unended(128)},
		{"64 connections repeat creates of large secrets", true, recreators(64)},
	}
	single := attacks
	all := attack{"all of these at once", true, func(url string, own []*sent, address func(i int) string) (all []func(context.Context)) {
		for _, a := range single {
			all = append(all, a.make(url, own, address)...)
		}
		return all
	}}
	if testing.Short() {
		attacks = nil
	}
	for _, a := range append(attacks, all) {
		t.Run(a.name, func(t *testing.T) {
			p := standalone(t, proxied)
			own := make([]*sent, 16)
			for i := range own {
				passphrase := ""
				if i < guarded {
					passphrase = "a passphrase"
				}
				own[i] = stored(t, p.url, strings.Repeat("x", large), passphrase, 100)
			}
			address := func(int) string { return ip(1, 1) }
			if a.many {
				address = func(i int) string { return ip(1, i) }
			}
			during(t, long(), a.make(p.url, own, address), honestly(t, p.url))
			expectSmall(t, p)
		})
	}
}

// guarded is how many of the secrets have a passphrase; deriving keys from one takes long.
const guarded = 2

type attackers func(url string, own []*sent, address func(i int) string) []func(context.Context)

// repeats reads with each key 25 times, which is less than a limit of repeats may be.
func repeats(connections, secrets int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		shared := pooled(connections)
		return times(connections, func(i int) func(context.Context) {
			c, calls, key := &caller{url, address(i), shared}, 0, client.Key{}
			return func(ctx context.Context) {
				if calls++; calls%25 == 1 {
					key = newKey()
				}
				c.read(ctx, own[i%secrets], key)
			}
		})
	}
}

func unread(connections int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		return times(connections, func(i int) func(context.Context) {
			return func(ctx context.Context) { rawRead(ctx, url, address(i), own[i%len(own)], stare(ctx)) }
		})
	}
}

func slow(connections int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		return times(connections, func(i int) func(context.Context) {
			return func(ctx context.Context) { rawRead(ctx, url, address(i), own[i%len(own)], sip) }
		})
	}
}

func strangers(connections int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		shared := pooled(connections)
		return times(connections, func(i int) func(context.Context) {
			c, s := &caller{url, address(i), shared}, own[i%len(own)]
			return func(ctx context.Context) {
				c.call(ctx, http.MethodPost, s.path("/read"), s.wrong("Secret-Access", newKey(), i), nil)
			}
		})
	}
}

// guessers sends the same wrong claim again and again, so that the row never freezes.
func guessers(connections int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		shared := pooled(connections)
		return times(connections, func(i int) func(context.Context) {
			c := &caller{url, address(i), shared}
			return func(ctx context.Context) { c.guess(ctx, own[i%guarded], 1) }
		})
	}
}

func unended(connections int) attackers {
	return func(url string, _ []*sent, address func(i int) string) []func(context.Context) {
		body := []byte(`{"envelope":"` + strings.Repeat("A", 1_200_000) + `"}`)
		return times(connections, func(i int) func(context.Context) {
			return func(ctx context.Context) { withhold(ctx, url, address(i), body) }
		})
	}
}

// recreators repeats creates of secrets that are stored already.
func recreators(connections int) attackers {
	return func(url string, own []*sent, address func(i int) string) []func(context.Context) {
		shared := pooled(connections)
		return times(connections, func(i int) func(context.Context) {
			c, body := &caller{url, address(i), shared}, createBody(own[i%len(own)])
			return func(ctx context.Context) {
				c.call(ctx, http.MethodPost, "/api/secrets", http.Header{"Content-Type": {"application/json"}}, body)
			}
		})
	}
}

package simulation

import (
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// scenario is a situation to search.
type scenario struct {
	name    string
	views   int
	clients func(d secret.Draft) []*client
	moves   []move
	budget  budget
	creates bool // the secret does not exist yet
	begins  move // made before the clients begin
}

func reader(name string, d secret.Draft, ack bool) *client {
	return &client{name: name, key: []byte(name), persists: true, script: readsOn(d.Header().ID, ack)}
}

func stray(name string, d secret.Draft) *client {
	return &client{name: name, key: []byte(name), script: strays(d.Header().ID)}
}

func does(name string, script func(*client)) *client { return &client{name: name, script: script} }

func skewed(c *client, by time.Duration) *client { c.skew = by; return c }

var (
	byManage = secret.Proofs{Manage: rightManage}
	byLink   = secret.Proofs{Access: rightAccess, Claim: rightClaim}
)

// later is a reader who loses the first answer and asks again after a while.
func later(d secret.Draft) *client {
	c := reader("a", d, true)
	c.script = func(c *client) { strays(d.Header().ID)(c); c.pause(); readsOn(d.Header().ID, true)(c) }
	return c
}

// everybody is one client of each kind.
func everybody(d secret.Draft) []*client {
	return []*client{
		reader("a", d, true), reader("b", d, true), does("guesser", guesses(d.Header().ID, "x", "y", "claim")),
		does("unlock", unlocks(d.Header().ID, "k")), does("purge", func(c *client) { purges(c); c.pause(); purges(c) }),
		does("revoke", func(c *client) { c.pause(); revokes(d.Header().ID, byManage)(c) }),
	}
}

// all are the moves of the scenarios with everybody.
var all = []move{holds(20*time.Minute, hold.BlockRead, hold.Preserve), passes(step50), releases, passes(step50), passes(ttl), passes(10 * time.Minute)}

const step50 = 50 * time.Second

// scenarios are small, and each needs some of the rules.
var scenarios = []scenario{
	{name: "two readers of one view", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true), reader("b", d, true)}
	}},
	{name: "two readers of two views", views: 2, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true), reader("b", d, true)}
	}},
	{name: "reader over time", views: 1, budget: budget{2, 2}, moves: []move{passes(step50), passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true), does("purge", purges)}
	}},
	{name: "reader beside one who strays", views: 2, budget: budget{3, 2}, moves: []move{passes(step50), passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{stray("s", d), reader("a", d, true), does("purge", purges)}
	}},
	{name: "one who strays", views: 1, budget: budget{3, 1}, moves: []move{passes(6 * time.Minute)}, clients: func(d secret.Draft) []*client {
		return []*client{stray("s", d), does("purge", purges)}
	}},
	{name: "reader without ack and an other's ack", views: 2, budget: budget{3, 1}, moves: []move{passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, false), skewed(reader("b", d, true), 100*time.Second)}
	}},
	{name: "purge with a fast clock", views: 1, budget: budget{3, 1}, moves: []move{passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, false), skewed(does("purge", purges), 110*time.Second)}
	}},
	{name: "reader again after its ack", views: 2, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		c := reader("a", d, true)
		c.script = func(c *client) {
			readsOn(d.Header().ID, true)(c)
			c.send("read", rightClaim, c.read(d.Header().ID, rightClaim))
		}
		return []*client{c, reader("b", d, true)}
	}},
	{name: "reader and revoke", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true), does("revoke", revokes(d.Header().ID, byManage))}
	}},
	{name: "reader and revoke by link", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true), does("revoke", revokes(d.Header().ID, byLink))}
	}},
	{name: "reader, revoke and reader", views: 2, budget: budget{3, 1}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, false), does("revoke", revokes(d.Header().ID, byManage)), reader("b", d, false)}
	}},
	{name: "guesser and reader", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{does("guesser", guesses(d.Header().ID, "x", "y", "z", "claim")), reader("a", d, true)}
	}},
	{name: "two guessers", views: 1, budget: budget{3, 1}, clients: func(d secret.Draft) []*client {
		return []*client{does("g", guesses(d.Header().ID, "x", "y", "z")), does("h", guessesRevoke(d.Header().ID, "u", "v", "claim"))}
	}},
	{name: "guesser and unlock", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{does("g", guesses(d.Header().ID, "x", "y", "z")), does("unlock", unlocks(d.Header().ID, "k"))}
	}},
	{name: "unlock, delayed", views: 1, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		unlock := func(c *client) {
			unlocks(d.Header().ID, "k")(c)
			guesses(d.Header().ID, "u", "v")(c)
			unlocks(d.Header().ID, "k")(c)
		}
		return []*client{does("g", func(c *client) { guesses(d.Header().ID, "x", "y")(c); unlock(c) })}
	}},
	{name: "a late ack and purge", views: 1, budget: budget{3, 1}, moves: []move{passes(6 * time.Minute)}, clients: func(d secret.Draft) []*client {
		c := stray("s", d)
		c.script = func(c *client) {
			strays(d.Header().ID)(c)
			c.pause()
			c.send("ack", nil, c.acks(d.Header().ID))
		}
		return []*client{c, does("purge", func(c *client) { c.pause(); purges(c) })}
	}},
	{name: "an outsider", views: 1, budget: budget{1, 1}, moves: []move{holds(time.Hour, hold.BlockRead)}, clients: func(d secret.Draft) []*client {
		return []*client{does("o", outsiders(d.Header().ID)), does("g", guesses(d.Header().ID, "x", "y")), stray("s", d)}
	}},
	{name: "a reader's key with a wrong claim", views: 2, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		c := reader("a", d, false)
		c.script = func(c *client) {
			readsOn(d.Header().ID, false)(c)
			c.send("read", []byte("x"), c.read(d.Header().ID, []byte("x")))
		}
		return []*client{c}
	}},
	{name: "guesses on a reader's lease", views: 2, budget: budget{2, 2}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, false), does("g", guesses(d.Header().ID, "x", "y", "z"))}
	}},
	{name: "reader in a hold", views: 1, budget: budget{3, 2}, moves: []move{holds(time.Hour, hold.BlockRead), releases}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true)}
	}},
	{name: "reader in a hold over time", views: 1, budget: budget{1, 2}, moves: []move{holds(2*step50, hold.BlockRead), passes(step50), passes(step50), passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{reader("a", d, true)}
	}},
	{name: "guesser in a hold", views: 1, budget: budget{3, 1}, moves: []move{holds(time.Hour, hold.BlockRead), releases}, clients: func(d secret.Draft) []*client {
		return []*client{does("g", guesses(d.Header().ID, "x", "y", "z", "claim"))}
	}},
	{name: "ack and purge under preserve", views: 1, budget: budget{3, 1}, moves: []move{holds(20*time.Minute, hold.Preserve), passes(10 * time.Minute), releases}, clients: func(d secret.Draft) []*client {
		c := reader("a", d, true)
		c.persists = false
		return []*client{c, does("purge", func(c *client) { purges(c); purges(c) })}
	}},
	{name: "revoke under preserve", views: 1, budget: budget{3, 2}, moves: []move{holds(time.Hour, hold.Preserve), passes(5 * time.Minute), releases}, clients: func(d secret.Draft) []*client {
		return []*client{does("revoke", revokes(d.Header().ID, byManage)), does("purge", func(c *client) { purges(c); purges(c) })}
	}},
	{name: "purges", views: 1, budget: budget{3, 2}, moves: []move{passes(ttl), passes(10 * time.Minute), passes(retention)}, clients: func(d secret.Draft) []*client {
		return []*client{stray("s", d), does("p", purges), does("q", purges)}
	}},
	{name: "reader who comes back later", views: 1, budget: budget{1, 2}, moves: []move{passes(step50), passes(step50), passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{later(d)}
	}},
	{name: "reader who vanishes in a hold", views: 1, budget: budget{3, 1}, moves: []move{holds(20*time.Minute, hold.BlockRead), passes(6 * time.Minute)}, clients: func(d secret.Draft) []*client {
		c := stray("s", d)
		c.script = func(c *client) { strays(d.Header().ID)(c); c.pause(); strays(d.Header().ID)(c) }
		return []*client{c, does("purge", func(c *client) { c.pause(); purges(c) })}
	}},
	{name: "reader whose secret expires in a hold", views: 2, budget: budget{3, 1}, moves: []move{holds(ttl+30*time.Minute, hold.BlockRead), passes(ttl + 20*time.Minute), releases}, clients: func(d secret.Draft) []*client {
		return []*client{later(d), does("purge", func(c *client) { c.pause(); purges(c) })}
	}},
	{name: "expiry under preserve", views: 1, budget: budget{3, 2}, moves: []move{holds(ttl+6*time.Hour, hold.Preserve), passes(ttl + 5*time.Hour)}, clients: func(d secret.Draft) []*client {
		return []*client{stray("s", d), does("purge", func(c *client) { c.pause(); purges(c); purges(c) })}
	}},
	{name: "revoke that stalls under preserve", views: 1, budget: budget{3, 1}, moves: []move{holds(time.Hour, hold.Preserve), passes(5 * time.Minute), releases}, clients: func(d secret.Draft) []*client {
		c := does("revoke", revokes(d.Header().ID, byManage))
		c.stalls = true
		return []*client{c, does("purge", func(c *client) { c.pause(); purges(c) })}
	}},
	{name: "revoke and an early purge under preserve", views: 1, budget: budget{2, 0}, moves: []move{holds(time.Hour, hold.Preserve), passes(step50), releases}, clients: func(d secret.Draft) []*client {
		revoke := does("revoke", func(c *client) { c.pause(); revokes(d.Header().ID, byManage)(c) })
		revoke.spared = true
		return []*client{revoke, skewed(does("purge", func(c *client) { c.pause(); purges(c) }), step50)}
	}},
	{name: "guessers under preserve", views: 1, budget: budget{1, 1}, begins: holds(time.Hour, hold.Preserve), clients: func(d secret.Draft) []*client {
		g := does("g", guesses(d.Header().ID, "x", "y"))
		g.spared = true
		return []*client{g, does("h", guessesRevoke(d.Header().ID, "claim"))}
	}},
	{name: "create in a hold", views: 1, budget: budget{3, 2}, creates: true, moves: []move{holds(time.Hour, hold.BlockCreate), releases}, clients: func(d secret.Draft) []*client {
		return []*client{does("c", func(c *client) { c.pause(); creates(d)(c) }), stray("s", d)}
	}},
	{name: "freeze, unlock and reader", views: 1, budget: budget{3, 1}, clients: func(d secret.Draft) []*client {
		return []*client{does("abuse", freezes(d.Header().ID)), does("unlock", unlocks(d.Header().ID, "k")), reader("a", d, true)}
	}},
	{name: "freeze and guesser", views: 1, budget: budget{3, 1}, clients: func(d secret.Draft) []*client {
		return []*client{
			does("g", guesses(d.Header().ID, "x", "y")), does("abuse", freezes(d.Header().ID)),
			does("unlock", func(c *client) { c.pause(); unlocks(d.Header().ID, "k")(c) }),
		}
	}},
	{name: "freeze, revoke and expiry", views: 1, budget: budget{3, 1}, moves: []move{passes(ttl)}, clients: func(d secret.Draft) []*client {
		return []*client{does("abuse", freezes(d.Header().ID)), does("revoke", revokes(d.Header().ID, byManage))}
	}},
	{name: "the last unlock", views: 1, budget: budget{2, 1}, begins: unlocked(secret.MaxUnlocks - 1), clients: func(d secret.Draft) []*client {
		return []*client{does("g", guesses(d.Header().ID, "x", "y")), does("sender", func(c *client) {
			unlocks(d.Header().ID, "k")(c)
			guesses(d.Header().ID, "u", "v")(c)
			unlocks(d.Header().ID, "l")(c)
		})}
	}},
	{name: "reader whose load is refused", views: 1, budget: budget{1, 1}, clients: func(d secret.Draft) []*client {
		c, g := stray("s", d), does("g", guesses(d.Header().ID, "x", "y"))
		c.loads, g.spared = true, true
		return []*client{c, g}
	}},
	{name: "reader again with a cached data key", views: 1, budget: budget{3, 1}, moves: []move{holds(time.Hour, hold.BlockRead), releases}, clients: func(d secret.Draft) []*client {
		c := later(d)
		c.cached = true
		return []*client{c, does("revoke", revokes(d.Header().ID, byManage))}
	}},
	{name: "a secret that is replaced under a read", views: 1, budget: budget{3, 1}, moves: []move{replaces}, clients: func(d secret.Draft) []*client {
		return []*client{stray("s", d)}
	}},
	{name: "all at once on one view", views: 1, budget: budget{1, 1}, moves: all, clients: everybody},
	{name: "all at once on two views", views: 2, budget: budget{1, 1}, moves: all, clients: everybody},
	{name: "two creates", views: 1, budget: budget{2, 2}, creates: true, moves: []move{passes(step50)}, clients: func(d secret.Draft) []*client {
		return []*client{does("c", creates(d)), does("e", func(c *client) { creates(d)(c); c.key = []byte("e"); readsOn(d.Header().ID, true)(c) })}
	}},
}

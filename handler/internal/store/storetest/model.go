package storetest

import (
	"github.com/anishathalye/porcupine"
)

// question is what a client asked, answer what it was told.
type question struct {
	verb   string
	client int
	views  int // of the draft
}

type answer struct {
	kind  string // ok, gone <reason>, not found, unknown
	views int    // left
	fresh bool   // created by this call
}

// spec is a secret as the promises describe it, without a store.
type spec struct {
	exists  bool
	views   int
	revoked bool
	leases  [clients]lease
}

type lease byte

const (
	never lease = iota
	held
	acked
)

var model = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{spec{}} },
	Step: func(state, input, output any) (next []any) {
		s, q, a := state.(spec), input.(question), output.(answer)
		after, want := s.ask(q)
		switch a.kind {
		case "unknown":
			return []any{s, after} // done or not
		case want.kind:
			if a == want {
				return []any{after}
			}
		}
		return nil
	},
}).ToModel()

// ask returns what the secret becomes, and what the client must be told.
func (s spec) ask(q question) (spec, answer) {
	if q.verb == "create" {
		if s.exists {
			return s, answer{kind: "ok"}
		}
		return spec{exists: true, views: q.views}, answer{kind: "ok", fresh: true}
	}
	if !s.exists {
		return s, answer{kind: "not found"}
	}
	switch q.verb {
	case "status":
		if gone := s.over(); gone != "" {
			return s, answer{kind: gone}
		}
		return s, answer{kind: "ok", views: s.views}
	case "read":
		return s.read(q.client)
	case "ack":
		return s.ack(q.client)
	default:
		s.revoked = s.revoked || s.views > 0 || s.anyHeld()
		return s, answer{kind: "ok"}
	}
}

func (s spec) over() string {
	switch {
	case s.revoked:
		return "gone revoked"
	case s.views == 0:
		return "gone read"
	}
	return ""
}

func (s spec) anyHeld() bool {
	for _, l := range s.leases {
		if l == held {
			return true
		}
	}
	return false
}

func (s spec) read(client int) (spec, answer) {
	switch lease := s.leases[client]; {
	case s.revoked:
		return s, answer{kind: "gone revoked"}
	case lease == held:
		return s, answer{kind: "ok", views: s.views}
	case lease == acked, s.views == 0:
		return s, answer{kind: "gone read"}
	}
	s.views--
	s.leases[client] = held
	return s, answer{kind: "ok", views: s.views}
}

func (s spec) ack(client int) (spec, answer) {
	if s.leases[client] == never {
		if gone := s.over(); gone != "" {
			return s, answer{kind: gone}
		}
		return s, answer{kind: "gone "}
	}
	s.leases[client] = acked
	return s, answer{kind: "ok"}
}

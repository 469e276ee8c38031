package interleaving

import (
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
)

// pair is a row of the table in docs/design.md.
type pair struct {
	name     string
	given    string
	a, b     actor
	outcomes []string // the answers to a and to b; the final state of the row
}

var blocks = holds(hold.BlockRead, hold.Preserve)

var pairs = []pair{
	{"read × read", "unread", reads("a"), reads("b"), []string{
		"410 read, bytes; read, sealed", "bytes, 410 read; read, sealed",
	}},
	{"read × duplicate", "unread", reads("a"), reads("a"), []string{
		"bytes, bytes; read, sealed",
	}},
	{"read × ack", "unread", reads("a"), acks("a"), []string{
		"bytes, 204; read, cleared", "bytes, 410; read, sealed",
	}},
	{"read × revoke", "unread", reads("a"), revokes, []string{
		"410 revoked, 204; revoked, cleared", "bytes, 204; revoked, cleared",
	}},
	{"read × purge", "unread, with the reminder of a read that never happened", reads("a"), purges, []string{
		"bytes, purges 0; read, sealed",
	}},
	{"read × hold", "unread", reads("a"), blocks, []string{
		"423 held, holds; held, sealed", "bytes, holds; read, sealed",
	}},
	{"read × expiry", "unread", reads("a"), expires, []string{
		"410 expired, expires; expired, sealed", "bytes, expires; read, sealed",
	}},
	{"read × lapse", "unread", reads("a"), lapses, []string{
		"bytes, lapses; read, sealed",
	}},
	{"ack × ack", "delivered", acks("a"), acks("a"), []string{
		"204, 204; read, cleared",
	}},
	{"ack × revoke", "delivered", acks("a"), revokes, []string{
		"204, 204; read, cleared", "204, 204; revoked, cleared",
	}},
	{"ack × purge", "lapsed", acks("a"), purges, []string{
		"204, purges 0; read, cleared", "204, purges 1; read, cleared",
	}},
	{"ack × hold", "delivered", acks("a"), blocks, []string{
		"204, holds; read, cleared", "204, holds; read, sealed",
	}},
	{"ack × expiry", "delivered, a minute to the expiry", acks("a"), expires, []string{
		"204, expires; read, cleared",
	}},
	{"ack × lapse", "delivered", acks("a"), lapses, []string{
		"204, lapses; read, cleared",
	}},
	{"ack × duplicate", "delivered", acks("a"), reads("a"), []string{
		"204, 410 read; read, cleared", "204, bytes; read, cleared",
	}},
	{"revoke × revoke", "delivered", revokes, revokes, []string{
		"204, 204; revoked, cleared",
	}},
	{"revoke × purge", "lapsed", revokes, purges, []string{
		"204, purges 1; read, cleared",
	}},
	{"revoke × hold", "unread", revokes, blocks, []string{
		"204, holds; revoked, cleared", "204, holds; revoked, sealed",
	}},
	{"revoke × expiry", "unread", revokes, expires, []string{
		"204, expires; expired, sealed", "204, expires; revoked, cleared",
	}},
	{"revoke × lapse", "delivered", revokes, lapses, []string{
		"204, lapses; revoked, cleared",
	}},
	{"revoke × duplicate", "delivered", revokes, reads("a"), []string{
		"204, 410 revoked; revoked, cleared", "204, bytes; revoked, cleared",
	}},
	{"purge × purge", "expired", purges, purges, []string{
		"purges 0, purges 1; expired, cleared", "purges 1, purges 0; expired, cleared",
	}},
	{"purge × hold", "expired", purges, blocks, []string{
		"purges 0, holds; expired, sealed", "purges 1, holds; expired, cleared",
	}},
	{"purge × expiry", "unread", purges, passes("expires", ttl+20*time.Minute), []string{
		"purges 0, expires; expired, sealed", "purges 1, expires; expired, cleared",
	}},
	{"purge × lapse", "delivered", purges, passes("lapses", 6*time.Minute), []string{
		"purges 0, lapses; read, sealed", "purges 1, lapses; read, cleared",
	}},
	{"purge × duplicate", "lapsed in a minute", purges, reads("a"), []string{
		"purges 0, bytes; read, sealed",
	}},
	{"read × freeze", "unread", reads("a"), freezes, []string{
		"423 frozen, freezes; frozen, sealed", "bytes, leaves; read, sealed",
	}},
	{"ack × freeze", "delivered", acks("a"), freezes, []string{
		"204, leaves; read, cleared",
	}},
	{"revoke × freeze", "unread", revokes, freezes, []string{
		"204, freezes; revoked, cleared", "204, leaves; revoked, cleared",
	}},
	{"purge × freeze", "expired", purges, freezes, []string{
		"purges 1, leaves; expired, cleared",
	}},
	{"hold × freeze", "unread", blocks, freezes, []string{
		"holds, freezes; held, sealed",
	}},
	{"freeze × expiry", "unread", freezes, expires, []string{
		"freezes, expires; expired, sealed", "leaves, expires; expired, sealed",
	}},
	{"freeze × lapse", "delivered", freezes, lapses, []string{
		"leaves, lapses; read, sealed",
	}},
	{"freeze × duplicate", "delivered", freezes, reads("a"), []string{
		"leaves, bytes; read, sealed",
	}},
	{"freeze × unlock", "unread", freezes, unlocks, []string{
		"freezes, 204; live, sealed", "leaves, 204; live, sealed",
	}},
	{"hold × expiry", "unread", blocks, expires, []string{
		"holds, expires; expired, sealed",
	}},
	{"hold × lapse", "delivered", blocks, lapses, []string{
		"holds, lapses; read, sealed",
	}},
	{"hold × duplicate", "delivered", blocks, reads("a"), []string{
		"holds, 423 held; read, sealed", "holds, bytes; read, sealed",
	}},
	{"expiry × lapse", "delivered", expires, lapses, []string{
		"expires, lapses; read, sealed",
	}},
	{"expiry × duplicate", "delivered, a minute to the expiry", passes("expires", time.Minute), reads("a"), []string{
		"expires, bytes; read, sealed",
	}},
	{"lapse × duplicate", "delivered", lapses, reads("a"), []string{
		"lapses, 410 read; read, sealed", "lapses, bytes; read, sealed",
	}},
}

package vaulttest

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"
)

// privates hands out the same two RSA keys of a size in turn: making one takes
// long, and a test needs no more than that neighbours differ.
var privates pool

type pool struct {
	mu   sync.Mutex
	keys map[int][2]*rsa.PrivateKey
	next int
}

func (p *pool) take(bits int) (*rsa.PrivateKey, error) {
	if bits != 2048 && bits != 3072 && bits != 4096 {
		return nil, fmt.Errorf("RSA key size %d is not supported", bits)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pair, made := p.keys[bits]
	if !made {
		for i := range pair {
			var err error
			if pair[i], err = rsa.GenerateKey(rand.Reader, bits); err != nil {
				return nil, err
			}
		}
		if p.keys == nil {
			p.keys = map[int][2]*rsa.PrivateKey{}
		}
		p.keys[bits] = pair
	}
	p.next++
	return pair[p.next%2], nil
}

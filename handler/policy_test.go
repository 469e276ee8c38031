package main

import (
	"crypto/sha256"
	"encoding/hex"
)

func hexHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

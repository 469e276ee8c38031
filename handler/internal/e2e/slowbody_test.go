//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
)

// createBody returns the body of a create.
func createBody(s *sent) []byte {
	hash := func(proof [32]byte) string {
		sum := sha256.Sum256(proof[:])
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	body, err := json.Marshal(map[string]string{
		"envelope":    base64.RawURLEncoding.EncodeToString(s.sealed),
		"access_hash": hash(s.keys.Access), "claim_hash": hash(s.keys.Claim), "manage_hash": hash(s.manage.Manage),
	})
	if err != nil {
		panic(err) // strings can be encoded
	}
	return body
}

// slowBody is a request body whose second half waits.
type slowBody struct {
	halves  [][]byte
	halfway chan struct{} // closed when the first half was read
	on      chan struct{} // close it to send the second half
}

func newSlowBody(s *sent) *slowBody {
	body := createBody(s)
	return &slowBody{[][]byte{body[:len(body)/2], body[len(body)/2:]}, make(chan struct{}), make(chan struct{})}
}

func (b *slowBody) Read(p []byte) (int, error) {
	switch len(b.halves) {
	case 0:
		return 0, io.EOF
	case 1:
		select {
		case <-b.halfway:
		default:
			close(b.halfway)
		}
		<-b.on
	}
	n := copy(p, b.halves[0])
	if b.halves[0] = b.halves[0][n:]; len(b.halves[0]) == 0 {
		b.halves = b.halves[1:]
	}
	return n, nil
}

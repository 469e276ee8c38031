// Package vaulttest is a double of Key Vault for tests: a TLS server on
// loopback that speaks as much of the REST protocol (2025-07-01) as keys of
// weeks need, to the real SDK, in this process or in another: the authentication
// challenge, keys with versions, soft delete, disabled keys, the documented
// errors. Beside it stands the endpoint that App Service has for managed
// identities (2019-08-01), over plain HTTP as there.
//
// It counts calls, and fails, loses or hangs them on demand. It does what the
// service is documented and was seen to do, no more: no throttling and no
// permissions of its own.
package vaulttest

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// PageSize is how many keys or versions a page of a list holds, as in the service.
const PageSize = 25

const resource = "https://vault.azure.net"

// Server is the double. Safe for concurrent use.
type Server struct {
	// URL is the vault's endpoint, https on 127.0.0.1.
	URL string

	vault    *httptest.Server
	identity *httptest.Server
	header   string // what the identity endpoint wants to see
	secret   string // part of every token that it issues
	certFile string
	stopped  chan struct{}

	mu      sync.Mutex
	ahead   time.Duration
	keys    map[string]*key
	deleted map[string]*key
	counts  map[string]int
	faults  []*fault
}

// Start starts a double without keys, which ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := privates.take(3072); err != nil { // on a busy machine it outlasts a caller's patience
		t.Fatalf("make RSA keys: %v", err)
	}
	s := &Server{
		header: rand.Text(), secret: rand.Text(), stopped: make(chan struct{}),
		keys: map[string]*key{}, deleted: map[string]*key{}, counts: map[string]int{},
	}
	s.vault = httptest.NewUnstartedServer(s.routes())
	s.vault.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes with who does not trust it
	s.vault.StartTLS()
	s.identity = httptest.NewServer(http.HandlerFunc(s.issue))
	s.URL = s.vault.URL
	s.certFile = filepath.Join(t.TempDir(), "vault.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.vault.Certificate().Raw})
	if err := os.WriteFile(s.certFile, cert, 0o600); err != nil {
		t.Fatalf("write certificate: %v", err)
	}
	t.Cleanup(func() {
		close(s.stopped) // lets go of what hangs
		s.vault.Close()
		s.identity.Close()
	})
	return s
}

// Env returns what lets another process trust the vault and authenticate to
// it by azidentity.ManagedIdentityCredential, with any client ID or none.
func (s *Server) Env() []string {
	return []string{
		"IDENTITY_ENDPOINT=" + s.identity.URL + "/msi/token",
		"IDENTITY_HEADER=" + s.header,
		"SSL_CERT_FILE=" + s.certFile,
	}
}

// Transport returns a transport for clients in this process that trusts the vault.
func (s *Server) Transport() policy.Transporter { return s.vault.Client() }

// Credential returns a credential for clients in this process, without the
// identity endpoint: azidentity shares its tokens among all doubles of a process.
func (s *Server) Credential() azcore.TokenCredential { return credential(s.token(resource)) }

// Advance moves the vault's clock ahead.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// now is called with mu held.
func (s *Server) now() int64 { return time.Now().Add(s.ahead).Unix() }

type credential string

// GetToken implements azcore.TokenCredential.
func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(c), ExpiresOn: time.Now().Add(24 * time.Hour)}, nil
}

// Package vaulttest is a double of Key Vault for tests: a TLS server on loopback
// that serves the real SDK, in this process or another, as much of the REST API
// (2025-07-01) as week keys need: the authentication challenge, keys with
// versions, soft delete, disabled keys, and the documented errors. It has the
// endpoint of App Service for managed identities (2019-08-01), too.
//
// It counts calls, and makes them fail, hang or lose their response. It does what
// the service documents and was seen to do. It has no throttling and no permissions.
package vaulttest

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// PageSize is how many keys or versions a page of a list has, as in the service.
const PageSize = 25

const resource = "https://vault.azure.net"

// Server is the double. Safe for concurrent use.
type Server struct {
	// URL is the vault's endpoint, https on 127.0.0.1.
	URL string

	vault    *httptest.Server
	identity *httptest.Server
	header   string // that the identity endpoint requires
	secret   string // part of every token
	certFile string
	stopped  chan struct{}

	mu      sync.Mutex
	keys    map[string]*key
	deleted map[string]*key
	created int // keys and versions
	counts  map[string]int
	faults  []*fault
}

// Start starts a double without keys, which ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	privateKeys[3072]() // on a busy machine making them takes longer than a call may
	s := &Server{
		header: rand.Text(), secret: rand.Text(), stopped: make(chan struct{}),
		keys: map[string]*key{}, deleted: map[string]*key{}, counts: map[string]int{},
	}
	s.vault = httptest.NewUnstartedServer(s.routes())
	s.vault.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	s.vault.StartTLS()
	s.identity = httptest.NewServer(http.HandlerFunc(s.issueToken))
	s.URL = s.vault.URL
	s.certFile = filepath.Join(t.TempDir(), "vault.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.vault.Certificate().Raw})
	if err := os.WriteFile(s.certFile, cert, 0o600); err != nil {
		t.Fatalf("write certificate: %v", err)
	}
	t.Cleanup(func() {
		close(s.stopped) // ends hanging calls
		s.vault.Close()
		s.identity.Close()
	})
	return s
}

// Env returns the environment in which another process trusts the vault and gets
// tokens as a managed identity, with any client ID or none.
func (s *Server) Env() []string {
	return []string{
		"IDENTITY_ENDPOINT=" + s.identity.URL + "/msi/token",
		"IDENTITY_HEADER=" + s.header,
		"SSL_CERT_FILE=" + s.certFile,
	}
}

// Transport returns a transport for clients in this process that trusts the vault.
func (s *Server) Transport() policy.Transporter { return s.vault.Client() }

// Credential returns a credential for clients in this process. It does not use the
// identity endpoint: azidentity shares its tokens among all doubles of a process.
func (s *Server) Credential() azcore.TokenCredential { return credential(s.token(resource)) }

type credential string

func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(c), ExpiresOn: time.Now().Add(24 * time.Hour)}, nil
}

// issueToken is the identity endpoint. It issues tokens for every resource.
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) {
	s.count("token")
	query := r.URL.Query()
	switch {
	case !equal(r.Header.Get("X-Identity-Header"), s.header):
		w.WriteHeader(http.StatusUnauthorized)
	case query.Get("api-version") != "2019-08-01" || query.Get("resource") == "":
		w.WriteHeader(http.StatusBadRequest)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{
			"access_token": s.token(query.Get("resource")),
			"client_id":    query.Get("client_id"),
			"expires_on":   strconv.FormatInt(time.Now().Add(24*time.Hour).Unix(), 10),
			"resource":     query.Get("resource"),
			"token_type":   "Bearer",
		})
	}
}

func (s *Server) token(resource string) string {
	return s.secret + "." + base64.RawURLEncoding.EncodeToString([]byte(resource))
}

// authorized returns the challenge to a call without a token for this vault.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	if equal(r.Header.Get("Authorization"), "Bearer "+s.token(resource)) {
		return true
	}
	s.count("challenge")
	w.Header().Set("WWW-Authenticate",
		`Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001", resource="`+resource+`"`)
	write(w, &failure{status: http.StatusUnauthorized, code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token."})
	return false
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

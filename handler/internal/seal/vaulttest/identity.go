package vaulttest

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// issue is the identity endpoint of App Service, 2019-08-01. It serves every
// resource; the vault takes only tokens for its own.
func (s *Server) issue(w http.ResponseWriter, r *http.Request) {
	s.count("token")
	query := r.URL.Query()
	switch {
	case !same(r.Header.Get("X-Identity-Header"), s.header):
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

// authorized answers the challenge to a call without a token for this vault.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	if same(r.Header.Get("Authorization"), "Bearer "+s.token(resource)) {
		return true
	}
	s.count("challenge")
	w.Header().Set("WWW-Authenticate",
		`Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001", resource="`+resource+`"`)
	write(w, &failure{status: http.StatusUnauthorized, code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token."})
	return false
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

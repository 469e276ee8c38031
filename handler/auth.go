package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// mayCreate enforces who may create secrets, and how many.
func (s *service) mayCreate(ctx context.Context, r *http.Request) error {
	if wait := s.limits.creates.take(subscriber(callerOf(ctx).address()), each(s.cfg.Rate)); wait > 0 {
		return &rateError{wait}
	}
	switch s.cfg.Create {
	case api.CreateKey:
		return checkKey(r, api.HeaderCreate, s.cfg.CreateKeys)
	case api.CreateEntra:
		_, err := entraPrincipal(s.cfg, r)
		return err
	}
	return nil
}

// refusalTime is how long after an event of refused calls a process publishes the next at
// the earliest: anybody can make such calls, and events of others must not be displaced by
// theirs.
const refusalTime = time.Minute

// forOperators returns f, restricted to operators. Refused calls publish an event.
func (s *service) forOperators(f function) function {
	return func(ctx context.Context, r *http.Request) (answer, error) {
		if err := s.checkOperator(r); err != nil {
			if s.limits.refusals.take(struct{}{}, refusalTime) == 0 {
				s.holds.Refuse()
			}
			return answer{}, err
		}
		return f(ctx, r)
	}
}

// checkOperator admits operators by a key or by their Entra role.
func (s *service) checkOperator(r *http.Request) error {
	if r.Header.Get(api.HeaderAdmin) != "" || !s.cfg.Entra {
		return checkKey(r, api.HeaderAdmin, s.adminKeys)
	}
	p, err := entraPrincipal(s.cfg, r)
	if err != nil {
		return err
	}
	if !p.has(s.cfg.AdminRole) {
		return errForbidden
	}
	return nil
}

// checkKey compares the key in a header with the hashes of all keys, in constant time.
func checkKey(r *http.Request, header string, keys []config.KeyHash) error {
	values := r.Header.Values(header)
	switch {
	case len(values) == 0 || values[0] == "":
		return &missingProofError{header}
	case len(values) > 1:
		return &secret.InvalidError{Field: header, Reason: "is duplicated"}
	}
	hash, found := config.Hash(values[0]), 0
	for _, k := range keys {
		found |= subtle.ConstantTimeCompare(k[:], hash[:])
	}
	if found != 1 {
		return errForbidden
	}
	return nil
}

// principal is the signed-in user or application, as App Service authentication
// describes it.
type principal struct {
	Type   string `json:"auth_typ"`
	Roles  string `json:"role_typ"` // the claim type of roles
	Claims []struct {
		Type  string `json:"typ"`
		Value string `json:"val"`
	} `json:"claims"`
}

// entraPrincipal reads the header that App Service authentication sets. It is trusted
// only with SSS_ENTRA=on, since anyone can forge it elsewhere. Source: "Work with
// user identities in Azure App Service authentication" of the Azure documentation.
func entraPrincipal(cfg *config.Config, r *http.Request) (*principal, error) {
	var p principal
	data, err := base64.StdEncoding.DecodeString(r.Header.Get("X-MS-CLIENT-PRINCIPAL"))
	if !cfg.Entra || err != nil || json.Unmarshal(data, &p) != nil || p.Type != "aad" || len(p.Claims) == 0 {
		return nil, &missingProofError{"sign-in by Entra ID"}
	}
	return &p, nil
}

// has reports whether the principal has an application role.
func (p *principal) has(role string) bool {
	for _, c := range p.Claims {
		if (c.Type == "roles" || c.Type == p.Roles) && c.Value == role {
			return true
		}
	}
	return false
}

package vaulttest

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"time"
)

type object map[string]any

// failure is a response other than 200.
type failure struct {
	status               int
	code, inner, message string
}

func badParameter(name string) *failure {
	return &failure{status: http.StatusBadRequest, code: "BadParameter", message: "Property " + name + " has invalid value"}
}

// operation carries out a call, given its body. It is called with mu held.
type operation func(r *http.Request, body []byte) (object, *failure)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, op := range map[string]struct {
		name string
		do   operation
	}{
		"POST /keys/{name}/create":              {Create, s.createKey},
		"GET /keys/{name}/{$}":                  {Get, s.getKey},
		"GET /keys/{name}/{version}":            {Get, s.getKey},
		"GET /keys":                             {List, s.listKeys},
		"GET /keys/{name}/versions":             {Versions, s.listVersions},
		"PATCH /keys/{name}/{$}":                {Update, s.updateKey},
		"PATCH /keys/{name}/{version}":          {Update, s.updateKey},
		"DELETE /keys/{name}":                   {Destroy, s.deleteKey},
		"POST /keys/{name}/{version}/unwrapkey": {Unwrap, s.unwrapKey},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op.name, op.do) })
	}
	return mux
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, name string, do operation) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || !s.authorized(w, r) {
		return
	}
	s.count(name)
	fault := s.next(name)
	switch {
	case fault == nil || fault.passed:
	case fault.status != 0:
		write(w, failureOf(fault.status))
		return
	case !fault.lost:
		select {
		case <-r.Context().Done():
		case <-s.stopped:
		}
		panic(http.ErrAbortHandler) // a return would send 200, which the client may still see
	}
	s.mu.Lock()
	response, failed := do(r, body)
	s.mu.Unlock()
	if fault != nil && fault.lost {
		panic(http.ErrAbortHandler) // makes net/http break the connection
	}
	if failed != nil {
		write(w, failed)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(response)
}

func write(w http.ResponseWriter, f *failure) {
	content := object{"code": f.code, "message": f.message}
	if f.inner != "" {
		content["innererror"] = object{"code": f.inner}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(object{"error": content})
}

func (s *Server) createKey(r *http.Request, body []byte) (object, *failure) {
	var in struct {
		Kty  string
		Size int      `json:"key_size"`
		Ops  []string `json:"key_ops"`
	}
	if json.Unmarshal(body, &in) != nil || in.Kty != "RSA" {
		return nil, badParameter("kty")
	}
	v, failed := s.create(r.PathValue("name"), in.Size, in.Ops)
	if failed != nil {
		return nil, failed
	}
	return s.bundle(r.PathValue("name"), v), nil
}

// find returns the version that the call names.
func (s *Server) find(r *http.Request) (*version, *failure) {
	if k := s.keys[r.PathValue("name")]; k != nil {
		if v := k.find(r.PathValue("version")); v != nil {
			return v, nil
		}
	}
	return nil, &failure{status: http.StatusNotFound, code: "KeyNotFound",
		message: "A key with (name/id) " + r.PathValue("name") + " was not found in this key vault."}
}

// getKey works for a disabled key, too: its public half can still be read.
func (s *Server) getKey(r *http.Request, _ []byte) (object, *failure) {
	v, failed := s.find(r)
	if failed != nil {
		return nil, failed
	}
	return s.bundle(r.PathValue("name"), v), nil
}

func (s *Server) updateKey(r *http.Request, body []byte) (object, *failure) {
	var in struct{ Attributes struct{ Enabled *bool } }
	if json.Unmarshal(body, &in) != nil {
		return nil, badParameter("attributes")
	}
	if v, _ := s.find(r); v != nil && in.Attributes.Enabled != nil {
		v.enabled, v.updated = *in.Attributes.Enabled, time.Now().Unix()
	}
	return s.getKey(r, nil)
}

func (s *Server) deleteKey(r *http.Request, _ []byte) (object, *failure) {
	response, failed := s.getKey(r, nil)
	if failed == nil {
		name, now := r.PathValue("name"), time.Now()
		response["recoveryId"] = s.URL + "/deletedkeys/" + name
		response["deletedDate"], response["scheduledPurgeDate"] = now.Unix(), now.AddDate(0, 0, 90).Unix()
		move(s.keys, s.deleted, name)
	}
	return response, failed
}

func (s *Server) unwrapKey(r *http.Request, body []byte) (object, *failure) {
	var in struct{ Alg, Value string }
	if json.Unmarshal(body, &in) != nil || in.Alg != "RSA-OAEP-256" {
		return nil, badParameter("alg")
	}
	wrapped, err := base64.RawURLEncoding.DecodeString(in.Value)
	if err != nil {
		return nil, badParameter("value")
	}
	v, failed := s.find(r)
	switch {
	case failed != nil:
		return nil, failed
	case !v.enabled:
		return nil, &failure{status: http.StatusForbidden, code: "Forbidden", inner: "KeyDisabled",
			message: "Operation unwrapKey is not allowed on a disabled key."}
	case !slices.Contains(v.ops, "unwrapKey"):
		return nil, &failure{status: http.StatusForbidden, code: "Forbidden", inner: "KeyOperationForbidden",
			message: "Operation unwrapKey is not permitted on this key."}
	}
	value, err := rsa.DecryptOAEP(sha256.New(), nil, v.private, wrapped, nil)
	if err != nil {
		return nil, badParameter("value")
	}
	return object{"kid": s.kid(r.PathValue("name"), v), "value": base64.RawURLEncoding.EncodeToString(value)}, nil
}

func (s *Server) listKeys(r *http.Request, _ []byte) (object, *failure) {
	var items []object
	for _, name := range slices.Sorted(maps.Keys(s.keys)) {
		items = append(items, object{"kid": s.URL + "/keys/" + name, "attributes": attributes(s.keys[name].latest())})
	}
	return s.page(r, items)
}

func (s *Server) listVersions(r *http.Request, _ []byte) (object, *failure) {
	name := r.PathValue("name")
	var items []object
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			items = append(items, object{"kid": s.kid(name, v), "attributes": attributes(v)})
		}
	}
	return s.page(r, items)
}

// page returns the page of a list that the call asks for.
func (s *Server) page(r *http.Request, items []object) (object, *failure) {
	from, err := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	if err != nil && r.URL.Query().Has("$skiptoken") || from < 0 || from > len(items) {
		return nil, badParameter("$skiptoken")
	}
	to := min(from+PageSize, len(items))
	response := object{"value": items[from:to], "nextLink": nil}
	if to < len(items) {
		response["nextLink"] = fmt.Sprintf("%s%s?api-version=%s&$skiptoken=%d&maxresults=%d", s.URL, r.URL.Path, r.URL.Query().Get("api-version"), to, PageSize)
	}
	return response, nil
}

func (s *Server) kid(name string, v *version) string { return s.URL + "/keys/" + name + "/" + v.id }

func (s *Server) bundle(name string, v *version) object {
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	return object{
		"key": object{
			"kid": s.kid(name, v), "kty": "RSA", "key_ops": v.ops,
			"n": number(v.private.N), "e": number(big.NewInt(int64(v.private.E))),
		},
		"attributes": attributes(v),
	}
}

func attributes(v *version) object {
	return object{
		"enabled": v.enabled, "created": v.created, "updated": v.updated,
		"recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90,
	}
}

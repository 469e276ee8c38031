package vaulttest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
)

func (s *Server) listKeys(r *http.Request, _ []byte) (object, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var items []object
	for _, name := range slices.Sorted(maps.Keys(s.keys)) {
		items = append(items, object{"kid": s.URL + "/keys/" + name, "attributes": attributes(s.keys[name].latest())})
	}
	return s.page(r, items)
}

func (s *Server) listVersions(r *http.Request, _ []byte) (object, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.PathValue("name")
	var items []object
	if k := s.keys[name]; k != nil {
		for _, v := range k.versions {
			items = append(items, object{"kid": s.kid(name, v), "attributes": attributes(v)})
		}
	}
	return s.page(r, items)
}

// page answers the part of a list that the call asks for.
func (s *Server) page(r *http.Request, items []object) (object, *failure) {
	from, err := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	if err != nil && r.URL.Query().Has("$skiptoken") || from < 0 || from > len(items) {
		return nil, badParameter("$skiptoken")
	}
	to := min(from+PageSize, len(items))
	answer := object{"value": items[from:to], "nextLink": nil}
	if to < len(items) {
		answer["nextLink"] = fmt.Sprintf("%s%s?api-version=%s&$skiptoken=%d&maxresults=%d", s.URL, r.URL.Path, r.URL.Query().Get("api-version"), to, PageSize)
	}
	return answer, nil
}

func badParameter(name string) *failure {
	return &failure{status: http.StatusBadRequest, code: "BadParameter", message: "Property " + name + " has invalid value"}
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

package vaulttest

import (
	"encoding/json"
	"io"
	"net/http"
)

type object map[string]any

// failure is an answer other than 200.
type failure struct {
	status               int
	code, inner, message string
}

// operation answers one call, given its body.
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
		write(w, failed(fault.status))
		return
	case !fault.lost:
		select {
		case <-r.Context().Done():
		case <-s.stopped:
		}
		panic(http.ErrAbortHandler) // a plain return would answer 200, which the client may still see
	}
	answer, failed := do(r, body)
	if fault != nil && fault.lost {
		panic(http.ErrAbortHandler) // how net/http is told to break a connection
	}
	if failed != nil {
		write(w, failed)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer)
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

package host

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// route is the handlers of one path, by method.
type route map[string]http.Handler

// apiRoutes refuses two functions that have a route and a method in common. Routes
// that differ in the names of their wildcards are refused by newMux.
func apiRoutes(functions []Function, handlers Handlers) (map[string]route, error) {
	routes := map[string]route{}
	for _, f := range functions {
		if f.HTTP == nil {
			continue
		}
		pattern := Prefix + f.HTTP.Route
		if routes[pattern] == nil {
			routes[pattern] = route{}
		}
		for _, method := range f.HTTP.Methods {
			if routes[pattern][method] != nil {
				return nil, fmt.Errorf("function %s shares %s %s with another", f.Name, method, pattern)
			}
			routes[pattern][method] = handlers.HTTP[f.Name]
		}
	}
	return routes, nil
}

// newMux serves routes by pattern. Handlers find the pattern and the path values in
// the request. A request without a route goes to NotFound, with an empty Pattern,
// and is never redirected.
func newMux(routes map[string]route, handlers Handlers) (_ http.Handler, err error) {
	defer func() {
		if conflict := recover(); conflict != nil {
			err = fmt.Errorf("routes: %v", conflict)
		}
	}()
	notFound := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = ""
		handlers.NotFound.ServeHTTP(w, r)
	})
	mux := http.NewServeMux()
	mux.Handle("/", notFound)
	for pattern, methods := range routes {
		mux.Handle(pattern, methods.or(handlers.MethodNotAllowed))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !clean(r.URL.EscapedPath()) {
			notFound(w, r) // ServeMux would redirect
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func (methods route) or(notAllowed http.Handler) http.Handler {
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := methods[r.Method]; ok {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		notAllowed.ServeHTTP(w, r)
	})
}

// clean reports whether ServeMux serves an escaped path without a redirect.
func clean(p string) bool {
	cleaned := path.Clean(p)
	return strings.HasPrefix(p, "/") && (p == cleaned || p == cleaned+"/" && p != "//")
}

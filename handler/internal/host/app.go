// Package host implements the protocol between the Azure Functions host and a
// custom handler (host 4.x, HTTP proxying on), and does the host's work when the
// program runs standalone. The functions are the same in both.
//
// [Load] reads the function.json files, strictly. [New] connects them with the
// program's handlers. The [App] is then served in one of two ways:
//
//   - [App.Hosted], under the host: HTTP functions on /api/<route>, and each
//     timer as POST /<name> with the host's invocation payload;
//   - [App.Standalone], the HTTP functions only, while [App.RunTimers] runs the
//     timers on the schedules of their manifests.
//
// [Address] reports which of the two applies. Under the host the program first
// listens and serves a [Gate], which answers the host's probe at once and makes
// every other call wait for [Gate.Ready]. Then it opens its dependencies.
//
// The host kills with SIGKILL and may send one request up to forty times. It does
// not restart a process that exits with 0, so a fatal error needs another code.
package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Timer is the work of a timer. Its context ends after [TimerLimit], and under
// the host also when the host drops the call. The process may be killed at any
// step and the timer run again, so it must be safe to repeat.
type Timer func(ctx context.Context) error

// Handlers implement the functions, by name, and answer requests for which there
// is no function.
type Handlers struct {
	HTTP   map[string]http.Handler
	Timers map[string]Timer

	NotFound         http.Handler // for an unknown path
	MethodNotAllowed http.Handler // called with the Allow header set

	// Ran is called after every run of a timer, concurrently. Optional.
	Ran func(context.Context, Run)
}

// Run is one run of a timer.
type Run struct {
	Timer        string
	InvocationID string // from the host, the same for all retries; empty when standalone
	PastDue      bool   // it catches up on a missed run
	Took         time.Duration
	Err          error
}

// App serves functions with their handlers. Safe for concurrent use.
type App struct {
	functions  []Function
	handlers   Handlers
	standalone http.Handler
	hosted     http.Handler
}

// New connects functions and handlers. Its error names every function without a
// handler of its kind and every handler without a function. It also refuses functions
// that would get the same requests.
func New(functions []Function, handlers Handlers) (*App, error) {
	if err := checkHandlers(functions, handlers); err != nil {
		return nil, err
	}
	app := &App{functions: functions, handlers: handlers}
	routes, err := apiRoutes(functions, handlers)
	if err != nil {
		return nil, err
	}
	if app.standalone, err = newMux(routes, handlers); err != nil {
		return nil, err
	}
	for name := range handlers.Timers {
		routes["/"+name] = route{http.MethodPost: app.invocation(name)}
	}
	app.hosted, err = newMux(routes, handlers)
	return app, err
}

// Standalone returns the handler of the HTTP functions only.
func (a *App) Standalone() http.Handler { return a.standalone }

// Hosted returns the handler of all that the Functions host sends: HTTP functions
// and timers.
func (a *App) Hosted() http.Handler { return a.hosted }

func checkHandlers(functions []Function, handlers Handlers) error {
	orphans := map[string]bool{}
	for name := range handlers.HTTP {
		orphans["HTTP handler "+name] = true
	}
	for name := range handlers.Timers {
		orphans["timer "+name] = true
	}
	var errs []error
	for _, f := range functions {
		want := "HTTP handler " + f.Name
		if f.Timer != nil {
			want = "timer " + f.Name
		}
		if !orphans[want] {
			errs = append(errs, fmt.Errorf("function %s has no %s", f.Name, want))
		}
		delete(orphans, want)
	}
	for _, name := range slices.Sorted(maps.Keys(orphans)) {
		errs = append(errs, fmt.Errorf("%s has no function", name))
	}
	return errors.Join(errs...)
}

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

package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Timer is the work of a timer. Its context ends after [TimerLimit], and under
// the host when the host goes away. It may be killed between any two steps, and
// run again after a failure: it must be safe to repeat.
type Timer func(ctx context.Context) error

// Handlers are the program's part of every function, by the function's name, and
// what answers where there is no function.
type Handlers struct {
	HTTP   map[string]http.Handler
	Timers map[string]Timer

	NotFound         http.Handler // no such path
	MethodNotAllowed http.Handler // the Allow header is set already

	// Ran hears of every run of a timer. Optional; called concurrently.
	Ran func(context.Context, Run)
}

// Run is one run of a timer.
type Run struct {
	Timer        string
	InvocationID string // the host's, the same for all retries; empty when standalone
	PastDue      bool   // the host made up for a run that it had missed
	Took         time.Duration
	Err          error
}

// App is the functions with their handlers. Safe for concurrent use.
type App struct {
	functions  []Function
	handlers   Handlers
	standalone http.Handler
	hosted     http.Handler
}

// New joins functions with their handlers. Its error names every function
// without a handler of its kind, and every handler without a function.
func New(functions []Function, handlers Handlers) (*App, error) {
	if err := checkHandlers(functions, handlers); err != nil {
		return nil, err
	}
	app := &App{functions: functions, handlers: handlers}
	routes := apiRoutes(functions, handlers)
	var err error
	if app.standalone, err = newMux(routes, handlers); err != nil {
		return nil, err
	}
	maps.Copy(routes, app.timerRoutes())
	app.hosted, err = newMux(routes, handlers)
	return app, err
}

// Standalone answers HTTP functions only.
func (a *App) Standalone() http.Handler { return a.standalone }

// Hosted answers what the Functions host sends: HTTP functions and timers.
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

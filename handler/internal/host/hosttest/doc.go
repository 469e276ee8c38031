// Package hosttest is a fake Azure Functions host for tests. [Start] reads a
// directory laid out as the deployed one (host.json, the executable that it
// names, <name>/function.json), starts the executable as the real host does, and
// from then on does to it what the real host was recorded doing: it polls GET /,
// proxies HTTP functions, posts invocations of timers, judges their answers,
// sends requests again, kills with SIGKILL and restarts.
//
//	h := hosttest.Start(t, "../../../dist", []string{"SSS_TABLE_URL=" + table})
//	res, err := http.Get(h.URL() + "/api/health") // waits for the handler
//	err = h.Trigger(t.Context(), "purge")         // nil: the host takes it for completed
//	h.Kill()                                      // the next call meets another process
//
// What it leaves out: the initialization time-out (a handler that never listens
// is waited for), retries of a timer by its policy ([Host.Trigger] is one
// attempt), a schedule of its own, probes of a handler that is ready, CORS,
// triggers other than HTTP and timers, pooled connections to the handler, and the
// older form of the proxy that keeps Host and X-Forwarded-*. Linux only.
package hosttest

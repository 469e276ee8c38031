// Package host speaks the Azure Functions host's protocol with a custom handler
// (host 4.x, HTTP proxying on), and stands in for the host when there is none.
// Nothing else in the program knows either.
//
// [Load] reads the function.json files, strictly. [New] joins them with the
// program's handlers and refuses a function without a handler and a handler
// without a function. The [App] is then served in one of two ways:
//
//   - [App.Hosted], under the host: HTTP functions on /api/<route>, and each
//     timer as POST /<name>, which takes the host's invocation payload and gives
//     the one answer that the host understands;
//   - [App.Standalone], which knows the HTTP functions only, with
//     [App.RunTimers] running the timers on the schedules of their manifests.
//
// [Address] says which of the two it is. Under the host the program listens
// first, serves a [Gate], which answers the host's probe at once and lets every
// other call wait until [Gate.Ready] gets the app, and then builds its parts:
//
//	addr, hosted, err := host.Address(os.Getenv)
//	functions, err := host.Load(functions.Files)
//	app, err := host.New(functions, host.Handlers{HTTP: .., Timers: .., NotFound: .., MethodNotAllowed: .., Ran: ..})
//	gate := host.NewGate(unavailable)
//	go func() { build the parts; gate.Ready(app.Hosted()) }()
//	err = host.Serve(ctx, listener, gate)
//
// The host kills with SIGKILL, may send one request up to forty times, and does
// not restart a process that exits with 0: a fatal error must exit with another.
package host

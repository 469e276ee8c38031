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
// every other call wait for [Gate.Ready]. Then it opens its dependencies:
//
//	addr, hosted, err := host.Address(os.Getenv)
//	functions, err := host.Load(functions.Files)
//	app, err := host.New(functions, host.Handlers{HTTP: .., Timers: .., NotFound: .., MethodNotAllowed: .., Ran: ..})
//	gate := host.NewGate(unavailable)
//	go func() { open the dependencies; gate.Ready(app.Hosted()) }()
//	err = host.Serve(ctx, listener, gate)
//
// The host kills with SIGKILL and may send one request up to forty times. It does
// not restart a process that exits with 0, so a fatal error needs another code.
package host

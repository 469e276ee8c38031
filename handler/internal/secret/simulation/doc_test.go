// Package simulation runs the real [secret.Service] on a store, a vault and a clock
// that a scheduler controls, and searches for an order of events that breaks a
// promise of package secret.
//
// Each call of a Service to one of its dependencies stops. The scheduler then
// carries it out, loses it, loses its answer, or carries it out late. Between two
// calls a process may crash, a client may give up and repeat, a hold may be placed
// or released, and time may pass. A schedule is the list of these choices. A failure
// prints its schedule, and the same choices fail again. The search is exhaustive up
// to a number of deviations from the straight path, and random beyond it.
package simulation

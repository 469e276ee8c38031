// Package simulation runs the real [secret.Service] on a store, a vault and a
// clock that a scheduler drives, and searches the orders in which their calls
// can happen for one that breaks a promise.
//
// Each call of a Service to a port stops until the scheduler lets it happen,
// loses it, loses its answer, or lets it land late; between any two a process
// may crash, a client give up and repeat, a hold come and go, time pass. A
// schedule is the list of these choices, so a failure prints one and replays.
// The search is exhaustive within a bound on how often a schedule may leave the
// straight path; a seeded random search goes deeper.
package simulation

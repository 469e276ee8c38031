// Package interleaving runs two calls of the real [secret.Service] at once on
// the real stores, in every order in which their operations on the store can
// follow each other, and compares what comes out with the table of docs/design.md.
//
// Package simulation goes deeper, with faults and more than two calls, on a
// store of its own. This one shows that the stores keep what that store promises.
package interleaving

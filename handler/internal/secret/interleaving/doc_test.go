// Package interleaving runs two calls of the real [secret.Service] at the same time on
// the real stores, in every order of their operations on the store, and compares the
// outcomes with the table in docs/design.md.
//
// Package simulation goes further, with faults and more calls, but on its own store.
// This package shows that the real stores behave like that one.
package interleaving

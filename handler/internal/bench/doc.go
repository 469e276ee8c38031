// Package bench compares the service with a bare net/http handler, in one run on
// one machine, so that the ratios hold for other machines. Its benchmarks have the
// build tag bench; docs/benchmarks.md has the results of a run.
package bench

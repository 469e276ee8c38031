// Package bench measures the service against the least that net/http can do, in
// one run on one machine, so that the ratios carry over to others. Its benchmarks
// have the build tag bench; docs/benchmarks.md keeps a run of them.
package bench

//go:build unix

package main

import "syscall"

// forbidCoreDumps keeps the proofs of current requests out of core dumps.
func forbidCoreDumps() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }

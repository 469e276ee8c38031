//go:build unix

package main

import "syscall"

// keepNoCore forbids core dumps: a request's proofs are in memory while it lasts.
func keepNoCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }

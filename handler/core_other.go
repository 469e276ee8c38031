//go:build !unix

package main

func keepNoCore() {}

// Package e2e runs the real binaries as a user and an operator would: alone on
// one machine, and under a fake Functions host against Azurite and a double of
// Key Vault. Its tests have the build tag e2e; ROUNDS=long makes the proofs long.
package e2e

// Package e2e runs the real binaries as users and operators do: standalone, and
// under a double of the Functions host with Azurite and a double of Key Vault
// (build tag e2e; ROUNDS=long makes the proofs long), under attack by hostile clients
// (build tags e2e and attack, run by make attack), and as a release installs them: in
// a container, behind Caddy, under the systemd unit (build tag selfhost, run by make
// selfhost).
package e2e

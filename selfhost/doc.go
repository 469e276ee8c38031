// Package deploy is what a service that stands alone is installed from: a compose
// file, Caddy's settings, a systemd unit. Its tests, which make selfhost runs on
// Linux, start what was packaged as these files say.
package selfhost

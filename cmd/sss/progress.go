package main

import (
	"fmt"
	"sync"
	"time"
)

// slowly tells on a terminal what takes more than a second, until the returned function is called.
func (a *app) slowly(what string) (done func()) {
	if !isTerminal(a.err) {
		return func() {}
	}
	var mu sync.Mutex
	shown, over := false, false
	timer := time.AfterFunc(time.Second, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			_, _ = fmt.Fprintf(a.err, "%s …", what)
			shown = true
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		if shown {
			_, _ = fmt.Fprint(a.err, "\r\x1b[K")
		}
	}
}

package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Under the host the probe is answered while the table service is still away;
// the process waits for that, says so, and stops when it is told to.
func TestTheHostsProbeIsAnsweredBeforeTheParts(t *testing.T) {
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	table := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer table.Close()
	p := begin(t, "FUNCTIONS_CUSTOMHANDLER_PORT="+port, "SSS_TABLE_URL="+table.URL+"/devstoreaccount1", "AZURE_FUNCTIONS_ENVIRONMENT=Development",
		"SSS_ORIGIN=https://secrets.example", "SSS_DATA="+t.TempDir(), "SSS_LISTEN=127.0.0.1:1")
	p.await("answer to the probe", func() bool {
		res, err := http.Get("http://" + addr + "/")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	p.await("word of the table service", func() bool { return strings.Contains(p.out.String(), "the table service does not answer yet") })
	p.stop()
	p.exits(1, "")
	if strings.Contains(p.out.String(), table.URL) {
		t.Errorf("the log holds addresses:\n%s", p.out)
	}
}

// The parts that health asks are those that the settings choose.
func TestPartsFollowTheSettings(t *testing.T) {
	w := newWorld(t)
	var names []string
	for name := range w.pings {
		names = append(names, name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"keyring", "store"}) || w.cred != nil || w.scrubber == nil {
		t.Errorf("parts are %v, credential %v", names, w.cred)
	}
}

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		":7071": "127.0.0.1:7071", "0.0.0.0:7071": "127.0.0.1:7071", "[::]:7071": "127.0.0.1:7071", "127.0.0.1:1": "127.0.0.1:1",
		"localhost:1": "localhost:1", "[::1]:1": "[::1]:1", "192.0.2.1:1": "192.0.2.1:1",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s is asked at %s, want %s", address, got, want)
		}
	}
}

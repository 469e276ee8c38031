package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// Under the host the probe is answered while the Table service is away. The process
// waits for the service, logs that, and still stops when it should.
func TestProbeIsAnsweredBeforeTheDependenciesAreOpen(t *testing.T) {
	addr := testkit.FreeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	table := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer table.Close()
	p := begin(t, "FUNCTIONS_CUSTOMHANDLER_PORT="+port, "SSS_TABLE_URL="+table.URL+"/devstoreaccount1", "AZURE_FUNCTIONS_ENVIRONMENT=Development",
		"SSS_ORIGIN=https://secrets.example", "SSS_DATA="+t.TempDir(), "SSS_LISTEN=127.0.0.1:1")
	testkit.Await(t, "answer to the probe", func() bool { return testkit.Answers("http://" + addr + "/") })
	testkit.Await(t, "log line about the Table service", func() bool { return strings.Contains(p.out.String(), "the Table service does not answer yet") })
	p.stop()
	p.exits(1, "")
	if strings.Contains(p.out.String(), table.URL) {
		t.Errorf("the log has addresses:\n%s", p.out)
	}
}

func TestDialAddress(t *testing.T) {
	for address, want := range map[string]string{
		":7071": "127.0.0.1:7071", "0.0.0.0:7071": "127.0.0.1:7071", "[::]:7071": "127.0.0.1:7071", "127.0.0.1:1": "127.0.0.1:1",
		"localhost:1": "localhost:1", "[::1]:1": "[::1]:1", "192.0.2.1:1": "192.0.2.1:1",
	} {
		if got := dialAddress(address); got != want {
			t.Errorf("%s is dialed at %s, want %s", address, got, want)
		}
	}
}

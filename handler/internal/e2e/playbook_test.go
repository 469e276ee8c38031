//go:build e2e

package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
)

// vaultOfAlerts is the vault that the recorded alerts name.
const vaultOfAlerts = "/subscriptions/6f5e4d3c-0000-4000-8000-00000000000a/resourceGroups/rg-secrets/providers/Microsoft.KeyVault/vaults/kv-secrets"

const alertID = "2517001122334455667_0a1b2c3d-1111-4222-8333-444455556666"

const playbooks = "../../../infra/playbooks/testdata"

// A golden request is one that a playbook sends; infra/playbooks compares it with the definition.
type goldenRequest struct {
	Method, URI, Audience, Body string
	Headers                     map[string]string
}

func golden(t *testing.T, action string) goldenRequest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(playbooks, "requests.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]goldenRequest
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if all[action].URI == "" {
		t.Fatalf("requests.json has no %s", action)
	}
	return all[action]
}

// recorded returns a recorded alert with another id and another status.
func recorded(t *testing.T, file, id, status string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(playbooks, file))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(alertID), []byte(id))
	for _, old := range []string{`"Status": "New"`, `"status": "New"`, `"status": "Active"`} {
		name, _, _ := strings.Cut(old, ":")
		data = bytes.ReplaceAll(data, []byte(old), []byte(name+`: "`+status+`"`))
	}
	return data
}

// play sends a request of a playbook through App Service authentication, which replaces the caller's
// principal header by the claims of its token. It returns the status, and the id of the hold if any.
func play(t *testing.T, url string, g goldenRequest, body []byte) (status int, hold string) {
	t.Helper()
	path := strings.TrimPrefix(g.URI, "https://secrets.example.com")
	r, err := http.NewRequestWithContext(t.Context(), g.Method, url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range g.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("X-MS-CLIENT-PRINCIPAL", base64.StdEncoding.EncodeToString([]byte(`{"auth_typ":"aad","claims":[`+
		`{"typ":"aud","val":"`+g.Audience+`"},{"typ":"roles","val":"Secrets.Operate"}],"role_typ":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role"}`)))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %s: %d %s", g.Method, path, res.StatusCode, answer)
	// The fields that the playbooks read. A problem has no hold.
	var decoded struct{ Hold struct{ ID string } }
	_ = json.Unmarshal(answer, &decoded)
	return res.StatusCode, decoded.Hold.ID
}

// releaseHold sends the golden release for a hold.
func releaseHold(t *testing.T, url, hold string) int {
	t.Helper()
	g := golden(t, "Release")
	g.URI = strings.Replace(g.URI, "/a1b2?", "/"+hold+"?", 1)
	status, _ := play(t, url, g, nil)
	return status
}

// The service accepts the requests of the playbooks: every form of an alert freezes the secrets, directly
// or by the queue, and a release frees them.
func TestServiceAcceptsTheRequestsOfThePlaybooks(t *testing.T) {
	bus := bustest.Start(t, bustest.Options{})
	h, _ := hosted(t, "SSS_ENTRA=on", "SSS_RESOURCES="+vaultOfAlerts, "SSS_SERVICEBUS="+bus.Namespace())
	c, ctx := dial(t, h.URL()), t.Context()
	s, err := send(ctx, c, "frozen and thawed", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	frozen := func() bool {
		_, status := readOnce(ctx, h.URL(), s)
		return status == http.StatusLocked
	}
	first, second := "2517_"+rand.Text(), "2517_"+rand.Text()
	quarantine := golden(t, "Quarantine")

	// Other tests share the tables: leave no hold behind.
	var hold string
	defer func() { releaseHold(t, h.URL(), hold) }()
	for i, file := range []string{quarantine.Body, "logicapp-camel.json", "api.json"} {
		want := http.StatusOK // the alert has its hold already
		if i == 0 {
			want = http.StatusCreated
		}
		status, id := play(t, h.URL(), quarantine, recorded(t, file, first, "New"))
		if status != want || id == "" || !frozen() {
			t.Fatalf("%s: %d with the hold %q, frozen: %v", file, status, id, frozen())
		}
		hold = id
	}
	for range 2 { // a repeated release succeeds too
		if status := releaseHold(t, h.URL(), hold); status != http.StatusOK {
			t.Fatalf("release: %d", status)
		}
	}

	sender, err := bus.Client(t).NewSender(bustest.Queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	queue := golden(t, "Queue")
	if !strings.HasSuffix(queue.URI, "/"+bustest.Queue+"/messages") {
		t.Errorf("the playbook sends to %s", queue.URI)
	}
	contentType := queue.Headers["Content-Type"]
	if err := sender.SendMessage(ctx, &azservicebus.Message{Body: recorded(t, queue.Body, second, "New"), ContentType: &contentType}, nil); err != nil {
		t.Fatal(err)
	}
	defer play(t, h.URL(), quarantine, recorded(t, "api.json", second, "Resolved"))
	if err := h.Trigger(ctx, "patrol"); err != nil || !frozen() {
		t.Fatalf("the queued alert placed no hold: %v", err)
	}
	if status, _ := play(t, h.URL(), quarantine, recorded(t, "api.json", second, "Resolved")); status != http.StatusOK {
		t.Errorf("resolved: %d", status)
	}
	if err := s.open(ctx, c, newKey()); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

// The service refuses requests with statuses that the playbooks do not retry.
func TestServiceRefusesWithStatusesThatPlaybooksReport(t *testing.T) {
	h, _ := hosted(t, "SSS_ENTRA=on", "SSS_RESOURCES=/subscriptions/00000000-0000-4000-8000-00000000000b/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/ours")
	quarantine := golden(t, "Quarantine")
	for name, body := range map[string][]byte{
		"of other resources": recorded(t, quarantine.Body, "2517_three", "New"),
		"without a type":     []byte(`{"SystemAlertId": "2517_four"}`),
	} {
		if status, _ := play(t, h.URL(), quarantine, body); status != http.StatusUnprocessableEntity {
			t.Errorf("an alert %s: %d", name, status)
		}
	}
	if status := releaseHold(t, h.URL(), "unknown"); status != http.StatusNotFound {
		t.Errorf("release of an unknown hold: %d", status)
	}
}

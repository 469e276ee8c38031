//go:build e2e

package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/playbook"
)

// vaultOfAlerts is the vault that the recorded alerts name.
const vaultOfAlerts = "/subscriptions/6f5e4d3c-0000-4000-8000-00000000000a/resourceGroups/rg-secrets/providers/Microsoft.KeyVault/vaults/kv-secrets"

const audience = "api://secrets.example.com"

// azure is what the playbooks reach: the service behind App Service
// authentication, the queue, and the alerts API.
type azure struct {
	t      *testing.T
	url    string // of the service; nobody is there when it is empty
	queue  *azservicebus.Sender
	marked []string
	last   playbook.Answer // of the service
	holds  map[string]bool // that it named
}

func (a *azure) send(q playbook.Request) playbook.Answer {
	target, err := url.Parse(q.URI)
	if err != nil {
		a.t.Fatal(err)
	}
	switch target.Host {
	case "secrets.example.com":
		a.last = a.toService(q, target)
		if id := a.holdID(); id != "" {
			a.holds[id] = true
		}
		return a.last
	case "sb-secrets.servicebus.windows.net":
		if q.Audience != "https://servicebus.azure.net" || target.Path != "/"+bustest.Queue+"/messages" {
			return playbook.Answer{Status: http.StatusUnauthorized}
		}
		contentType := q.Headers["Content-Type"]
		if err := a.queue.SendMessage(a.t.Context(), &azservicebus.Message{Body: q.Body, ContentType: &contentType}, nil); err != nil {
			a.t.Fatal(err)
		}
		return playbook.Answer{Status: http.StatusCreated}
	case "management.azure.com":
		a.marked = append(a.marked, target.Path)
		return playbook.Answer{Status: http.StatusNoContent}
	default:
		a.t.Fatalf("a request to %s", q.URI)
		return playbook.Answer{}
	}
}

// toService does what App Service authentication does: it puts the claims of the
// token in the place of whatever the caller says of itself.
func (a *azure) toService(q playbook.Request, target *url.URL) playbook.Answer {
	if a.url == "" {
		return playbook.Answer{Status: playbook.Unsent}
	}
	if q.Audience != audience {
		return playbook.Answer{Status: http.StatusUnauthorized}
	}
	r, err := http.NewRequestWithContext(a.t.Context(), q.Method, a.url+target.RequestURI(), bytes.NewReader(q.Body))
	if err != nil {
		a.t.Fatal(err)
	}
	for k, v := range q.Headers {
		r.Header.Set(k, v)
	}
	r.Header.Set("X-MS-CLIENT-PRINCIPAL", base64.StdEncoding.EncodeToString([]byte(`{"auth_typ":"aad","claims":[`+
		`{"typ":"aud","val":"`+audience+`"},{"typ":"roles","val":"Secrets.Operate"}],"role_typ":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role"}`)))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return playbook.Answer{Status: res.StatusCode, Headers: map[string]string{"Content-Type": res.Header.Get("Content-Type")}, Body: body}
}

// play runs a playbook against what there is of Azure.
func (a *azure) play(file, trigger string, body any) *playbook.Run {
	a.t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "infra", "playbooks", file))
	if err != nil {
		a.t.Fatal(err)
	}
	d, err := playbook.Parse(data)
	if err != nil {
		a.t.Fatal(err)
	}
	run, err := d.Run(playbook.Start{
		Trigger: trigger, Body: body, Send: a.send, Headers: map[string]string{"Authorization": "Bearer eyJ0"},
		Parameters: map[string]any{"api": "https://secrets.example.com", "audience": audience, "servicebus": "sb-secrets.servicebus.windows.net"},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return run
}

// recorded returns an alert that is recorded with the playbooks, changed by some members.
func recorded(t *testing.T, shape, id, status string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "playbook", "testdata", shape))
	if err != nil {
		t.Fatal(err)
	}
	const was = "2517001122334455667_0a1b2c3d-1111-4222-8333-444455556666"
	data = bytes.ReplaceAll(data, []byte(was), []byte(id))
	for _, old := range []string{`"Status": "New"`, `"status": "New"`, `"status": "Active"`} {
		name, _, _ := strings.Cut(old, ":")
		data = bytes.ReplaceAll(data, []byte(old), []byte(name+`: "`+status+`"`))
	}
	var alert map[string]any
	if err := json.Unmarshal(data, &alert); err != nil {
		t.Fatal(err)
	}
	return alert
}

// holdID returns the hold that the service's last answer names, empty without one.
func (a *azure) holdID() string {
	var body struct {
		Hold struct {
			ID string `json:"id"`
		} `json:"hold"`
	}
	_ = json.Unmarshal(a.last.Body, &body) // a problem has no hold, either
	return body.Hold.ID
}

// lift leaves no hold to the tests that share the tables.
func (a *azure) lift() {
	for id := range a.holds {
		a.play("release.json", "On_demand", map[string]any{"hold": id, "reason": "the test is over"})
	}
}

// TestAPlaybookFreezesAndReleases goes from Defender's alert to the frozen secret and back.
func TestAPlaybookFreezesAndReleases(t *testing.T) {
	bus := bustest.Start(t, bustest.Options{})
	h, _ := hosted(t, "SSS_ENTRA=on", "SSS_RESOURCES="+vaultOfAlerts, "SSS_SERVICEBUS="+bus.Namespace())
	queue, err := bus.Client(t).NewSender(bustest.Queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &azure{t: t, url: h.URL(), queue: queue, holds: map[string]bool{}}
	defer a.lift()
	one, two := "2517_"+rand.Text(), "2517_"+rand.Text()
	c, ctx := dial(t, h.URL()), t.Context()
	s, err := send(ctx, c, "frozen and thawed", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	held := func() bool {
		_, status := readOnce(ctx, h.URL(), s)
		if status != http.StatusLocked {
			t.Logf("a read is answered %d", status)
		}
		return status == http.StatusLocked
	}

	for i, shape := range []string{"logicapp.json", "logicapp-camel.json", "api.json"} {
		run := a.play("quarantine.json", "Alert", recorded(t, shape, one, "New"))
		if want := []int{http.StatusCreated, http.StatusOK, http.StatusOK}[i]; run.Status != playbook.Succeeded || a.last.Status != want || !held() {
			t.Fatalf("%s: run %s, %d %s: %v", shape, run.Status, a.last.Status, a.last.Body, run.Actions)
		}
	}
	if len(a.marked) != 3 || len(slices.Compact(slices.Clone(a.marked))) != 1 || !strings.HasSuffix(a.marked[0], "/locations/northeurope/alerts/"+one+"/inProgress") {
		t.Errorf("marked %v", a.marked)
	}
	first := a.holdID()
	for range 2 { // the second time it is lifted already
		run := a.play("release.json", "On_demand", map[string]any{"hold": first, "reason": "false alarm, 100 %"})
		if run.Status != playbook.Succeeded || run.Response.Status != http.StatusOK || !strings.Contains(string(a.last.Body), "false alarm, 100 %") {
			t.Fatalf("release: %s, %d %s", run.Status, a.last.Status, a.last.Body)
		}
	}
	if run := a.play("quarantine.json", "Alert", recorded(t, "logicapp.json", one, "New")); run.Status != playbook.Succeeded || len(a.marked) != 3 {
		t.Errorf("a late delivery: run %s, marked %v, %s", run.Status, a.marked, a.last.Body)
	}

	a.url = ""
	if run := a.play("quarantine.json", "Alert", recorded(t, "logicapp.json", two, "New")); run.Status != playbook.Succeeded || run.Actions["Queue"] != playbook.Succeeded {
		t.Fatalf("without the service: %s, %v", run.Status, run.Actions)
	}
	a.url = h.URL()
	if err := h.Trigger(ctx, "patrol"); err != nil || !held() {
		t.Fatalf("the queued alert raised no hold: %v", err)
	}
	run := a.play("quarantine.json", "Alert", recorded(t, "api.json", two, "Resolved"))
	if run.Status != playbook.Succeeded || len(a.marked) != 3 {
		t.Errorf("once resolved: run %s, marked %v, %s", run.Status, a.marked, a.last.Body)
	}
	if err := s.open(ctx, c, newKey()); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

// TestAPlaybookFailsWhatTheServiceRefuses has it refuse an alert, a release and a caller.
func TestAPlaybookFailsWhatTheServiceRefuses(t *testing.T) {
	h, _ := hosted(t, "SSS_ENTRA=on", "SSS_RESOURCES=/subscriptions/00000000-0000-4000-8000-00000000000b/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/ours")
	a := &azure{t: t, url: h.URL(), holds: map[string]bool{}}
	defer a.lift()
	for name, body := range map[string]any{
		"of foreign resources": recorded(t, "logicapp.json", "2517_three", "New"),
		"of nothing":           map[string]any{"SystemAlertId": "2517_four"},
	} {
		if run := a.play("quarantine.json", "Alert", body); run.Status != playbook.Failed || run.Code != "422" || len(a.marked) != 0 {
			t.Errorf("%s: run %s with %q, marked %v: %s", name, run.Status, run.Code, a.marked, a.last.Body)
		}
	}
	for status, body := range map[int]any{
		http.StatusNotFound:            map[string]any{"hold": "unknown", "reason": "r"},
		http.StatusUnprocessableEntity: map[string]any{"hold": "unknown"},
	} {
		if run := a.play("release.json", "On_demand", body); run.Status != playbook.Failed || run.Response.Status != status {
			t.Errorf("release of %v: run %s, %d %s", body, run.Status, a.last.Status, a.last.Body)
		}
	}
}

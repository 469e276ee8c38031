//go:build e2e

package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// TestAQueuedAlertFreezes runs patrol with alerts in the queue. Then a read is
// refused, invalid and foreign messages are dead letters, and the topic has events of
// the hold, of the refused operator and of the release.
func TestAQueuedAlertFreezes(t *testing.T) {
	const key = "an operator's key"
	sum := sha256.Sum256([]byte(key))
	bus := bustest.Start(t, bustest.Options{})
	h, _ := hosted(t, "SSS_ADMIN_KEYS="+hex.EncodeToString(sum[:]), "SSS_RESOURCES="+ourVault, "SSS_SERVICEBUS="+bus.Namespace())
	c, ctx, url := dial(t, h.URL()), t.Context(), h.URL()
	s, err := send(ctx, c, "frozen from the queue", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	alert := strings.Replace(drillAlert, "2518000000000000000_drill", "2518_"+rand.Text(), 1)
	foreign := strings.Replace(alert, "3b2f6b4e", "9d1c7a20", 1)
	enqueue(t, bus, alert, "no alert", foreign, alert)
	if err := h.Trigger(ctx, "patrol"); err != nil {
		t.Fatal(err)
	}
	if _, status := readOnce(ctx, url, s); status != http.StatusLocked {
		t.Errorf("a read in the hold is answered %d", status)
	}
	if got := deadLetters(t, bus); fmt.Sprint(got) != "[refused: body is not valid JSON refused: resources must include one that SSS_RESOURCES names]" {
		t.Errorf("dead letters: %s", got)
	}
	hold := activeHold(t, url, key)
	path := "/api/quarantine/" + hold + "?reason=over"
	if status, answer := operate(t, url, "another", http.MethodDelete, path, ""); status != http.StatusForbidden || strings.Contains(answer, hold) {
		t.Errorf("a release with another key: %d %s", status, answer)
	}
	if status, answer := operate(t, url, key, http.MethodDelete, path, ""); status != http.StatusOK || !strings.Contains(answer, `"event_sent":true`) {
		t.Errorf("release: %d %s", status, answer)
	}
	if err := s.open(ctx, c, newKey()); err != nil {
		t.Errorf("after the release: %v", err)
	}
	expectEvents(t, bus, hold, "secretsharer.hold.created", "secretsharer.operator.refused", "secretsharer.hold.released")
	for _, path := range []string{"/patrol", "/api/patrol"} {
		if testkit.Answers(url + path) {
			t.Errorf("%s can be called from outside", path)
		}
	}
}

func enqueue(t *testing.T, bus *bustest.Broker, alerts ...string) {
	t.Helper()
	sender, err := bus.Client(t).NewSender(bustest.Queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts {
		if err := sender.SendMessage(t.Context(), &azservicebus.Message{Body: []byte(a)}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// deadLetters returns reason and description of each dead letter, sorted.
func deadLetters(t *testing.T, bus *bustest.Broker) (all []string) {
	t.Helper()
	r, err := bus.Client(t).NewReceiverForQueue(bustest.Queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	if err != nil {
		t.Fatal(err)
	}
	dead, err := r.PeekMessages(t.Context(), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range dead {
		all = append(all, *m.DeadLetterReason+": "+*m.DeadLetterErrorDescription)
	}
	slices.Sort(all)
	return all
}

// activeHold returns the id of the only active hold.
func activeHold(t *testing.T, url, key string) string {
	t.Helper()
	status, answer := operate(t, url, key, http.MethodGet, "/api/quarantine", "")
	var listed struct {
		Active []struct {
			ID     string `json:"id"`
			Source string `json:"source"`
		} `json:"active"`
	}
	if err := json.Unmarshal([]byte(answer), &listed); err != nil || status != http.StatusOK || len(listed.Active) != 1 || listed.Active[0].Source != "defender" {
		t.Fatalf("want one hold: %d %s", status, answer)
	}
	return listed.Active[0].ID
}

// expectEvents waits for an event of each type. Events of a hold must name it, and a
// repeated event must have the same id.
func expectEvents(t *testing.T, bus *bustest.Broker, hold string, types ...string) {
	t.Helper()
	ids := map[string]string{}
	bus.Events(t, func(all []*azservicebus.ReceivedMessage) bool {
		for _, m := range all {
			name, _ := m.ApplicationProperties["cloudEvents:type"].(string)
			if !slices.Contains(types, name) {
				continue
			}
			subject, _ := m.ApplicationProperties["cloudEvents:subject"].(string)
			if strings.Contains(name, ".hold.") && subject != hold[:8] || m.ApplicationProperties["cloudEvents:specversion"] != "1.0" {
				t.Errorf("%s has properties %v", name, m.ApplicationProperties)
			}
			if was := ids[name]; was != "" && was != m.MessageID {
				t.Errorf("events of type %s with two ids", name)
			}
			ids[name] = m.MessageID
		}
		return len(ids) == len(types)
	})
}

package playbook

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
)

const (
	raised = `{"hold":{"id":"a1","scope":{"kind":"all"},"modes":["block-read","block-create"],"until":"2026-11-19T09:47:30Z","created_at":"2026-11-18T09:47:30Z"},"event_sent":true}`
	lifted = `{"hold":{"id":"a1","scope":{"kind":"all"},"modes":["block-read"],"created_at":"2026-11-18T09:47:30Z","released_at":"2026-11-18T11:00:00Z","release_reason":"alert resolved"},"event_sent":true}`
	none   = `{"hold":null,"event_sent":false,"reason":"the severity is below Medium"}`
	group  = "https://management.azure.com/subscriptions/6f5e4d3c-0000-4000-8000-00000000000a/resourceGroups/rg-secrets/providers/Microsoft.Security/locations/northeurope/alerts/2517001122334455667_0a1b2c3d-1111-4222-8333-444455556666/inProgress?api-version=2022-01-01"
)

// react runs the playbook for an alert, as Defender starts it.
func react(t *testing.T, alert any, with service) *Run {
	t.Helper()
	r, err := load(t, "quarantine.json").Run(Start{Trigger: "Alert", Parameters: settings, Body: alert, Send: with.send})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var shapes = []string{"logicapp.json", "logicapp-camel.json", "api.json", "export-subscription.json"}

// What the service decodes is what Defender sent, whatever stands in it.
func TestEveryShapeIsPostedAsItCame(t *testing.T) {
	for _, shape := range shapes {
		alert := recorded(t, shape)
		r := react(t, alert, service{"Quarantine": {asJSON(201, raised)}})
		sent := r.of("Quarantine")
		if len(sent) != 1 || r.Status != Succeeded {
			t.Fatalf("%s: %d requests, %s", shape, len(sent), r.Status)
		}
		q := sent[0]
		if q.Method != http.MethodPost || q.URI != "https://secrets.example.com/api/quarantine" || q.Headers["Content-Type"] != "application/json" || q.Audience != "api://secrets.example.com" {
			t.Errorf("%s: %s %s %v for %s", shape, q.Method, q.URI, q.Headers, q.Audience)
		}
		got, err := Decode(q.Body)
		if err != nil || !reflect.DeepEqual(got, alert) {
			t.Errorf("%s: %v, sent was %s", shape, err, q.Body)
		}
		if read, err := quarantine.ParseAlert(q.Body); err != nil || len(read.Resources) != 1 || !strings.HasPrefix(read.ID, "2517001122334455667_") {
			t.Errorf("%s: the service reads %+v: %v", shape, read, err)
		}
	}
}

func TestAnAlertThatRaisedAHoldIsMarkedInProgress(t *testing.T) {
	for _, shape := range shapes {
		r := react(t, recorded(t, shape), service{"Quarantine": {asJSON(201, raised)}, "Mark_in_progress": {{Status: 204}}})
		sent := r.of("Mark_in_progress")
		if len(sent) != 1 {
			t.Fatalf("%s: marked %d times: %v", shape, len(sent), r.Actions)
		}
		want := group
		if shape == "export-subscription.json" {
			want = strings.Replace(want, "/resourceGroups/rg-secrets", "", 1)
		}
		if q := sent[0]; q.Method != http.MethodPost || q.URI != want || q.Body != nil || q.Audience != "https://management.azure.com/" {
			t.Errorf("%s: %s %s %q for %s", shape, q.Method, q.URI, q.Body, q.Audience)
		}
	}
}

// A status that the playbook set itself must not make it set it again, or
// every mark would be an alert's next delivery.
func TestOnlyANewAlertWithAStandingHoldIsMarked(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		answer Answer
		marks  int
	}{
		"new, its hold raised":            {"New", asJSON(201, raised), 1},
		"new, again after a lost answer":  {"New", asJSON(200, raised), 1},
		"active, as the alerts API says":  {"Active", asJSON(201, raised), 1},
		"without a status":                {"", asJSON(201, raised), 1},
		"in progress":                     {"InProgress", asJSON(200, raised), 0},
		"new, its hold lifted before":     {"New", asJSON(200, lifted), 0},
		"resolved, its hold lifted by it": {"Resolved", asJSON(200, lifted), 0},
		"dismissed, without a hold":       {"Dismissed", asJSON(200, `{"hold":null,"reason":"no hold"}`), 0},
		"new, left out by a filter":       {"New", asJSON(200, none), 0},
	} {
		alert := recorded(t, "logicapp.json").(map[string]any)
		alert["Status"] = c.status
		r := react(t, alert, service{"Quarantine": {c.answer}})
		if marks := len(r.of("Mark_in_progress")); marks != c.marks || r.Status != Succeeded || len(r.of("Queue")) != 0 {
			t.Errorf("%s: %d marks, %s: %v", name, marks, r.Status, r.Actions)
		}
	}
}

// The link comes with the alert: what it names may not lead the token for Azure
// Resource Manager to another host.
func TestAForgedLinkSendsTheTokenNowhereElse(t *testing.T) {
	for name, link := range map[string]string{
		"another host": "https://evil.example/alertId/x@evil.example/subscriptionId/.evil.example/location/y",
		"a path":       "x/alertId/..%2f..%2fdelete/subscriptionId/..?a=b#/location/%2e%2e",
		"only the id":  "/alertId/",
		"an authority": "/alertId/a/subscriptionId/:443@evil.example:443/resourceGroup/b/location/c?d",
	} {
		alert := recorded(t, "logicapp.json").(map[string]any)
		alert["AlertUri"] = link
		r := react(t, alert, service{"Quarantine": {asJSON(201, raised)}, "Mark_in_progress": {{Status: 404}}})
		q := r.of("Mark_in_progress")[0]
		path, is := strings.CutPrefix(q.URI, "https://management.azure.com/subscriptions/")
		if !is || strings.ContainsAny(path, "@#:") || strings.Count(path, "?") != 1 || !strings.HasSuffix(path, "/inProgress?api-version=2022-01-01") {
			t.Errorf("%s: %s", name, q.URI)
		}
		if r.Status != Failed {
			t.Errorf("%s: a mark that was refused, and the run %s", name, r.Status)
		}
	}
	for name, link := range map[string]any{"none": nil, "a number": 7.0, "another page": "https://portal.azure.com/"} {
		alert := recorded(t, "logicapp.json").(map[string]any)
		alert["AlertUri"] = link
		if r := react(t, alert, service{"Quarantine": {asJSON(201, raised)}}); len(r.of("Mark_in_progress")) != 0 || r.Status != Succeeded {
			t.Errorf("%s: %v, %s", name, r.Actions, r.Status)
		}
	}
}

func TestOnlyAnUnansweredAlertIsQueued(t *testing.T) {
	for name, c := range map[string]struct {
		answer   Answer
		attempts int
		queued   bool
		ended    string
	}{
		"success":               {asJSON(201, raised), 1, false, Succeeded},
		"no answer in time":     {Answer{Status: Late}, 4, true, TimedOut},
		"no connection":         {Answer{Status: Unsent}, 4, true, Failed},
		"408":                   {problem(408, `{}`), 4, true, Failed},
		"429":                   {problem(429, `{"type":"/problems/rate-limited"}`), 4, true, Failed},
		"500":                   {Answer{Status: 500}, 4, true, Failed},
		"502 of a proxy":        {Answer{Status: 502, Headers: map[string]string{"Content-Type": "text/html"}, Body: []byte("<html>")}, 4, true, Failed},
		"503":                   {problem(503, `{"type":"/problems/unavailable"}`), 4, true, Failed},
		"599":                   {Answer{Status: 599}, 4, true, Failed},
		"a redirect":            {Answer{Status: 302}, 1, false, Failed},
		"400":                   {problem(400, `{}`), 1, false, Failed},
		"401":                   {problem(401, `{"type":"/problems/unauthorized"}`), 1, false, Failed},
		"403":                   {problem(403, `{"type":"/problems/forbidden"}`), 1, false, Failed},
		"404":                   {Answer{Status: 404}, 1, false, Failed},
		"413":                   {problem(413, `{"type":"/problems/too-large"}`), 1, false, Failed},
		"422, only others'":     {problem(422, `{"type":"/problems/invalid","field":"resources"}`), 1, false, Failed},
		"428, next to the list": {Answer{Status: 428}, 1, false, Failed},
		"430, next to the list": {Answer{Status: 430}, 1, false, Failed},
		"499, next to the list": {Answer{Status: 499}, 1, false, Failed},
	} {
		alert := recorded(t, "logicapp.json")
		r := react(t, alert, service{"Quarantine": {c.answer}, "Queue": {{Status: 201}}})
		if n := len(r.of("Quarantine")); n != c.attempts || r.ran("Quarantine") != c.ended {
			t.Errorf("%s: posted %d times, %s", name, n, r.ran("Quarantine"))
		}
		queue := r.of("Queue")
		if len(queue) > 0 != c.queued {
			t.Errorf("%s: queued %d times: %v", name, len(queue), r.Actions)
		}
		refused := !c.queued && c.ended == Failed
		if refused != (r.ran("Refused") == Succeeded) || (r.Status == Failed) != refused || refused && r.Code == "" {
			t.Errorf("%s: run %s with %q: %v", name, r.Status, r.Code, r.Actions)
		}
		for _, q := range queue {
			got, err := Decode(q.Body)
			if err != nil || !reflect.DeepEqual(got, alert) || q.Method != http.MethodPost || q.Audience != "https://servicebus.azure.net" ||
				q.URI != "https://sb-secrets.servicebus.windows.net/defender-alerts/messages" || q.Headers["Content-Type"] != "application/json" {
				t.Errorf("%s: %s %s %v for %s: %v", name, q.Method, q.URI, q.Headers, q.Audience, err)
			}
		}
	}
}

func TestAFaultThatPassesQueuesNothing(t *testing.T) {
	r := react(t, recorded(t, "logicapp.json"), service{"Quarantine": {{Status: 503}, {Status: Late}, {Status: 429}, asJSON(200, raised)}})
	if len(r.of("Quarantine")) != 4 || len(r.of("Queue")) != 0 || len(r.of("Mark_in_progress")) != 1 || r.Status != Succeeded {
		t.Errorf("%s: %v", r.Status, r.Actions)
	}
}

func TestAnAlertThatNobodyTakesFailsTheRun(t *testing.T) {
	r := react(t, recorded(t, "logicapp.json"), service{"Quarantine": {{Status: 503}}, "Queue": {{Status: 500}}})
	if n := len(r.of("Queue")); n != 9 || r.Status != Failed {
		t.Errorf("put on the queue %d times, and the run %s", n, r.Status)
	}
}

func TestAMarkThatFailsShowsAndQueuesNothing(t *testing.T) {
	r := react(t, recorded(t, "api.json"), service{"Quarantine": {asJSON(201, raised)}, "Mark_in_progress": {{Status: 403}}})
	if r.Status != Failed || r.ran("Mark_in_progress") != Failed || len(r.of("Queue")) != 0 {
		t.Errorf("%s: %v", r.Status, r.Actions)
	}
}

func TestOnDemandWantsATokenOfEntra(t *testing.T) {
	for _, name := range []string{"quarantine.json", "release.json"} {
		for header, starts := range map[string]bool{"Bearer eyJ0": true, "bearer eyJ0": true, "": false, "SharedAccessSignature x": false, "Basic x": false, "Bearer": false} {
			start := Start{Trigger: "On_demand", Parameters: settings, Body: map[string]any{}, Send: service{}.send}
			if header != "" {
				start.Headers = map[string]string{"Authorization": header}
			}
			r, err := load(t, name).Run(start)
			if err != nil || r.Started != starts || (len(r.Requests) > 0) != starts {
				t.Errorf("%s with %q: started %v, %d requests: %v", name, header, r.Started, len(r.Requests), err)
			}
			for _, q := range r.Requests {
				if all, err := json.Marshal(q); err != nil || header != "" && strings.Contains(string(all), "eyJ0") {
					t.Errorf("%s: the token of the caller goes on: %v", name, err)
				}
			}
		}
	}
}

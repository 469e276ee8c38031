package playbook

import (
	"net/http"
	"testing"
)

func release(t *testing.T, body any, with service) *Run {
	t.Helper()
	r, err := load(t, "release.json").Run(Start{
		Trigger: "On_demand", Parameters: map[string]any{"api": settings["api"], "audience": settings["audience"]},
		Headers: map[string]string{"Authorization": "Bearer eyJ0"}, Body: body, Send: with.send,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReleaseNamesTheHoldAndTheReason(t *testing.T) {
	for _, c := range []struct{ hold, reason, uri string }{
		{"a1b2", "False alarm, see #12", "a1b2?reason=False%20alarm%2C%20see%20%2312"},
		{"a1b2", "50% + ä & b=c", "a1b2?reason=50%25%20%2B%20%C3%A4%20%26%20b%3Dc"},
		{"a/../../secrets/x", "r", "a%2F..%2F..%2Fsecrets%2Fx?reason=r"},
		{"a?reason=x#", "", "a%3Freason%3Dx%23?reason="},
	} {
		r := release(t, map[string]any{"hold": c.hold, "reason": c.reason}, service{"Release": {asJSON(200, lifted)}})
		if len(r.Requests) != 1 {
			t.Fatalf("%d requests", len(r.Requests))
		}
		if q := r.Requests[0]; q.Method != http.MethodDelete || q.URI != "https://secrets.example.com/api/quarantine/"+c.uri || q.Body != nil || q.Audience != "api://secrets.example.com" {
			t.Errorf("%s %s %q for %s", q.Method, q.URI, q.Body, q.Audience)
		}
	}
}

func TestReleaseAnswersWhatTheServiceAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer   Answer
		status   int
		attempts int
		run      string
	}{
		"released":           {asJSON(200, lifted), 200, 1, Succeeded},
		"no such hold":       {problem(404, `{}`), 404, 1, Failed},
		"without a reason":   {problem(422, `{"field":"reason"}`), 422, 1, Failed},
		"not an operator":    {problem(403, `{}`), 403, 1, Failed},
		"out of order":       {problem(503, `{}`), 503, 4, Failed},
		"no answer":          {Answer{Status: Late}, 504, 4, Failed},
		"no token to be had": {Answer{Status: Unsent}, 504, 4, Failed},
	} {
		r := release(t, map[string]any{"hold": "a1", "reason": "false alarm"}, service{"Release": {c.answer}})
		if r.Response == nil || r.Response.Status != c.status || len(r.Requests) != c.attempts || r.Status != c.run {
			t.Errorf("%s: %+v after %d attempts, run %s", name, r.Response, len(r.Requests), r.Status)
		}
		if body, is := r.Response.Body.(map[string]any); c.status == 200 && (!is || body["hold"] == nil) {
			t.Errorf("%s: %v", name, r.Response.Body)
		}
	}
}

// What was left out is for the service to refuse, which says what.
func TestReleaseLeavesRefusingToTheService(t *testing.T) {
	for uri, body := range map[string]any{
		"?reason=":     map[string]any{},
		"7?reason=":    map[string]any{"hold": 7.0},
		"a1?reason=":   map[string]any{"hold": "a1", "reason": nil},
		"?reason=true": map[string]any{"reason": true},
	} {
		r := release(t, body, service{"Release": {problem(422, `{}`)}})
		if got := r.Requests[0].URI; got != "https://secrets.example.com/api/quarantine/"+uri {
			t.Errorf("%v: %s", body, got)
		}
	}
}

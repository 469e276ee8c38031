package playbook

import (
	"os"
	"path/filepath"
	"testing"
)

// load returns one of the playbooks that are deployed.
func load(t *testing.T, name string) *Definition {
	t.Helper()
	d, err := Parse(read(t, filepath.Join(playbooks, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

var playbooks = filepath.Join("..", "..", "..", "infra", "playbooks")

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// recorded returns an alert as the trigger sees it.
func recorded(t *testing.T, name string) any {
	t.Helper()
	v, err := Decode(read(t, filepath.Join("testdata", name)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// settings are the parameters of a deployment.
var settings = map[string]any{
	"$connections": map[string]any{"ascalert": map[string]any{"connectionId": "/subscriptions/x/providers/Microsoft.Web/connections/ascalert"}},
	"api":          "https://secrets.example.com", "audience": "api://secrets.example.com", "servicebus": "sb-secrets.servicebus.windows.net",
}

// service answers for the action of a name what is set for it, the last answer
// for ever, and 200 without a body where nothing is set.
type service map[string][]Answer

func (s service) send(q Request) Answer {
	answers := s[q.Action]
	switch len(answers) {
	case 0:
		return Answer{Status: 200}
	case 1:
		return answers[0]
	default:
		s[q.Action] = answers[1:]
		return answers[0]
	}
}

func asJSON(status int, body string) Answer {
	return Answer{Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(body)}
}

func problem(status int, body string) Answer {
	return Answer{Status: status, Headers: map[string]string{"Content-Type": "application/problem+json"}, Body: []byte(body)}
}

// of returns the attempts of one action.
func (r *Run) of(action string) (attempts []Request) {
	for _, q := range r.Requests {
		if q.Action == action {
			attempts = append(attempts, q)
		}
	}
	return attempts
}

// ran returns the state of an action, "" for one that a Terminate kept from running.
func (r *Run) ran(action string) string { return r.Actions[action] }

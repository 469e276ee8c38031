package main

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func provokePolicy(t *testing.T) {
	f := newFixture(t, "SSS_CREATE=key", "SSS_CREATE_KEYS="+hexHash("letmein"))
	s := sealed(t, terms{})
	f.want(s.create(), 401, "unauthorized")
	f.want(s.create().with("Secret-Create", "guess"), 403, "forbidden")
	f.want(s.create().with("Secret-Create", "letmein"), 201, "")
}

func provokeFrontDoor(t *testing.T) {
	f := newFixture(t, "SSS_FRONT_DOOR_ID=11111111-2222-3333-4444-555555555555")
	all := sealed(t, terms{}).calls()
	all["config"] = newRequest("GET", "/api/config")
	for _, r := range all {
		f.want(r, 403, "forbidden")
		f.want(r.with("X-Azure-FDID", "11111111-2222-3333-4444-555555555556"), 403, "forbidden")
	}
	f.want(newRequest("GET", "/api/health"), 200, "")
	f.want(all["config"].with("X-Azure-FDID", "11111111-2222-3333-4444-555555555555"), 200, "")
}

func provokeRates(t *testing.T) {
	f := newFixture(t, "SSS_RATE=2/m")
	s := f.send(terms{views: 2, passphrase: "pâté"})
	f.send(terms{})
	f.want(sealed(t, terms{}).create(), 429, "rate-limited")
	f.want(wrong(s.read(keyOf("a")), 1), 403, "wrong-passphrase")
	f.want(wrong(s.revokeAsReader(), 2), 403, "wrong-passphrase")
	f.want(s.read(keyOf("a")), 429, "rate-limited")
	f.want(s.revokeAsReader(), 429, "rate-limited")
	f.want(s.status(), 200, "")
}

// provokeOutage makes every request with the store closed, and before the gate is open.
func provokeOutage(t *testing.T) {
	f := operators(t)
	s := f.send(terms{})
	calls := s.calls()
	maps.Copy(calls, operatorsCalls())
	calls["config"], calls["ready"] = newRequest("GET", "/api/config"), newRequest("GET", "/api/health?ready=1")
	f.closeStore()
	closed := host.NewGate(problemHandler(secret.ErrUnavailable))
	over, cancel := context.WithCancel(t.Context())
	cancel() // so that the gate answers at once
	for name, r := range calls {
		if name != "config" {
			f.want(r, 503, "unavailable")
		}
		res := httptest.NewRecorder()
		closed.ServeHTTP(res, httptest.NewRequestWithContext(over, r.method, r.path, nil))
		if err := described.check(r.method, r.path, reply{res.Code, res.Header(), res.Body.Bytes()}); err != nil || res.Code != 503 {
			t.Errorf("%s before the gate is open: %d %s: %v", name, res.Code, res.Body, err)
		}
	}
}

func provokeService(t *testing.T) {
	f := newFixture(t)
	f.want(newRequest("GET", "/api/config"), 200, "")
	f.want(newRequest("HEAD", "/api/config"), 200, "")
	f.want(newRequest("GET", "/api/health"), 200, "")
	f.want(newRequest("HEAD", "/api/health?ready=1"), 200, "")
	f.want(newRequest("GET", "/api/health?ready=1"), 200, "")
	f.wantField(newRequest("GET", "/api/health?ready=2"), "ready")
	for _, path := range []string{"/api", "/api/", "/api/secret", "/api/secrets/", "/api/purge", "/purge", "/api/config/x", "/api//config"} {
		f.want(newRequest("GET", path), 404, "not-found")
	}
}

// answers lists the described answers as "<operation> <status> <slug>". The slug is empty
// for an answer that is no problem.
func (c *contract) answers() (all []string) {
	for template, item := range c.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			if method == "parameters" {
				continue
			}
			at := "/paths/" + escape(template) + "/" + method + "/responses/"
			for status := range op.(map[string]any)["responses"].(map[string]any) {
				operation := op.(map[string]any)["operationId"].(string)
				if status == "405" {
					operation = "" // no operation has the method
				}
				for _, slug := range c.slugs(at + status) {
					all = append(all, fmt.Sprintf("%s %s %s", operation, status, slug))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// slugs returns the slugs of the problems that a response can be, or an empty one.
func (c *contract) slugs(response string) (all []string) {
	at, _ := c.follow(response)
	at, schema := c.follow(at + "/content/application~1problem+json/schema")
	if schema == nil {
		return []string{""}
	}
	kinds, is := schema["oneOf"].([]any)
	if !is {
		return []string{c.slug(at)}
	}
	for _, kind := range kinds {
		all = append(all, c.slug(kind.(map[string]any)["$ref"].(string)[1:]))
	}
	return all
}

func (c *contract) slug(schema string) string {
	_, kind := c.follow(schema + "/properties/type")
	return kind["const"].(string)[len("/problems/"):]
}

func (c *contract) given(answer string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[answer]
}

func TestTheDescriptionNamesEveryFunction(t *testing.T) {
	want := slices.Collect(maps.Keys((&service{}).functions()))
	found := map[string]bool{}
	for _, answer := range described.answers() {
		var operation string
		if n, _ := fmt.Sscan(answer, &operation); n == 1 && operation[0] > '9' {
			found[operation] = true
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
		t.Errorf("operations are %v, functions %v", got, want)
	}
}

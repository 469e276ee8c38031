package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/secretsharer/secretsharer/api"
)

// The examples in docs/openapi.yaml belong to one secret, and the handler's answers match them.
func TestExamplesAreTheHandlersAnswers(t *testing.T) {
	f := newFixture(t)
	s := sealed(t, terms{link: bytes.NewReader(counting(1))})
	s.manage = api.Encode(counting(101))
	draft := example(t, "Draft").(map[string]any)
	for name, value := range draft {
		s.body[name] = value.(string)
	}
	if draft["access_hash"] != hashOf(mustDecode(t, s.access)) || draft["claim_hash"] != hashOf(mustDecode(t, s.claim)) || draft["manage_hash"] != hashOf(counting(101)) {
		t.Errorf("the hashes are not those of a link of the bytes from 1 on: %v", draft)
	}
	key := api.Encode(counting(1)[:16])
	for _, at := range []struct {
		example string
		call    request
		status  int
	}{
		{"Created", s.create(), 201}, {"Status", s.status(), 200}, {"Reading", s.read(key), 200}, {"", s.ack(key), 204}, {"Receipt", s.receipt(), 200},
		{"Config", newRequest("GET", "/api/config"), 200}, {"Live", newRequest("GET", "/api/health"), 200}, {"Ready", newRequest("GET", "/api/health?ready=1"), 200},
	} {
		got := f.want(at.call, at.status, "")
		if at.example == "" {
			continue
		}
		var body any
		if err := json.Unmarshal(got.body, &body); err != nil {
			t.Fatal(err)
		}
		if want := example(t, at.example); !reflect.DeepEqual(body, want) {
			t.Errorf("the example %s is\n%v, the answer\n%v", at.example, want, body)
		}
	}
}

// example returns an example of docs/openapi.yaml as decoded JSON.
func example(t *testing.T, name string) (value any) {
	t.Helper()
	_, at := described.follow("/components/examples/" + name)
	text, err := json.Marshal(at["value"])
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil || value == nil {
		t.Fatalf("example %s: %v, %v", name, value, err)
	}
	return value
}

// counting returns 32 bytes that count up from the given one.
func counting(from byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

func mustDecode(t *testing.T, text string) []byte {
	t.Helper()
	b, err := api.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

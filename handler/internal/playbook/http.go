package playbook

import (
	"encoding/json"
	"strings"
)

// Request is one attempt of an action of the type Http. The engine asks the
// token for Audience itself and sends it as Authorization.
type Request struct {
	Action   string
	Method   string
	URI      string
	Headers  map[string]string
	Body     []byte // nil for none
	Audience string
}

// Answer is what came back.
type Answer struct {
	Status  int // of HTTP, or one of those below
	Headers map[string]string
	Body    []byte
}

// What stands for a status where there was no answer.
const (
	Late   = 0  // none came in time
	Unsent = -1 // no token, no name, no connection
)

// http sends what the inputs evaluate to, again as long as its policy says.
func (r *runner) http(name string, a *Action) (status string, outputs any, err error) {
	var in HTTP
	if err := r.into(a.Inputs, &in); err != nil {
		return Failed, nil, err
	}
	q := Request{Action: name, Method: in.Method, URI: in.URI, Headers: in.Headers, Audience: in.Authentication.Audience}
	if in.Body != nil {
		if q.Body, err = json.Marshal(in.Body); err != nil {
			return Failed, nil, err
		}
	}
	var answer Answer
	for attempt := 0; attempt <= in.Retry.Count; attempt++ {
		r.run.Requests = append(r.run.Requests, q)
		if answer = r.send(q); !again(answer.Status) {
			break
		}
	}
	switch {
	case answer.Status == Late:
		return TimedOut, nil, nil
	case answer.Status == Unsent:
		return Failed, nil, nil
	case answer.Status < 200 || answer.Status > 299:
		return Failed, answer.outputs(), nil
	default:
		return Succeeded, answer.outputs(), nil
	}
}

// again reports whether the engine sends a request again after the status.
func again(status int) bool {
	return status == Late || status == Unsent || status == 408 || status == 429 || status >= 500
}

// outputs is how expressions see the answer. What is not application/json
// comes as an object with its type and its bytes, from which no member of the
// service's answers can be read.
func (a Answer) outputs() map[string]any {
	headers := map[string]any{}
	contentType := ""
	for k, v := range a.Headers {
		headers[k] = v
		if strings.EqualFold(k, "Content-Type") {
			contentType = v
		}
	}
	out := map[string]any{"statusCode": float64(a.Status), "headers": headers}
	if len(a.Body) == 0 {
		return out
	}
	out["body"] = map[string]any{"$content-type": contentType, "$content": a.Body}
	if v, err := Decode(a.Body); err == nil && strings.HasPrefix(contentType, "application/json") {
		out["body"] = v
	}
	return out
}

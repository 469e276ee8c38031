package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
)

const (
	// maxPayload is far above what a timer's invocation needs, whose only large
	// part is the exception of the try before it.
	maxPayload = 1 << 20

	// answer is the one form that completes an invocation. An empty body would
	// hang the host until it kills the process.
	answer = `{"Outputs":{},"Logs":[],"ReturnValue":null}`
)

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// InvocationID is the host's id of the call, the same for all its retries: a
// GUID, or empty where the header is missing or holds anything else.
func InvocationID(r *http.Request) string {
	id := r.Header.Get("X-Azure-Functions-InvocationId")
	if !guid.MatchString(id) {
		return ""
	}
	return id
}

func (a *App) timerRoutes() map[string]route {
	routes := map[string]route{}
	for _, f := range a.functions {
		if f.Timer != nil {
			routes["/"+f.Name] = route{http.MethodPost: a.invocation(f.Name)}
		}
	}
	return routes
}

// invocation runs a timer as the host asks. The host repeats what does not
// answer 200, and logs a failed answer whole: it says nothing of the error.
func (a *App) invocation(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer, err := readTimer(http.MaxBytesReader(w, r.Body, maxPayload))
		if err != nil {
			complete(w, http.StatusBadRequest)
			return
		}
		run := Run{Timer: name, InvocationID: InvocationID(r), PastDue: timer.IsPastDue}
		if err := a.run(r.Context(), run); err != nil {
			complete(w, http.StatusInternalServerError)
			return
		}
		complete(w, http.StatusOK)
	})
}

func complete(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// timerInfo is the part of a timer's value that is looked at.
type timerInfo struct {
	IsPastDue bool `json:"IsPastDue"`
}

func readTimer(body io.Reader) (timerInfo, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return timerInfo{}, fmt.Errorf("read invocation: %w", err)
	}
	value, err := decodeInvocation(data)
	if err != nil {
		return timerInfo{}, err
	}
	var info *timerInfo
	if err := json.Unmarshal(value, &info); err != nil || info == nil {
		return timerInfo{}, errors.New("the trigger's value is no timer")
	}
	return *info, nil
}

// decodeInvocation returns the value of the trigger, the one member of Data: an
// object or array as its JSON, a string as its text, with one further encoding
// undone: the host encodes strings twice, its documentation shows them once.
// Metadata is not looked at, since a message can forge every part of it.
func decodeInvocation(data []byte) ([]byte, error) {
	var payload struct{ Data map[string]json.RawMessage }
	if err := json.Unmarshal(data, &payload); err != nil {
		return nil, errors.New("the invocation is no JSON object") // err would quote it
	}
	if len(payload.Data) != 1 {
		return nil, fmt.Errorf("the invocation has %d values, not one", len(payload.Data))
	}
	var value []byte
	for _, value = range payload.Data {
	}
	return unquote(unquote(value)), nil
}

// unquote returns the text of a JSON string, and anything else as it is.
func unquote(value []byte) []byte {
	var text string
	if !bytes.HasPrefix(value, []byte(`"`)) || json.Unmarshal(value, &text) != nil {
		return value
	}
	return []byte(text)
}

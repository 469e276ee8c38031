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
	// maxPayload is in bytes, far above a timer's invocation. Its only large part is
	// the exception of the failed run before.
	maxPayload = 1 << 20

	// answer completes an invocation. With an empty body the host would wait until
	// it kills the process.
	answer = `{"Outputs":{},"Logs":[],"ReturnValue":null}`
)

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// InvocationID returns the host's id of the call, a GUID that is the same for all
// retries. It is empty if the header is missing or not a GUID.
func InvocationID(r *http.Request) string {
	return guid.FindString(r.Header.Get("X-Azure-Functions-InvocationId"))
}

// invocation runs a timer for the host. The host retries a run that is not answered
// with 200. It logs failed answers, so they must not contain the error.
func (a *App) invocation(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		pastDue, err := readTimer(http.MaxBytesReader(w, r.Body, maxPayload))
		if err != nil {
			status = http.StatusBadRequest
		} else if a.run(r.Context(), Run{Timer: name, InvocationID: InvocationID(r), PastDue: pastDue}) != nil {
			status = http.StatusInternalServerError
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
}

// readTimer reads the invocation of a timer and reports whether its run is past due.
func readTimer(body io.Reader) (pastDue bool, err error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return false, fmt.Errorf("read invocation: %w", err)
	}
	value, err := decodeInvocation(data)
	if err != nil {
		return false, err
	}
	var timer *struct{ IsPastDue bool }
	if err := json.Unmarshal(value, &timer); err != nil || timer == nil {
		return false, errors.New("value of the trigger is not a timer")
	}
	return timer.IsPastDue, nil
}

// decodeInvocation returns the value of the trigger, the only member of Data: an
// object or a list as JSON, a string as its text. The host encodes strings twice,
// although its documentation shows them encoded once; both are accepted. Metadata
// is ignored because a message can forge all of it.
func decodeInvocation(data []byte) ([]byte, error) {
	var payload struct{ Data map[string]json.RawMessage }
	if err := json.Unmarshal(data, &payload); err != nil {
		return nil, errors.New("invocation is not a JSON object") // err would quote it
	}
	if len(payload.Data) != 1 {
		return nil, fmt.Errorf("invocation has %d values, want one", len(payload.Data))
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

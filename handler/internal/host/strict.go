package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// members are the names that may stand in a function.json.
var members = []string{"bindings", "retry", "strategy", "maxRetryCount", "delayInterval", "type", "direction", "name",
	"authLevel", "methods", "route", "schedule", "useMonitor", "runOnStartup"}

// decodeStrict reads one JSON object that has no members but those of v, written
// exactly so: encoding/json would take them in any case, and Azure not.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	for name := range object {
		if !slices.Contains(members, name) {
			return fmt.Errorf("unknown member %q", name)
		}
	}
	return nil
}

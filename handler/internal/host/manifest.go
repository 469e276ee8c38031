package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// manifest is a function.json as Azure reads it.
type manifest struct {
	Bindings []json.RawMessage `json:"bindings"`
	Retry    json.RawMessage   `json:"retry"`
}

type retry struct {
	Strategy      string `json:"strategy"`
	MaxRetryCount int    `json:"maxRetryCount"`
	DelayInterval string `json:"delayInterval"`
}

type httpIn struct {
	binding
	AuthLevel string   `json:"authLevel"`
	Methods   []string `json:"methods"`
	Route     string   `json:"route"`
}

type timerIn struct {
	binding
	Schedule     string `json:"schedule"`
	UseMonitor   bool   `json:"useMonitor"`
	RunOnStartup bool   `json:"runOnStartup"`
}

// binding is what every binding has; of an HTTP output, it is all.
type binding struct {
	Type      string `json:"type"`
	Direction string `json:"direction"`
	Name      string `json:"name"`
}

func decodeManifest(data []byte) (Function, error) {
	var m manifest
	if err := decodeStrict(data, &m); err != nil {
		return Function{}, err
	}
	kinds, err := bindingKinds(m.Bindings)
	if err != nil {
		return Function{}, err
	}
	switch {
	case slices.Equal(kinds, []string{"httpTrigger in", "http out"}):
		trigger, err := m.http()
		return Function{HTTP: trigger}, err
	case slices.Equal(kinds, []string{"timerTrigger in"}):
		trigger, err := m.timer()
		return Function{Timer: trigger}, err
	}
	return Function{}, fmt.Errorf("bindings are %q: want httpTrigger in and http out, or timerTrigger in", kinds)
}

func bindingKinds(bindings []json.RawMessage) ([]string, error) {
	kinds := make([]string, len(bindings))
	for i, data := range bindings {
		var b binding
		if err := json.Unmarshal(data, &b); err != nil {
			return nil, fmt.Errorf("binding: %w", err)
		}
		if b.Name == "" {
			return nil, errors.New("binding without a name")
		}
		kinds[i] = b.Type + " " + b.Direction
	}
	return kinds, nil
}

func (m manifest) http() (*HTTPTrigger, error) {
	var in httpIn
	var out binding
	err := errors.Join(decodeStrict(m.Bindings[0], &in), decodeStrict(m.Bindings[1], &out), checkRoute(in.Route))
	if err != nil {
		return nil, err
	}
	if in.AuthLevel != "anonymous" {
		return nil, fmt.Errorf("authLevel %q: the handler cannot check a function key", in.AuthLevel)
	}
	if m.Retry != nil {
		return nil, errors.New("retry is for timers: the host ignores it here")
	}
	if err := checkMethods(in.Methods); err != nil {
		return nil, err
	}
	return &HTTPTrigger{Methods: upper(in.Methods), Route: in.Route}, nil
}

// checkMethods lets HEAD stand beside GET only, as what answers the one must
// answer the other.
func checkMethods(methods []string) error {
	if len(methods) == 0 {
		return errors.New("no methods: the host would take every one")
	}
	for i, method := range methods {
		if !slices.Contains([]string{"get", "head", "post", "put", "patch", "delete"}, method) {
			return fmt.Errorf("method %q", method)
		}
		if slices.Contains(methods[:i], method) {
			return fmt.Errorf("method %q stands twice", method)
		}
	}
	if slices.Contains(methods, "get") != slices.Contains(methods, "head") {
		return errors.New("get and head go together")
	}
	return nil
}

func upper(methods []string) []string {
	var all []string
	for _, method := range methods {
		all = append(all, strings.ToUpper(method))
	}
	return all
}

func (m manifest) timer() (*TimerTrigger, error) {
	var in timerIn
	if err := decodeStrict(m.Bindings[0], &in); err != nil {
		return nil, err
	}
	if !in.UseMonitor || in.RunOnStartup {
		return nil, errors.New("a timer needs useMonitor, so that a missed run is made up for, and no runOnStartup")
	}
	schedule, err := parseSchedule(in.Schedule)
	if err != nil {
		return nil, err
	}
	retries, delay, err := m.retries()
	if err != nil {
		return nil, err
	}
	return &TimerTrigger{Schedule: in.Schedule, Retries: retries, Delay: delay, schedule: schedule}, nil
}

func (m manifest) retries() (int, time.Duration, error) {
	if m.Retry == nil {
		return 0, 0, errors.New("a timer needs a retry policy")
	}
	var policy retry
	if err := decodeStrict(m.Retry, &policy); err != nil {
		return 0, 0, fmt.Errorf("retry: %w", err)
	}
	if policy.Strategy != "fixedDelay" || policy.MaxRetryCount < 1 {
		return 0, 0, errors.New("retry: want a fixedDelay and a maxRetryCount of one or more")
	}
	delay, err := ParseInterval(policy.DelayInterval)
	return policy.MaxRetryCount, delay, err
}

// ParseInterval reads the hh:mm:ss of the host's files, under a day.
func ParseInterval(text string) (time.Duration, error) {
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil || len(text) != len(time.TimeOnly) { // it also takes one digit for the hours, and fractions
		return 0, fmt.Errorf("interval %q is not hh:mm:ss", text)
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return t.Sub(midnight), nil
}

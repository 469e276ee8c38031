package playbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The states in which actions and runs end.
const (
	Succeeded = "Succeeded"
	Failed    = "Failed"
	Skipped   = "Skipped"
	TimedOut  = "TimedOut"
)

// Start is what starts a run.
type Start struct {
	Trigger    string            // the trigger's name
	Parameters map[string]any    // besides those that have a default
	Headers    map[string]string // of the trigger's outputs
	Body       any               // as encoding/json decodes it
	// Send answers requests, one call for each attempt.
	Send func(Request) Answer
}

// Run is how a run went.
type Run struct {
	Started  bool              // false when a condition of the trigger kept it
	Status   string            // Succeeded or Failed, or the status of a Terminate
	Code     string            // of a Terminate
	Actions  map[string]string // the state of each action; none for what a Terminate kept from running
	Requests []Request         // the attempts, in order
	Response *Response         // what a Response answered
}

// Response is the answer to the caller of a Request trigger.
type Response struct {
	Status  int
	Headers map[string]string
	Body    any
}

// runner walks a definition once.
type runner struct {
	scope
	send       func(Request) Answer
	run        *Run
	terminated bool
}

// Run walks the definition. An expression that does not evaluate is an error,
// where the engine would fail the action.
func (d *Definition) Run(start Start) (*Run, error) {
	r := runner{run: &Run{Actions: map[string]string{}}, send: start.Send}
	r.actions = map[string]map[string]any{}
	r.parameters = map[string]any{}
	for name := range d.Parameters {
		r.parameters[name] = d.Parameters[name].Default
	}
	maps.Copy(r.parameters, start.Parameters)
	headers := map[string]any{}
	for k, v := range start.Headers {
		headers[k] = v
	}
	r.trigger = map[string]any{"headers": headers, "body": start.Body}
	trigger, has := d.Triggers[start.Trigger]
	if !has {
		return nil, fmt.Errorf("no trigger %s", start.Trigger)
	}
	for _, c := range trigger.Conditions {
		if is, err := r.text(c.Expression); err != nil || is != true {
			return r.run, err
		}
	}
	r.run.Started = true
	status, err := r.walk(d.Actions)
	if !r.terminated {
		r.run.Status = status
	}
	return r.run, err
}

// walk runs the actions of one scope and returns how the scope ends.
func (r *runner) walk(actions map[string]*Action) (string, error) {
	for _, name := range order(actions) {
		a := actions[name]
		if !r.due(a) {
			r.skip(name, a)
			continue
		}
		status, outputs, err := r.do(name, a)
		if err != nil {
			return Failed, fmt.Errorf("%s: %w", name, err)
		}
		r.run.Actions[name] = status
		r.actions[name] = map[string]any{"name": name, "status": status, "outputs": outputs}
		if r.terminated {
			return status, nil
		}
	}
	return r.outcome(actions), nil
}

// due reports whether all that the action waits for ended as it asks.
func (r *runner) due(a *Action) bool {
	for before, in := range a.RunAfter {
		if !slices.Contains(in, r.run.Actions[before]) {
			return false
		}
	}
	return true
}

func (r *runner) skip(name string, a *Action) {
	r.run.Actions[name] = Skipped
	r.skipAll(a.branches()...)
}

func (r *runner) skipAll(branches ...map[string]*Action) {
	for _, branch := range branches {
		for name, a := range branch {
			r.skip(name, a)
		}
	}
}

// outcome judges a scope by its last actions, and one of them that was skipped
// by what it waited for.
func (r *runner) outcome(actions map[string]*Action) string {
	var failed func(name string) bool
	failed = func(name string) bool {
		if r.run.Actions[name] != Skipped {
			return r.run.Actions[name] != Succeeded
		}
		return slices.ContainsFunc(slices.Collect(maps.Keys(actions[name].RunAfter)), failed)
	}
	if slices.ContainsFunc(last(actions), failed) {
		return Failed
	}
	return Succeeded
}

// do runs one action and returns its state and outputs.
func (r *runner) do(name string, a *Action) (string, any, error) {
	switch a.Type {
	case "Http":
		return r.http(name, a)
	case "If":
		return r.choose(a)
	case "Compose":
		var v any
		err := r.into(a.Inputs, &v)
		return Succeeded, v, err
	case "Response":
		return r.respond(a)
	case "Terminate":
		var with terminate
		err := r.into(a.Inputs, &with)
		r.terminated, r.run.Status, r.run.Code = true, with.Status, with.Error.Code
		return Succeeded, nil, err
	default:
		return Failed, nil, errors.New("type " + a.Type + " is not known here")
	}
}

func (r *runner) choose(a *Action) (string, any, error) {
	is, err := r.holds(a.Expression)
	if err != nil {
		return Failed, nil, err
	}
	branches := a.branches()
	taken, other := branches[0], branches[1]
	if !is {
		taken, other = other, taken
	}
	r.skipAll(other)
	status, err := r.walk(taken)
	return status, nil, err
}

func (r *runner) respond(a *Action) (string, any, error) {
	var with response
	if err := r.into(a.Inputs, &with); err != nil {
		return Failed, nil, err
	}
	status, is := with.Status.(float64)
	if !is || r.run.Response != nil {
		return Failed, nil, fmt.Errorf("status %v, or a second answer", with.Status)
	}
	r.run.Response = &Response{Status: int(status), Headers: with.Headers, Body: with.Body}
	return Succeeded, nil, nil
}

// Decode decodes JSON as it comes to a trigger or in an answer.
func Decode(data []byte) (v any, err error) {
	err = json.Unmarshal(data, &v)
	return v, err
}

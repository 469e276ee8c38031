package playbook

import (
	"bytes"
	"encoding/json"
)

// Definition is a workflow. It is not changed by runs and safe for concurrent use.
type Definition struct {
	Schema         string               `json:"$schema"`
	ContentVersion string               `json:"contentVersion"`
	Parameters     map[string]Parameter `json:"parameters"`
	Triggers       map[string]*Trigger  `json:"triggers"`
	Actions        map[string]*Action   `json:"actions"`
	Outputs        map[string]any       `json:"outputs"`
}

// Parameter is a value that the deployment gives, or else the default.
type Parameter struct {
	Type     string `json:"type"`
	Default  any    `json:"defaultValue"`
	Metadata struct {
		Description string `json:"description"`
	} `json:"metadata"`
}

// Trigger starts a run.
type Trigger struct {
	Type       string          `json:"type"`
	Kind       string          `json:"kind"`
	Inputs     json.RawMessage `json:"inputs"`
	Conditions []struct {
		Expression string `json:"expression"`
	} `json:"conditions"`
	Options string  `json:"operationOptions"`
	Runtime Runtime `json:"runtimeConfiguration"`
}

// Action is a step, or for the type If two branches of steps.
type Action struct {
	Type       string              `json:"type"`
	Kind       string              `json:"kind"`
	RunAfter   map[string][]string `json:"runAfter"`
	Limit      *Limit              `json:"limit"`
	Inputs     json.RawMessage     `json:"inputs"`
	Expression any                 `json:"expression"`
	Actions    map[string]*Action  `json:"actions"`
	Else       *Branch             `json:"else"`
	Options    string              `json:"operationOptions"`
	Runtime    Runtime             `json:"runtimeConfiguration"`
}

// Branch is what an If does when its expression is false.
type Branch struct {
	Actions map[string]*Action `json:"actions"`
}

// Limit ends an action that takes longer; an ISO 8601 duration.
type Limit struct {
	Timeout string `json:"timeout"`
}

// Runtime says which of inputs and outputs the run history hides.
type Runtime struct {
	SecureData struct {
		Properties []string `json:"properties"`
	} `json:"secureData"`
}

// HTTP is what an action of the type Http sends.
type HTTP struct {
	Method         string            `json:"method"`
	URI            string            `json:"uri"`
	Headers        map[string]string `json:"headers"`
	Body           any               `json:"body"`
	Authentication Authentication    `json:"authentication"`
	Retry          Retry             `json:"retryPolicy"`
}

// Authentication names the identity that gets the token, and for whom the token is.
type Authentication struct {
	Type     string `json:"type"`
	Audience string `json:"audience"`
}

// Retry says how often a request is sent again after no answer, 408, 429 or
// 5xx; the intervals are ISO 8601 durations.
type Retry struct {
	Type     string `json:"type"`
	Count    int    `json:"count"`
	Interval string `json:"interval"`
	Minimum  string `json:"minimumInterval"`
	Maximum  string `json:"maximumInterval"`
}

// terminate is what an action of the type Terminate ends the run with.
type terminate struct {
	Status string `json:"runStatus"`
	Error  struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"runError"`
}

// response is what an action of the type Response answers.
type response struct {
	Status  any               `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// Parse decodes a definition and checks it. Members that are not known are errors.
func Parse(data []byte) (*Definition, error) {
	var file struct {
		Definition Definition `json:"definition"`
	}
	if err := strict(data, &file); err != nil {
		return nil, err
	}
	if err := file.Definition.check(); err != nil {
		return nil, err
	}
	return &file.Definition, nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

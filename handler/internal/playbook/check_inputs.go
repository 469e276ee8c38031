package playbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check checks a request as it is written down. What the engine documents of
// retries: 1 to 90 of them, 5 seconds to a day apart.
func (in *HTTP) check() error {
	if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, in.Method) || in.URI == "" {
		return errors.New("no method, or no uri")
	}
	if in.Authentication.Type != "ManagedServiceIdentity" || in.Authentication.Audience == "" {
		return errors.New("not authenticated by the managed identity, or for no audience")
	}
	if in.Retry.Type != "exponential" || in.Retry.Count < 1 || in.Retry.Count > 90 {
		return fmt.Errorf("retry policy %q, %d times", in.Retry.Type, in.Retry.Count)
	}
	var intervals []time.Duration
	for _, s := range []string{in.Retry.Minimum, in.Retry.Interval, in.Retry.Maximum} {
		d, err := duration(s)
		if err != nil {
			return err
		}
		intervals = append(intervals, d)
	}
	if !slices.IsSorted(intervals) || intervals[0] < 5*time.Second || intervals[2] > 24*time.Hour {
		return fmt.Errorf("retries from %s by %s to %s apart", in.Retry.Minimum, in.Retry.Interval, in.Retry.Maximum)
	}
	return nil
}

func (r Runtime) check() error {
	for _, p := range r.SecureData.Properties {
		if p != "inputs" && p != "outputs" {
			return fmt.Errorf("secureData does not hide %q", p)
		}
	}
	return nil
}

func option(is, may string) error {
	if is != "" && is != may {
		return fmt.Errorf("operationOptions %q", is)
	}
	return nil
}

var durations = regexp.MustCompile(`^PT([0-9]+)([HMS])$`)

// duration parses an ISO 8601 duration of one unit.
func duration(s string) (time.Duration, error) {
	m := durations.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("duration %q", s)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	return time.Duration(n) * map[string]time.Duration{"H": time.Hour, "M": time.Minute, "S": time.Second}[m[2]], nil
}

// condition checks the operators of an If and the expressions in them.
func (c *checker) condition(v any, ended []string) error {
	name, operands, err := operator(v)
	if err != nil {
		return err
	}
	for _, operand := range operands {
		if name == "and" || name == "or" || name == "not" {
			err = c.condition(operand, ended)
		} else {
			err = c.expressions(operand, ended)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) inputs(inputs json.RawMessage, ended []string) error {
	var v any
	if err := json.Unmarshal(inputs, &v); err != nil {
		return err
	}
	return c.expressions(v, ended)
}

// expressions checks every expression in a JSON value.
func (c *checker) expressions(v any, ended []string) error {
	var errs []error
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			errs = append(errs, c.expressions(item, ended))
		}
	case map[string]any:
		for _, item := range v {
			errs = append(errs, c.expressions(item, ended))
		}
	case string:
		parts, _, err := parse(v)
		if err != nil {
			return err
		}
		for _, p := range parts {
			errs = append(errs, c.references(p.expr, ended))
		}
	}
	return errors.Join(errs...)
}

// references checks the names that an expression takes for parameters and actions.
func (c *checker) references(e expression, ended []string) error {
	if m, is := e.(member); is {
		return errors.Join(c.references(m.of, ended), c.references(m.name, ended))
	}
	f, is := e.(call)
	if !is {
		return nil
	}
	var errs []error
	for _, arg := range f.args {
		errs = append(errs, c.references(arg, ended))
	}
	if !slices.Contains([]string{"parameters", "actions", "body", "outputs"}, f.name) {
		return errors.Join(errs...)
	}
	l, _ := f.args[0].(literal)
	name, _ := l.of.(string)
	_, declared := c.Parameters[name]
	switch {
	case f.name == "parameters" && declared:
		c.used[name] = true
	case f.name == "parameters" || !slices.Contains(ended, name):
		errs = append(errs, fmt.Errorf("%s(%s): not declared, or not sure to have ended before", f.name, strings.TrimSpace(name)))
	}
	return errors.Join(errs...)
}

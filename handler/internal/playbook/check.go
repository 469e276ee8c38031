package playbook

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

const schema = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"

// names is what the engine takes for names, at most 80 characters.
var names = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

// The states of an action that another may wait for.
var states = []string{Succeeded, Failed, Skipped, TimedOut}

// checker checks one definition. The schema itself is published nowhere that a
// build can take it from, so the rules that concern us are written down here:
// known members (by decoding), known types and options, names that are used
// once, runAfter within the scope and without circles, expressions that parse
// and see only what has ended before them, parameters declared and used.
type checker struct {
	*Definition
	seen map[string]bool // the actions so far
	used map[string]bool // the parameters that expressions name
}

func (d *Definition) check() error {
	c := checker{Definition: d, seen: map[string]bool{}, used: map[string]bool{}}
	errs := []error{c.head()}
	for _, name := range slices.Sorted(maps.Keys(d.Triggers)) {
		if err := c.trigger(name, d.Triggers[name]); err != nil {
			errs = append(errs, fmt.Errorf("trigger %s: %w", name, err))
		}
	}
	errs = append(errs, c.actions(d.Actions, nil))
	for name := range d.Parameters {
		if !c.used[name] {
			errs = append(errs, fmt.Errorf("parameter %s is not used", name))
		}
	}
	return errors.Join(errs...)
}

func (c *checker) head() error {
	switch {
	case c.Schema != schema || c.ContentVersion == "":
		return errors.New("not of the schema 2016-06-01, or without a contentVersion")
	case len(c.Triggers) == 0 || len(c.Triggers) > 10:
		return errors.New("no trigger, or more than 10")
	case len(c.Actions) == 0:
		return errors.New("no action")
	}
	for name, p := range c.Parameters {
		if p.Type != "String" && p.Type != "Object" || p.Metadata.Description == "" {
			return fmt.Errorf("parameter %s is of type %q, or without a description", name, p.Type)
		}
	}
	return nil
}

func (c *checker) trigger(name string, t *Trigger) error {
	kinds := map[string]string{"ApiConnectionWebhook": "", "Request": "Http"}
	if kind, known := kinds[t.Type]; !known || kind != t.Kind || !names.MatchString(name) {
		return fmt.Errorf("type %q, kind %q or the name is not known here", t.Type, t.Kind)
	}
	if err := errors.Join(option(t.Options, "IncludeAuthorizationHeadersInOutputs"), t.Runtime.check()); err != nil {
		return err
	}
	for _, condition := range t.Conditions {
		if err := c.expressions(condition.Expression, nil); err != nil {
			return err
		}
	}
	return c.inputs(t.Inputs, nil)
}

// actions checks a scope; before are the actions that have ended when it begins.
func (c *checker) actions(actions map[string]*Action, before []string) error {
	if sorted := order(actions); len(sorted) != len(actions) {
		return fmt.Errorf("only %v of %d actions can ever run: a runAfter names no neighbour, or goes in a circle", sorted, len(actions))
	}
	var errs []error
	for _, name := range order(actions) {
		a := actions[name]
		if c.seen[name] || !names.MatchString(name) {
			errs = append(errs, fmt.Errorf("action %s: twice there, or no name", name))
		}
		c.seen[name] = true
		if err := c.action(a, append(slices.Clone(before), ancestors(actions, name)...)); err != nil {
			errs = append(errs, fmt.Errorf("action %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// action checks an action before which others have ended.
func (c *checker) action(a *Action, ended []string) error {
	for before, in := range a.RunAfter {
		if len(in) == 0 || slices.ContainsFunc(in, func(s string) bool { return !slices.Contains(states, s) }) {
			return fmt.Errorf("runAfter %s: %v", before, in)
		}
	}
	if (a.Type == "If") != (a.Expression != nil) || (a.Type == "If") == (a.Inputs != nil) || a.Type != "If" && (a.Actions != nil || a.Else != nil) {
		return errors.New("an expression and branches make an If, inputs all others")
	}
	if a.Limit != nil {
		if _, err := duration(a.Limit.Timeout); err != nil {
			return err
		}
	}
	if err := errors.Join(option(a.Options, "DisableAsyncPattern"), a.Runtime.check(), c.typed(a)); err != nil {
		return err
	}
	if a.Type != "If" {
		return c.inputs(a.Inputs, ended)
	}
	errs := []error{c.condition(a.Expression, ended)}
	for _, branch := range a.branches() {
		errs = append(errs, c.actions(branch, ended))
	}
	return errors.Join(errs...)
}

// typed checks what is particular to the type of an action.
func (c *checker) typed(a *Action) error {
	switch a.Type {
	case "If", "Compose":
		return nil
	case "Http":
		var in HTTP
		if err := strict(a.Inputs, &in); err != nil {
			return err
		}
		return in.check()
	case "Terminate":
		var in terminate
		if err := strict(a.Inputs, &in); err != nil {
			return err
		}
		if in.Status != Failed || in.Error.Code == "" || in.Error.Message == "" {
			return fmt.Errorf("runStatus %q, or no code, or no message", in.Status)
		}
		return nil
	case "Response":
		for name, t := range c.Triggers {
			if t.Type != "Request" {
				return fmt.Errorf("trigger %s has nobody to respond to", name)
			}
		}
		var in response
		return strict(a.Inputs, &in)
	default:
		return fmt.Errorf("type %q is not known here", a.Type)
	}
}

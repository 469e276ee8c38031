package playbook

import (
	"fmt"
	"strings"
)

// scope is what expressions see: the parameters, the trigger and the actions that have ended.
type scope struct {
	parameters map[string]any
	trigger    map[string]any // its outputs
	actions    map[string]map[string]any
}

// function is one of the language, with how many arguments it takes.
type function struct {
	least, most int
	do          func(s *scope, args []any) (any, error)
}

const many = 99

// functions holds the functions that our definitions use, and no others, by
// their names in lower case.
var functions = map[string]function{
	"actions":            {1, 1, func(s *scope, args []any) (any, error) { return s.action(args) }},
	"body":               {1, 1, func(s *scope, args []any) (any, error) { return s.output(args, "body") }},
	"coalesce":           {1, many, coalesce},
	"concat":             {2, many, concat},
	"contains":           {2, 2, contains},
	"createarray":        {1, many, func(_ *scope, args []any) (any, error) { return args, nil }},
	"empty":              {1, 1, empty},
	"encodeuricomponent": {1, 1, func(_ *scope, args []any) (any, error) { return onString(args, escape) }},
	"first":              {1, 1, func(_ *scope, args []any) (any, error) { return end(args, func(int) int { return 0 }) }},
	"if":                 {3, 3, choose},
	"last":               {1, 1, func(_ *scope, args []any) (any, error) { return end(args, func(n int) int { return n - 1 }) }},
	"listcallbackurl":    {0, 0, func(*scope, []any) (any, error) { return "https://callback.example.com/", nil }},
	"outputs":            {1, 1, func(s *scope, args []any) (any, error) { return s.output(args) }},
	"parameters":         {1, 1, parameters},
	"split":              {2, 2, split},
	"startswith":         {2, 2, startsWith},
	"string":             {1, 1, func(_ *scope, args []any) (any, error) { return asString(args[0]), nil }},
	"tolower":            {1, 1, func(_ *scope, args []any) (any, error) { return onString(args, strings.ToLower) }},
	"triggerbody":        {0, 0, func(s *scope, _ []any) (any, error) { return s.trigger["body"], nil }},
	"triggeroutputs":     {0, 0, func(s *scope, _ []any) (any, error) { return s.trigger, nil }},
}

func (l literal) value(*scope) (any, error) { return l.of, nil }

func (c call) value(s *scope) (any, error) {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		var err error
		if args[i], err = arg.value(s); err != nil {
			return nil, err
		}
	}
	v, err := functions[c.name].do(s, args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return v, nil
}

func (m member) value(s *scope) (any, error) {
	of, err := m.of.value(s)
	if err != nil {
		return nil, err
	}
	name, err := m.name.value(s)
	if err != nil {
		return nil, err
	}
	key, isKey := name.(string)
	object, isObject := of.(map[string]any)
	v, has := object[key]
	switch {
	case !isKey:
		return nil, fmt.Errorf("%v does not name a member", name)
	case has, m.lax && (isObject || of == nil):
		return v, nil
	default:
		return nil, fmt.Errorf("no member %q in %v", key, of)
	}
}

// action returns what is known of an action that has ended.
func (s *scope) action(args []any) (map[string]any, error) {
	a, ended := s.actions[asString(args[0])]
	if !ended {
		return nil, fmt.Errorf("action %v has not ended", args[0])
	}
	return a, nil
}

// output returns the outputs of an action, or a member of them; null where it has none.
func (s *scope) output(args []any, path ...string) (any, error) {
	a, err := s.action(args)
	if err != nil {
		return nil, err
	}
	v := a["outputs"]
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v, nil
}

func parameters(s *scope, args []any) (any, error) {
	v, has := s.parameters[asString(args[0])]
	if !has {
		return nil, fmt.Errorf("no parameter %v", args[0])
	}
	return v, nil
}

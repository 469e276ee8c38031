package playbook

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

func coalesce(_ *scope, args []any) (any, error) {
	for _, v := range args {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

func choose(_ *scope, args []any) (any, error) {
	if is, ok := args[0].(bool); !ok {
		return nil, fmt.Errorf("%v is not true or false", args[0])
	} else if is {
		return args[1], nil
	}
	return args[2], nil
}

func contains(_ *scope, args []any) (any, error) {
	switch in := args[0].(type) {
	case string:
		text, is := args[1].(string)
		if !is {
			return nil, fmt.Errorf("%v is not a string", args[1])
		}
		return strings.Contains(in, text), nil
	case []any:
		for _, v := range in {
			if reflect.DeepEqual(v, args[1]) {
				return true, nil
			}
		}
		return false, nil
	default:
		return nil, fmt.Errorf("%v is not a string or an array", args[0])
	}
}

func empty(_ *scope, args []any) (any, error) {
	switch v := args[0].(type) {
	case nil:
		return true, nil
	case string:
		return v == "", nil
	case map[string]any:
		return len(v) == 0, nil
	default:
		return nil, fmt.Errorf("%v is not a string or an object", v)
	}
}

func concat(_ *scope, args []any) (any, error) {
	var out strings.Builder
	for _, v := range args {
		s, is := v.(string)
		if !is {
			return nil, fmt.Errorf("%v is not a string", v)
		}
		out.WriteString(s)
	}
	return out.String(), nil
}

func split(_ *scope, args []any) (any, error) {
	text, is := args[0].(string)
	by, isToo := args[1].(string)
	if !is || !isToo {
		return nil, errors.New("not two strings")
	}
	var out []any
	for _, s := range strings.Split(text, by) {
		out = append(out, s)
	}
	return out, nil
}

func startsWith(_ *scope, args []any) (any, error) {
	text, is := args[0].(string)
	prefix, isToo := args[1].(string)
	if !is || !isToo {
		return nil, errors.New("not two strings")
	}
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix)), nil
}

func end(args []any, at func(n int) int) (any, error) {
	in, is := args[0].([]any)
	if !is || len(in) == 0 {
		return nil, fmt.Errorf("%v is not an array that has items", args[0])
	}
	return in[at(len(in))], nil
}

func onString(args []any, do func(string) string) (any, error) {
	s, is := args[0].(string)
	if !is {
		return nil, fmt.Errorf("%v is not a string", args[0])
	}
	return do(s), nil
}

// escape escapes all but RFC 3986's unreserved characters, as the engine does.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

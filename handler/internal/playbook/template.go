package playbook

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// part is a stretch of a string, or an expression that stands in it.
type part struct {
	text string
	expr expression
}

// parse takes a string of a definition apart: "@e" is the value of the
// expression itself (whole), "a@{e}b" a string in which it stands, "@@" an @.
func parse(s string) (parts []part, whole bool, err error) {
	if strings.HasPrefix(s, "@") && !strings.HasPrefix(s, "@@") && !strings.HasPrefix(s, "@{") {
		p := parser{text: s, at: 1}
		e, err := p.expression()
		if err == nil && p.at != len(s) {
			err = p.expected("the end")
		}
		return []part{{expr: e}}, true, err
	}
	for at := 0; at < len(s); {
		text, rest, found := strings.Cut(s[at:], "@")
		parts = append(parts, part{text: text})
		at += len(text) + 1
		switch {
		case !found:
		case strings.HasPrefix(rest, "@"):
			parts = append(parts, part{text: "@"})
			at++
		case strings.HasPrefix(rest, "{"):
			p := parser{text: s, at: at + 1}
			e, err := p.expression()
			if err == nil && !p.next("}") {
				err = p.expected("}")
			}
			if err != nil {
				return nil, false, err
			}
			parts = append(parts, part{expr: e})
			at = p.at
		default:
			parts = append(parts, part{text: "@"})
		}
	}
	return parts, false, nil
}

// evaluate replaces every string in a JSON value by what it evaluates to.
func (s *scope) evaluate(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return s.text(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = s.evaluate(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			var err error
			if out[k], err = s.evaluate(v[k]); err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
		}
		return out, nil
	default:
		return v, nil
	}
}

func (s *scope) text(text string) (any, error) {
	parts, whole, err := parse(text)
	if err != nil {
		return nil, err
	}
	if whole {
		return parts[0].expr.value(s)
	}
	var out strings.Builder
	for _, p := range parts {
		if p.expr == nil {
			out.WriteString(p.text)
			continue
		}
		v, err := p.expr.value(s)
		if err != nil {
			return nil, err
		}
		out.WriteString(asString(v))
	}
	return out.String(), nil
}

// into evaluates inputs and decodes what comes out.
func (s *scope) into(inputs json.RawMessage, out any) error {
	var v any
	if err := json.Unmarshal(inputs, &v); err != nil {
		return err
	}
	v, err := s.evaluate(v)
	if err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return strict(data, out)
}

// asString is how a value stands in a string.
func asString(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(data)
	}
}

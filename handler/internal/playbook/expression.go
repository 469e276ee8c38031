package playbook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// expression is a parsed workflow expression.
type expression interface {
	value(with *scope) (any, error)
}

// literal is a string, a number, a truth value or null.
type literal struct{ of any }

// call is a function with its arguments.
type call struct {
	name string // in lower case: the language does not tell them apart
	args []expression
}

// member is of[name], or of?[name], which is null where of is null or has no such member.
type member struct {
	of, name expression
	lax      bool
}

// parser reads one expression from text, beginning at the byte at.
type parser struct {
	text string
	at   int
}

func (p *parser) expression() (expression, error) {
	e, err := p.primary()
	for err == nil {
		lax := p.next("?[")
		if !lax && !p.next("[") {
			return e, nil
		}
		var name expression
		if name, err = p.expression(); err == nil && !p.next("]") {
			err = p.expected("]")
		}
		e = member{of: e, name: name, lax: lax}
	}
	return nil, err
}

func (p *parser) primary() (expression, error) {
	p.space()
	rest := p.text[p.at:]
	switch {
	case rest == "":
		return nil, p.expected("an expression")
	case rest[0] == '\'':
		return p.quoted()
	case rest[0] >= '0' && rest[0] <= '9':
		word := p.word(func(r rune) bool { return r == '.' || unicode.IsDigit(r) })
		n, err := strconv.ParseFloat(word, 64)
		return literal{n}, err
	}
	word := p.word(unicode.IsLetter)
	switch constants := map[string]any{"true": true, "false": false, "null": nil}; {
	case word == "":
		return nil, p.expected("an expression")
	case p.next("("):
		return p.call(word)
	default:
		v, is := constants[word]
		if !is {
			return nil, fmt.Errorf("%s at %d of %q is no function, string, number or constant", word, p.at, p.text)
		}
		return literal{v}, nil
	}
}

func (p *parser) call(name string) (expression, error) {
	c := call{name: strings.ToLower(name)}
	f, known := functions[c.name]
	if !known {
		return nil, fmt.Errorf("function %s is not known here", name)
	}
	for closed := p.next(")"); !closed; {
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
		if closed = p.next(")"); !closed && !p.next(",") {
			return nil, p.expected(", or )")
		}
	}
	if n := len(c.args); n < f.least || n > f.most {
		return nil, fmt.Errorf("function %s does not take %d arguments", name, n)
	}
	return c, nil
}

// quoted reads a string in single quotes, in which two of them are one.
func (p *parser) quoted() (expression, error) {
	var s strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		if p.text[p.at] != '\'' {
			s.WriteByte(p.text[p.at])
			continue
		}
		if !strings.HasPrefix(p.text[p.at:], "''") {
			p.at++
			return literal{s.String()}, nil
		}
		p.at++
		s.WriteByte('\'')
	}
	return nil, p.expected("'")
}

func (p *parser) word(of func(rune) bool) string {
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !of(r) })
	if end < 0 {
		end = len(rest)
	}
	p.at += end
	return rest[:end]
}

func (p *parser) space() { p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " ")) }

// next reads a token if it comes next.
func (p *parser) next(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) expected(what string) error {
	return fmt.Errorf("expected %s at %d of %q", what, p.at, p.text)
}

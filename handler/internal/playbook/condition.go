package playbook

import (
	"fmt"
	"reflect"
)

// holds evaluates the expression of an If: an object with one operator.
func (s *scope) holds(v any) (bool, error) {
	name, operands, err := operator(v)
	if err != nil {
		return false, err
	}
	switch name {
	case "not":
		is, err := s.holds(operands[0])
		return !is, err
	case "and", "or":
		for _, operand := range operands {
			if is, err := s.holds(operand); err != nil || is == (name == "or") {
				return is, err
			}
		}
		return name == "and", nil
	}
	values, err := s.evaluate(operands)
	if err != nil {
		return false, err
	}
	return compare(name, values.([]any)[0], values.([]any)[1])
}

func compare(name string, a, b any) (bool, error) {
	switch name {
	case "equals":
		return reflect.DeepEqual(a, b), nil
	case "contains":
		is, err := contains(nil, []any{a, b})
		return is == true, err
	default: // greaterOrEquals
		x, is := a.(float64)
		y, isToo := b.(float64)
		if !is || !isToo {
			return false, fmt.Errorf("%s of %v and %v, not two numbers", name, a, b)
		}
		return x >= y, nil
	}
}

// operator takes a condition apart, with its operands in an array.
func operator(v any) (string, []any, error) {
	object, is := v.(map[string]any)
	if !is || len(object) != 1 {
		return "", nil, fmt.Errorf("condition %v is not an object with one operator", v)
	}
	for name, operand := range object {
		operands, _ := operand.([]any)
		switch name {
		case "not":
			return name, []any{operand}, nil
		case "and", "or":
			if len(operands) > 0 {
				return name, operands, nil
			}
		case "equals", "contains", "greaterOrEquals":
			if len(operands) == 2 {
				return name, operands, nil
			}
		}
		return "", nil, fmt.Errorf("operator %s with %d operands is not known here", name, len(operands))
	}
	return "", nil, nil
}

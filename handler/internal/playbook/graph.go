package playbook

import (
	"maps"
	"slices"
)

// branches returns the actions inside an If: when its expression is true, and else.
func (a *Action) branches() []map[string]*Action {
	if a.Else == nil {
		return []map[string]*Action{a.Actions, nil}
	}
	return []map[string]*Action{a.Actions, a.Else.Actions}
}

// order sorts the actions of a scope so that each comes after what it waits for.
func order(actions map[string]*Action) (names []string) {
	left := slices.Sorted(maps.Keys(actions))
	for n := -1; n != len(names); {
		n = len(names)
		left = slices.DeleteFunc(left, func(name string) bool {
			for before := range actions[name].RunAfter {
				if !slices.Contains(names, before) {
					return false
				}
			}
			names = append(names, name)
			return true
		})
	}
	return names
}

// last returns the actions of a scope that none of the others waits for.
func last(actions map[string]*Action) []string {
	waited := map[string]bool{}
	for _, a := range actions {
		for before := range a.RunAfter {
			waited[before] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(actions)), func(name string) bool { return waited[name] })
}

// ancestors returns all that the action waits for, and they for.
func ancestors(actions map[string]*Action, name string) (all []string) {
	for before := range actions[name].RunAfter {
		all = append(append(all, before), ancestors(actions, before)...)
	}
	return all
}

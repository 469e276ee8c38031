// Package playbook reads the Logic App definitions under infra/playbooks and
// runs them as far as tests need it: it checks what the engine would refuse to
// save, evaluates the workflow expressions, and walks the actions, with a
// function of the test in the place of the network. Only tests import it.
//
// It knows the action types, functions and operators that our definitions use
// and no others, so that one that is used for the first time fails the tests
// until somebody has looked up what it does. The semantics are those of the
// Workflow Definition Language, schema 2016-06-01, for Consumption workflows;
// where that is unclear, property names count in their case and conversions fail.
package playbook

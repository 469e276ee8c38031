// Package policy holds the Azure policies that keep a deployment as it was reviewed.
//
// A file of definitions/ is one definition, as Azure takes it; infra/modules/govern/policy.bicep makes
// the initiative of them. testdata/ has resources that comply with each and resources that do not,
// and the tests have them judged by the evaluator in evaluate/.
package policy

package api_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secretsharer/secretsharer/api"
)

// schema has the members and the enumerated words of a schema in docs/openapi.yaml.
type schema struct {
	Properties map[string]schema
	Required   []string
	OneOf      []schema `yaml:"oneOf"`
	Items      *schema
	Const      string
	Enum       []string
}

func readSchemas(t *testing.T) map[string]schema {
	t.Helper()
	text, err := os.ReadFile("../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

var problems = []string{
	api.ProblemNotFound, api.ProblemGone, api.ProblemWrongPassphrase, api.ProblemFrozen, api.ProblemHeld, api.ProblemConflict, api.ProblemInvalid,
	api.ProblemUnauthorized, api.ProblemForbidden, api.ProblemTooLarge, api.ProblemUnsupportedMediaType, api.ProblemMethodNotAllowed,
	api.ProblemRateLimited, api.ProblemUnavailable, api.ProblemFull,
}

// TestTypesHaveTheMembersThatAreDocumented also compares which members may be missing.
func TestTypesHaveTheMembersThatAreDocumented(t *testing.T) {
	schemas := readSchemas(t)
	for name, value := range map[string]any{
		"Draft": api.Draft{}, "Created": api.Created{}, "Status": api.Status{}, "Reading": api.Reading{}, "Receipt": api.Receipt{},
		"ReceiptEvent": api.ReceiptEvent{}, "HoldRequest": api.HoldRequest{}, "Scope": api.Scope{}, "Hold": api.Hold{}, "Outcome": api.Outcome{},
		"Covers": api.Covers{}, "Holds": api.Holds{}, "Config": api.Config{}, "Health": api.Health{},
	} {
		got, gotRequired := membersOf(value)
		want, wantRequired := schemas[name].members()
		compare(t, name, got, want)
		compare(t, name+", required", gotRequired, wantRequired)
	}
}

// A problem's members are those of all kinds of problems together.
func TestProblemHasTheMembersThatAreDocumented(t *testing.T) {
	schemas := readSchemas(t)
	all := schema{}
	var slugs []string
	for _, s := range schemas {
		if slug, is := strings.CutPrefix(s.Properties["type"].Const, api.ProblemPrefix); is {
			all.OneOf = append(all.OneOf, s)
			slugs = append(slugs, slug)
		}
	}
	got, gotRequired := membersOf(api.Problem{})
	want, wantRequired := all.members()
	compare(t, "Problem", got, want)
	compare(t, "Problem, required", gotRequired, wantRequired)
	compare(t, "slugs", problems, slugs)
}

func TestWordsAreThoseThatAreDocumented(t *testing.T) {
	schemas := readSchemas(t)
	states := []string{api.StateLive, api.StateFrozen, api.StateHeld}
	reasons := []string{api.ReasonRead, api.ReasonRevoked, api.ReasonExpired}
	compare(t, "states", states, schemas["Status"].Properties["state"].Enum)
	compare(t, "states of a receipt", slices.Concat(states, reasons), schemas["Receipt"].Properties["state"].Enum)
	compare(t, "reasons", reasons, schemas["Gone"].Properties["reason"].Enum)
	compare(t, "reasons of a freeze", []string{api.FreezePassphrase, api.FreezeAddresses}, schemas["FreezeReason"].Enum)
	compare(t, "modes", []string{api.ModeBlockRead, api.ModeBlockCreate, api.ModePreserve}, schemas["Modes"].Items.Enum)
	compare(t, "who may create", []string{api.CreateAnyone, api.CreateKey, api.CreateEntra}, schemas["Config"].Properties["create"].Enum)
	compare(t, "health", []string{api.HealthLive, api.HealthReady}, schemas["Health"].Properties["status"].Enum)
	compare(t, "checks", []string{api.CheckOK, api.CheckNoAnswer, api.CheckFull, api.CheckDegraded}, schemas["Check"].Enum)
	var kinds []string
	for _, s := range schemas["Scope"].OneOf {
		kinds = append(kinds, s.Properties["kind"].Const)
	}
	compare(t, "kinds", []string{api.ScopeAll, api.ScopeWeek, api.ScopeKey, api.ScopePeriod, api.ScopePrefix, api.ScopeID}, kinds)
}

// members returns all members of a schema, and those that each of its forms requires.
func (s schema) members() (all, required []string) {
	forms := s.OneOf
	if len(forms) == 0 {
		forms = []schema{s}
	}
	required = forms[0].Required
	for _, form := range forms {
		for name := range form.Properties {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		required = slices.DeleteFunc(slices.Clone(required), func(name string) bool { return !slices.Contains(form.Required, name) })
	}
	return all, required
}

// membersOf returns the names of a struct's members, and of those that are never left out.
func membersOf(value any) (all, required []string) {
	for field := range reflect.TypeOf(value).Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, name)
		if options == "" {
			required = append(required, name)
		}
	}
	return all, required
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: the types have %v, docs/openapi.yaml has %v", what, got, want)
	}
}

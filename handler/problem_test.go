package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var fiveLater = start.Add(5 * time.Minute)

// samples has an error for every slug: the one of the example in docs/problems.md.
var samples = map[string]error{
	"not-found":              secret.ErrNotFound,
	"gone":                   &secret.GoneError{Reason: secret.ReasonRead, At: fiveLater},
	"wrong-passphrase":       &secret.WrongClaimError{TriesLeft: 9},
	"frozen":                 &secret.FrozenError{At: fiveLater, Reason: secret.FreezePassphrase, UnlocksLeft: 10},
	"held":                   &secret.HeldError{Until: start.Add(time.Hour)},
	"conflict":               secret.ErrConflict,
	"invalid":                &secret.InvalidError{Field: "views", Reason: "must be 1 to 100"},
	"unauthorized":           &missingProofError{"Secret-Access"},
	"forbidden":              errForbidden,
	"too-large":              secret.ErrTooLarge,
	"unsupported-media-type": errMediaType,
	"method-not-allowed":     errMethod,
	"rate-limited":           &rateError{30 * time.Second},
	"unavailable":            secret.ErrUnavailable,
	"full":                   secret.ErrFull,
}

// The code, docs/openapi.yaml and docs/problems.md have the same problems with the same
// statuses, and the examples in docs/problems.md are the handler's answers.
func TestProblemsAreTheSameInCodeAndDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)\n## ([a-z-]+)\n(.*?)\n```json\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		examples[m[1]] = m[3]
	}
	headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(headings) != len(examples) {
		t.Errorf("%d sections, %d examples", len(headings), len(examples))
	}
	sameWords(t, "docs/problems.md", examples)
	sameWords(t, "docs/openapi.yaml", described.problems(t))
	for slug, err := range samples {
		var got bytes.Buffer
		if err := json.Indent(&got, written(t, slug, err), "", "  "); err != nil {
			t.Fatal(err)
		}
		if got.String()+"\n" != examples[slug] {
			t.Errorf("%s is answered\n%s\nand documented as\n%s", slug, &got, examples[slug])
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| \[([a-z-]+)\]\(#([a-z-]+)\) \| ([0-9]+) \|`).FindAllStringSubmatch(string(text), -1) {
		if p := classify(samples[row[1]]); row[1] != row[2] || strconv.Itoa(p.Status) != row[3] {
			t.Errorf("the table has %s, %s, %s; status is %d", row[1], row[2], row[3], p.Status)
		}
		delete(examples, row[1])
	}
	if len(examples) > 0 {
		t.Errorf("not in the table: %v", slices.Sorted(maps.Keys(examples)))
	}
}

// written returns the answer to an error, and checks its slug.
func written(t *testing.T, slug string, err error) []byte {
	t.Helper()
	res := httptest.NewRecorder()
	p := classify(err)
	p.write(res)
	if p.Type != "/problems/"+slug || res.Code != p.Status || res.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v is %s, status %d in it and %d", err, p.Type, p.Status, res.Code)
	}
	return res.Body.Bytes()
}

func sameWords(t *testing.T, where string, found map[string]string) {
	t.Helper()
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(samples)); !slices.Equal(got, want) {
		t.Errorf("%s has %v, the code %v", where, got, want)
	}
}

// problems returns the slugs that the description's schemas and responses name.
func (c *contract) problems(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, answer := range c.answers() {
		var status int
		var operation, slug string
		if n, _ := fmt.Sscanf(answer, "%s %d %s", &operation, &status, &slug); n < 3 {
			if n, _ := fmt.Sscanf(answer, " %d %s", &status, &slug); n < 2 {
				continue
			}
		}
		found[slug] = ""
		if want := classify(samples[slug]).Status; status != want {
			t.Errorf("%s is described with %d, and answered with %d", slug, status, want)
		}
	}
	return found
}

func TestEverySlugHasASample(t *testing.T) {
	source, err := os.ReadFile("../api/problem.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`\tProblem[A-Za-z]+ += "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		found[m[1]] = ""
	}
	sameWords(t, "api/problem.go", found)
}

func TestWrappedErrorsKeepTheirProblem(t *testing.T) {
	for slug, err := range samples {
		written(t, slug, fmt.Errorf("operation: %w", err))
	}
	for name, cause := range map[string]error{
		"not found": secret.ErrNotFound, "gone": &secret.GoneError{}, "conflict": secret.ErrConflict, "too large": secret.ErrTooLarge, "other": errors.New("x"),
	} {
		if p := classify(fmt.Errorf("get row: %w: %w", secret.ErrUnavailable, cause)); p.Status != 503 {
			t.Errorf("%s from a dependency becomes %d, want 503", name, p.Status)
		}
	}
	written(t, "unavailable", errors.New("unknown"))
	written(t, "unavailable", &notReadyError{map[string]string{"store": "no answer"}})
}

func TestProblemsOmitUnknownMembers(t *testing.T) {
	if got := string(written(t, "gone", &secret.GoneError{})); got != `{"type":"/problems/gone","title":"The secret is gone.","status":410}` {
		t.Errorf("got %s", got)
	}
	if got := written(t, "wrong-passphrase", &secret.WrongClaimError{}); !bytes.Contains(got, []byte(`"tries_left":0`)) {
		t.Errorf("got %s", got)
	}
}

//go:build mutations

package simulation

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rule is a rule of the read protocol, and the edit of the source that takes it out.
type rule struct{ name, file, old, new string }

// rules is the protocol of docs/design.md, rule by rule.
var rules = []rule{
	{"a read proves access", "service.go", `return func(r *Record) bool { return r.Access.proves(access) }`, `return func(r *Record) bool { return true }`},
	{"what is over is refused", "read.go", `gone != nil && !live {`, `gone != nil && !live && v.Cleared {`},
	{"what is revoked is refused", "record.go", "case !r.Revoked.IsZero():\n\t\treturn &GoneError{Reason: ReasonRevoked", "case !r.Revoked.IsZero() && r.Cleared:\n\t\treturn &GoneError{Reason: ReasonRevoked"},
	{"a live lease outlasts the last view", "read.go", `gone != nil && !live {`, `gone != nil {`},
	{"a hold is looked at", "read.go", `v.held(BlockRead); is {`, `v.held(BlockRead); is && lease != nil {`},
	{"a hold is looked at before the claim", "read.go", `v.held(BlockRead); is { // 3`, `v.held(BlockRead); is && v.Claim.proves(c.proofs.Claim) { // 3`},
	{"a hold that cannot be looked up refuses", "read.go", `if v.holdErr != nil {`, `if false {`},
	{"a refusal by a hold renews the lease", "read.go", `s.refuse(ctx, &v, lease, until, &HeldError{Until: until})`, `error(&HeldError{Until: until})`},
	{"a renewal outlasts the hold", "read.go", `s.refuse(ctx, &v, lease, until, `, `s.refuse(ctx, &v, lease, v.now, `},
	{"a failed look-up of holds renews the lease", "read.go", `s.refuse(ctx, &v, lease, v.now, unavailable("look up holds", v.holdErr))`, `unavailable("look up holds", v.holdErr)`},
	{"a failing vault renews the lease", "read.go", `s.refuse(ctx, v, lease, s.Now(), unavailable("open envelope", err))`, `unavailable("open envelope", err)`},
	{"a refusal goes out once the renewal is written", "read.go", "lease.End = end\n\tif err := s.update(ctx, v.Record); err != nil {\n\t\treturn err\n\t}", "lease.End = end\n\t_ = s.update(ctx, v.Record)"},
	{"a renewal never shortens", "read.go", `|| !lease.End.Before(end) {`, `{`},
	{"a live lease gets the same bytes", "read.go", `if live && right { // 4`, `if false { // 4`},
	{"a live lease is served also when frozen", "read.go", `if live && right { // 4`, `if live && right && v.Frozen.IsZero() { // 4`},
	{"a lease needs the claim again", "read.go", `if live && right { // 4`, `if live { // 4`},
	{"a key takes one view", "read.go", `if lease != nil && !live { // 5`, `if false { // 5`},
	{"what is frozen is refused before the claim is looked at", "read.go", `if !v.Frozen.IsZero() { // 6`, `if !v.Frozen.IsZero() && !right { // 6`},
	{"tries run out", "read.go", `if len(r.Tries) >= s.Policy.Tries {`, `if len(r.Tries) > s.Policy.Tries {`},
	{"a wrong claim is told once the try is written", "read.go", "if err := s.update(ctx, r); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif !r.Frozen", "_ = s.update(ctx, r)\n\t\tif !r.Frozen"},
	{"a mark is written before the view is taken", "read.go", `markErr = s.Work.AddReminder(ctx, v.ID, end)`, `markErr = nil`},
	{"a failed mark takes no view", "read.go", `errors.Join(openErr, markErr); err != nil`, `errors.Join(openErr, markErr); openErr != nil`},
	{"a failing vault looks the same on what froze", "read.go", `return Reading{}, s.untaken(ctx, v.ID, c, err)`, `return Reading{}, unavailable("open", err)`},
	{"a duplicate that took the view is seen when the vault fails", "read.go", `case v.lease(c.key).live(v.now):`, `case false:`},
	{"a view is taken well before its mark is due", "read.go", `if taken.After(end.Add(-sendMargin)) {`, `if false {`},
	{"a refused or unanswered write serves nothing", "read.go", "if err := s.update(ctx, v.Record); err != nil {\n\t\treturn Reading{}, err //", "if err := s.update(ctx, v.Record); err != nil && false {\n\t\treturn Reading{}, err //"},
	{"an unanswered write is looked up", "read.go", "if err := s.update(ctx, v.Record); err != nil {\n\t\treturn Reading{}, err //", "if err := s.update(ctx, v.Record); err != nil {\n\t\treturn Reading{}, &GoneError{Reason: ReasonRead} //"},
	{"taking a view carries the version", "read.go", `v.Leases = append(v.Leases, Lease{`, "v.Version = \"*\"\n\tv.Leases = append(v.Leases, Lease{"},
	{"a try carries the version", "read.go", `r.Tries = append(r.Tries, try)`, "r.Version = \"*\"\n\t\tr.Tries = append(r.Tries, try)"},
	{"a renewal carries the version", "read.go", `lease.End = end`, "v.Version = \"*\"\n\tlease.End = end"},
	{"an ack carries the version", "ack.go", `lease.Acked = v.now`, "v.Version = \"*\"\n\tlease.Acked = v.now"},
	{"a revocation carries the version", "revoke.go", `v.Revoked = v.now`, "v.Version = \"*\"\n\tv.Revoked = v.now"},
	{"an unlock carries the version", "unlock.go", `v.log("unlocked", v.now)`, "v.Version = \"*\"\n\tv.log(\"unlocked\", v.now)"},
	{"a clearing carries the version", "purge.go", `r.Cleared = true`, "r.Version = \"*\"\n\tr.Cleared = true"},
	{"an ack proves access", "ack.go", `hasAccess(access)`, `func(*Record) bool { return true }`},
	{"an ack leaves the leases of others", "ack.go", `v.clearable(v.now) && v.mayClear()`, `v.Views == 0 && v.mayClear()`},
	{"an ack leaves what a hold preserves", "ack.go", `v.clearable(v.now) && v.mayClear()`, `v.clearable(v.now)`},
	{"not knowing the holds preserves", "service.go", `return v.holdErr == nil && !preserved`, `return !preserved`},
	{"who clears takes a lease for live a while longer", "record.go", `r.anyLive(t.Add(-ClearMargin))`, `r.anyLive(t)`},
	{"a revocation ends the lease of a reader in the middle", "revoke.go", `over != nil && !v.leased(v.now)`, `over != nil`},
	{"a revocation by link is refused when frozen", "revoke.go", "case !v.Frozen.IsZero():\n\t\treturn &FrozenError{At: v.Frozen}, true", "case false:"},
	{"a revocation by link needs the claim", "revoke.go", `p.Manage == nil && !v.Claim.proves(p.Claim)`, `false`},
	{"a revocation under a hold that preserves clears nothing", "revoke.go", `v.Cleared || v.mayClear()`, `true`},
	{"a revocation under a hold that preserves writes a mark", "revoke.go", `if err := s.Work.AddReminder(ctx, v.ID, due); err != nil {`, `if err := error(nil); err != nil {`},
	{"the mark of a revocation is for later", "revoke.go", `s.Work.AddReminder(ctx, v.ID, due)`, `s.Work.AddReminder(ctx, v.ID, due.Add(-2*LeaseTime))`},
	{"a revocation is sent well before its mark is due", "revoke.go", `if s.Now().After(due.Add(-sendMargin)) {`, `if false {`},
	{"a failing mark looks the same on what froze", "revoke.go", `return s.unended(ctx, v.ID, p, err)`, `return unavailable("write mark", err)`},
	{"an unlock keeps its key", "unlock.go", "case v.Unlock == key:\n\t\treturn nil", "case false:\n\t\treturn nil"},
	{"a mark stays while a lease lives", "purge.go", "case r.leased(p.now):\n\t\treturn false", "case r.leased(p.now):\n\t\treturn true"},
	{"a mark stays while a hold preserves", "purge.go", "case p.preserves(r):\n\t\treturn false", "case p.preserves(r):\n\t\treturn true"},
	{"purge leaves what a hold preserves", "purge.go", `case p.preserves(r):`, `case false:`},
	{"a mark stays until the clearing is confirmed", "purge.go", "if p.Store.Update(ctx, r) != nil {\n\t\treturn false", "if p.Store.Update(ctx, r) != nil {\n\t\treturn true"},
	{"a mark is looked at well after its minute", "purge.go", `due := p.now.Add(-ClearMargin)`, `due := p.now.Add(ClearMargin)`},
	{"purge clears what its marks name", "purge.go", `case !r.clearable(p.now):`, `case true:`},
	{"purge leaves the leases of what expired", "sweep.go", `if r.leased(w.now) || w.preserves(r) {`, `if w.preserves(r) {`},
	{"purge leaves preserved what expired", "sweep.go", `if r.leased(w.now) || w.preserves(r) {`, `if r.leased(w.now) {`},
	{"a watermark stays behind what was left", "sweep.go", `mark = min(mark, w.first); mark`, `mark = min(mark, ^Slot(0)); mark`},
	{"an insert has a deadline", "create.go", `context.WithTimeout(ctx, insertDeadline)`, `context.WithCancel(ctx)`},
	{"a hold stops creating", "create.go", `held(holds, r, BlockCreate, now); is {`, `held(holds, r, BlockCreate, now); is && false {`},
}

// TestEveryRuleIsNeeded takes each rule out of the source in turn, and sees the search find what it was there for.
func TestEveryRuleIsNeeded(t *testing.T) {
	for _, r := range rules {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			out, err := r.without(t)
			if err == nil {
				t.Fatalf("nothing breaks without it")
			}
			if !strings.Contains(out, "in the schedule") {
				t.Fatalf("the search did not run: %s", out)
			}
			_, found, _ := strings.Cut(out, "simulation_test.go:")
			first, _, _ := strings.Cut(found, "\n")
			t.Logf("without it: %s", first)
		})
	}
}

// without runs the search on the source less the rule.
func (r *rule) without(t *testing.T) (string, error) {
	t.Helper()
	original, err := filepath.Abs(filepath.Join("..", r.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(original) // #nosec G304 -- a file of this repository
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), r.old); n != 1 {
		t.Fatalf("%q stands %d times in %s", r.old, n, r.file)
	}
	edited := filepath.Join(t.TempDir(), r.file)
	if err := os.WriteFile(edited, []byte(strings.Replace(string(source), r.old, r.new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: edited}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-overlay", list, "-vet=off", "-failfast", "-count=1", // #nosec G204 -- fixed
		"-run", "TestEveryScheduleKeepsThePromises", ".", "-schedules", fmt.Sprint(100_000))
	out, err := test.CombinedOutput()
	return string(out), err
}

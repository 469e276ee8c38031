package simulation

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rule is a rule of the read protocol. Replacing the tokens of old, which occur once
// in the function fn of package secret, by those of new removes the rule.
type rule struct{ name, fn, old, new string }

// rules is the protocol of docs/design.md, rule by rule.
var rules = []rule{
	{"a read proves access", "hasAccess", "r.Access.proves(access)", "true"},
	{"nothing but the row is read before the proof", "Service.load", "s.store.Peek(ctx, id)", "s.store.Get(ctx, id)"},
	{"an ended secret is refused", "Service.read", "gone != nil && !live", "gone != nil && !live && v.Cleared"},
	{"a revoked secret is refused", "Record.over", "case !r.Revoked.IsZero()", "case !r.Revoked.IsZero() && r.Cleared"},
	{"a live lease outlasts the last view", "Service.read", "gone != nil && !live", "gone != nil"},
	{"a hold is checked", "Service.read", "case held", "case held && lease != nil"},
	{"a hold is checked for repeats, too", "Service.read", "case held", "case held && !live"},
	{"a hold is checked before the claim", "Service.read", "case held", "case held && v.Claim.proves(c.proofs.Claim)"},
	{"a hold that cannot be looked up refuses", "Service.read", "s.held(ctx, &v, hold.BlockRead)", "s.held(ctx, &v, hold.BlockRead); err = nil"},
	{"a refusal by a hold renews the lease", "Service.read", "s.refuse(ctx, &v, lease, until, &HeldError{Until: until})", "error(&HeldError{Until: until})"},
	{"a renewal outlasts the hold", "Service.read", "s.refuse(ctx, &v, lease, until,", "s.refuse(ctx, &v, lease, v.now,"},
	{"a failed look-up of holds renews the lease", "Service.read", "s.refuse(ctx, &v, lease, v.now, err)", "err"},
	{"a failing vault renews the lease", "Service.readAgain", "s.refuse(ctx, v, lease, s.now(), err)", "err"},
	{"a refusal is sent once the renewal is written", "Service.refuse", "if err := s.update(ctx, v.Record); err != nil { return err }", "_ = s.update(ctx, v.Record)"},
	{"a renewal never shortens a lease", "Service.refuse", "|| !lease.End.Before(end)", ""},
	{"a live lease gets the same bytes", "Service.read", "case live && v.Claim.proves(c.proofs.Claim)", "case false"},
	{"a live lease is served when frozen, too", "Service.read", "case live && v.Claim.proves(c.proofs.Claim)", "case live && v.Claim.proves(c.proofs.Claim) && v.Frozen.IsZero()"},
	{"a lease needs the claim again", "Service.read", "case live && v.Claim.proves(c.proofs.Claim)", "case live"},
	{"a key takes one view", "Service.read", "lease != nil && !live", "false"},
	{"a frozen secret is refused before the claim is checked", "Service.read", "case !v.Frozen.IsZero()", "case !v.Frozen.IsZero() && !v.Claim.proves(c.proofs.Claim)"},
	{"tries run out", "Service.refuseClaim", "len(r.Tries) >= s.policy.Tries", "len(r.Tries) > s.policy.Tries"},
	{"a claim is refused as wrong once the try is written", "Service.refuseClaim", "if err := s.update(ctx, r); err != nil { return err }", "_ = s.update(ctx, r)"},
	{"a reminder is added before the view is taken", "Service.takeView", "s.remind(ctx, v.ID, end, c)", "nil"},
	{"a reminder that fails takes no view", "Service.takeView", "errors.Join(openErr, reminderErr); err != nil", "errors.Join(openErr, reminderErr); openErr != nil"},
	{"a failing vault does not show on a frozen secret", "Service.takeView", "err := errors.Join(openErr, reminderErr); err != nil { return Reading{}, s.classifyReadFailure(ctx, v.ID, c, err) }", "err := errors.Join(openErr, reminderErr); err != nil { return Reading{}, err }"},
	{"a view that a duplicate took is served when the vault fails", "Service.classifyReadFailure", "case v.lease(c.key).live(v.now)", "case false"},
	{"a refused load does not show on a frozen secret", "Service.takeView", "err := s.admit(ctx, v, c); err != nil { return Reading{}, s.classifyReadFailure(ctx, v.ID, c, err) }", "err := s.admit(ctx, v, c); err != nil { return Reading{}, err }"},
	{"a call opens an envelope once", "Service.open", "c.envelope != nil && c.digest == v.Digest", "false"},
	{"an envelope is kept for the same row only", "Service.open", "c.envelope != nil && c.digest == v.Digest", "c.envelope != nil"},
	{"a view is taken well before its reminder is due", "Service.takeView", "taken.After(end.Add(-sendMargin))", "false"},
	{"a refused or unanswered write serves nothing", "Service.takeView", "err := s.update(ctx, v.Record); err != nil", "err := s.update(ctx, v.Record); err != nil && false"},
	{"an unanswered write is looked up", "Service.takeView", "err := s.update(ctx, v.Record); err != nil { return Reading{}, err }", "err := s.update(ctx, v.Record); err != nil { return Reading{}, &GoneError{Reason: ReasonRead} }"},
	{"taking a view carries the version", "Service.takeView", "v.Views--", `v.Views--; v.Version = "*"`},
	{"a try carries the version", "Service.refuseClaim", "r.Tries = append(r.Tries, try)", `r.Version = "*"; r.Tries = append(r.Tries, try)`},
	{"a renewal carries the version", "Service.refuse", "lease.End =", `v.Version = "*"; lease.End =`},
	{"an ack carries the version", "Service.ack", "lease.Acked = v.now", `v.Version = "*"; lease.Acked = v.now`},
	{"a revocation carries the version", "Service.writeRevoke", "v.Revoked = v.now", `v.Version = "*"; v.Revoked = v.now`},
	{"an unlock carries the version", "Service.unlock", `v.log("unlocked", v.now)`, `v.Version = "*"; v.log("unlocked", v.now)`},
	{"a clearing carries the version", "purge.follow", "r.Cleared = true", `r.Version = "*"; r.Cleared = true`},
	{"an ack proves access", "Service.ack", "hasAccess(access)", "func(*Record) bool { return true }"},
	{"an ack leaves the leases of others", "Service.ack", "v.clearable(v.now)", "v.Views == 0"},
	{"an ack clears nothing that a hold preserves", "Service.ack", "&& s.mayClear(ctx, &v)", ""},
	{"unknown holds preserve", "Service.mayClear", "err == nil &&", "(err == nil || true) &&"},
	{"deletions add a margin to leases", "Record.leased", "t.Add(-clearMargin)", "t"},
	{"a revocation ends live leases", "snapshot.decidesRevoke", "over != nil && !v.leased(v.now)", "over != nil"},
	{"a revocation by link is refused when frozen", "snapshot.decidesRevoke", "case !v.Frozen.IsZero()", "case false"},
	{"a revocation by link needs the claim", "Service.revoke", "p.Manage == nil", "false"},
	{"a revocation under a hold that preserves clears nothing", "Service.writeRevoke", "v.Cleared || s.mayClear(ctx, v)", "true"},
	{"a revocation under a hold that preserves adds a reminder", "Service.writeRevoke", "s.store.AddReminder(ctx, v.ID, due)", "error(nil)"},
	{"the reminder of a revocation is for later", "Service.writeRevoke", "s.store.AddReminder(ctx, v.ID, due)", "s.store.AddReminder(ctx, v.ID, due.Add(-2*leaseTime))"},
	{"a revocation is sent well before its reminder is due", "Service.writeRevoke", "s.now().After(due.Add(-sendMargin))", "false"},
	{"a failing reminder does not show on a frozen secret", "Service.writeRevoke", "s.classifyRevokeFailure(ctx, v.ID, p, err)", `unavailable("add reminder", err)`},
	{"a freeze carries the version", "Service.freeze", `v.log("frozen", v.now)`, `v.Version = "*"; v.log("frozen", v.now)`},
	{"a freeze leaves what is over", "Service.freeze", "v.over(v.now) != nil ||", ""},
	{"a freeze leaves what is frozen", "Service.freeze", "!v.Frozen.IsZero() ||", ""},
	{"a freeze leaves what was unlocked since", "Service.freeze", "|| v.unlockedSince(since)", ""},
	{"an unlock that forgets counts", "Service.unlock", "v.Unlocks++", ""},
	{"unlocks that forget run out", "Service.unlock", "case v.Unlocks < MaxUnlocks", "case true"},
	{"the end of a freeze for addresses forgets nothing", "Service.unlock", "v.Reason != FreezeAddresses &&", ""},
	{"an unlock keeps its key", "Service.unlock", "case v.Unlock == key", "case false"},
	{"a reminder stays while a lease lives", "purge.follow", "case r.leased(p.now): return false", "case r.leased(p.now): return true"},
	{"a reminder stays while a hold preserves", "purge.follow", "case p.preserves(r): return false", "case p.preserves(r): return true"},
	{"a reminder clears nothing that a hold preserves", "purge.follow", "case p.preserves(r)", "case false"},
	{"a reminder stays until the clearing is confirmed", "purge.follow", "if p.store.Update(ctx, r) != nil { return false }", "if p.store.Update(ctx, r) != nil { return true }"},
	{"a reminder is followed well after its minute", "purge.followReminders", "p.now.Add(-clearMargin)", "p.now.Add(clearMargin)"},
	{"purge clears the rows that reminders name", "purge.follow", "case !r.clearable(p.now)", "case true"},
	{"purge leaves expired rows with leases", "pass.page", "r.leased(w.now) ||", ""},
	{"purge leaves expired rows that a hold preserves", "pass.page", "|| w.preserves(r)", ""},
	{"a watermark stays behind rows that were left", "pass.advance", "watermark = min(watermark, w.firstLeft)", ""},
	{"an insert has a deadline", "Service.insert", "context.WithTimeout(ctx, insertDeadline)", "context.WithCancel(ctx)"},
	{"a hold stops creating", "Record.mayBeCreated", "held {", "held && false {"},
}

// TestEveryRuleIsInTheSource fails when code that a rule names was renamed or moved.
// Otherwise only TestEveryRuleIsNeeded would fail, which takes much longer.
func TestEveryRuleIsInTheSource(t *testing.T) {
	src := readSource(t)
	for _, r := range rules {
		_, edited, err := src.without(r)
		if err != nil {
			t.Errorf("%s: %v", r.name, err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", edited, 0); err != nil {
			t.Errorf("%s: without it: %v", r.name, err)
		}
	}
	t.Logf("%d rules", len(rules))
}

// source is the product code of package secret.
type source struct {
	files     map[string][]byte
	functions map[string]function // by name, methods as type.method
}

type function struct {
	file       string
	start, end int // offsets in the file
}

func readSource(t *testing.T) *source {
	t.Helper()
	src := &source{map[string][]byte{}, map[string]function{}}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file) // #nosec G304 -- a file of this repository
		if err != nil {
			t.Fatal(err)
		}
		src.files[file] = text
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				src.functions[functionName(f)] = function{file, set.Position(f.Pos()).Offset, set.Position(f.End()).Offset}
			}
		}
	}
	return src
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	return receiver.(*ast.Ident).Name + "." + f.Name.Name
}

// without returns the file that has the rule, and its text without the rule.
func (s *source) without(r rule) (file string, edited []byte, err error) {
	f, ok := s.functions[r.fn]
	if !ok {
		return "", nil, fmt.Errorf("package secret has no function %s", r.fn)
	}
	text := s.files[f.file]
	body, old := tokens(text[f.start:f.end]), tokens([]byte(r.old))
	var found []int
	for i := range len(body) - len(old) + 1 {
		if sameTokens(body[i:i+len(old)], old) {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return "", nil, fmt.Errorf("%s has %q %d times, want 1", r.fn, r.old, len(found))
	}
	first, last := body[found[0]], body[found[0]+len(old)-1]
	start, end := f.start+first.at, f.start+last.at+len(last.text)
	return f.file, bytes.Join([][]byte{text[:start], []byte(r.new), text[end:]}, nil), nil
}

// codeToken is a token of Go, except for line breaks and comments.
type codeToken struct {
	text string
	at   int // offset
}

func tokens(text []byte) (all []codeToken) {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		pos, kind, literal := s.Scan()
		switch {
		case kind == token.EOF:
			return all
		case kind == token.SEMICOLON && literal == "\n":
			continue
		case literal == "":
			literal = kind.String()
		}
		all = append(all, codeToken{literal, file.Offset(pos)})
	}
}

func sameTokens(a, b []codeToken) bool {
	for i := range a {
		if a[i].text != b[i].text {
			return false
		}
	}
	return true
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/client"
	"github.com/spf13/cobra"
	"golang.org/x/text/width"
)

// operatorCommand is a command about holds.
func (a *app) operatorCommand(use, short string, args cobra.PositionalArgs, run func(context.Context, []string) error) *cobra.Command {
	cmd := command(use, short, args, run)
	cmd.Flags().StringVar(&a.adminKeyFile, "admin-key-file", "", "file with your operator's key, one line (required)")
	return cmd
}

// operator returns a client with the operator's key.
func (a *app) operator() (*client.Client, error) {
	if a.adminKeyFile == "" {
		return nil, fmt.Errorf("%w: --admin-key-file is required: the file with your operator's key", errUsage)
	}
	var err error
	if a.options.AdminKey, err = headerKey("--admin-key-file", a.adminKeyFile); err != nil {
		return nil, err
	}
	info, err := os.Stat(a.adminKeyFile)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // not refused: a hold is urgent
		a.say("sss: --admin-key-file: other users can read %s; run chmod 600, and replace the key if they may have read it", a.adminKeyFile)
	}
	return a.client()
}

// noHolds explains a 404 to a call that names no hold.
func noHolds(err error) error {
	if errors.Is(err, client.ErrNotFound) {
		return errors.New("this server has no quarantine: is --server the right one?")
	}
	return err
}

// change makes a change and returns how long that took. It warns if an error leaves open
// whether the change took effect, and if the change was made but its event was not sent.
func (a *app) change(what string, f func() (api.Outcome, error), made, doubt string) (api.Outcome, time.Duration, error) {
	begun := time.Now()
	got, err := during(a, what, f)
	took := time.Since(begun)
	switch {
	case inDoubt(err):
		a.say("%s", doubt)
	case err == nil && !got.EventSent:
		a.say("%s, but its event could not be sent: tell the person on call.", made)
	}
	return got, took, err
}

// inDoubt reports whether a call ended without an answer to it.
func inDoubt(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, client.ErrUnreachable) || errors.Is(err, client.ErrUnavailable)
}

// columns is the greatest width of the table of holds.
const columns = 100

// holdList is the result of holds, and its JSON.
type holdList struct {
	Active []api.Hold `json:"active"`
	Past   []api.Hold `json:"past,omitzero"` // nil without --past
}

func (a *app) holdsCommand() *cobra.Command {
	var past bool
	cmd := a.operatorCommand("holds", "List the active holds, as an operator", cobra.NoArgs,
		func(ctx context.Context, _ []string) error { return a.holds(ctx, past) })
	cmd.Flags().BoolVar(&past, "past", false, "list those that were released or have ended, too")
	return cmd
}

func (a *app) holds(ctx context.Context, past bool) error {
	c, err := a.operator()
	if err != nil {
		return err
	}
	list, err := during(a, "Asking the server", func() (holdList, error) { return listHolds(ctx, c, past) })
	switch {
	case err != nil:
		return noHolds(err)
	case a.json:
		return a.print(list)
	}
	err = a.printTable(list.Active, "until (UTC)", "No hold is active.")
	if err != nil || list.Past == nil {
		return err
	}
	return a.printTable(list.Past, "ended (UTC)", "There are no past holds.")
}

// listHolds fetches all pages of the active holds, and those of the past ones if they
// are wanted, newest first.
func listHolds(ctx context.Context, c *client.Client, past bool) (holdList, error) {
	list := holdList{Active: []api.Hold{}}
	if past {
		list.Past = []api.Hold{}
	}
	for next := ""; ; {
		page, err := c.Holds(ctx, next)
		if err != nil {
			return list, err
		}
		list.Active = append(list.Active, page.Active...)
		if past {
			list.Past = append(list.Past, page.Past...)
		}
		switch {
		case page.Next == "" || len(page.Past) > 0 && !past: // no active ones follow past ones
			slices.SortStableFunc(list.Active, newestFirst)
			slices.SortStableFunc(list.Past, newestFirst)
			return list, nil
		case page.Next == next:
			return list, errors.New("the server's list of holds has no end")
		}
		next = page.Next
	}
}

func newestFirst(a, b api.Hold) int { return b.CreatedAt.Compare(a.CreatedAt) }

// printTable prints each hold as a row, with its modes and reasons below it. Without a
// hold it prints the text none on standard error.
func (a *app) printTable(holds []api.Hold, ends, none string) error {
	if len(holds) == 0 {
		a.say("%s", none)
		return nil
	}
	lines := []string{row("hold", ends, "scope")}
	for _, h := range holds {
		lines = append(lines, row(h.ID, minute(cmp.Or(h.ReleasedAt, h.Until)), scopeText(h.Scope)))
		lines = append(lines, cut(fmt.Sprintf("  %s, by %s: %s", strings.Join(h.Modes, " "), h.Source, h.Reason)))
		if h.ReleaseReason != "" {
			lines = append(lines, cut("  released: "+h.ReleaseReason))
		}
	}
	return a.write(strings.Join(lines, "\n") + "\n")
}

func row(id, end, scope string) string { return cut(fmt.Sprintf("%-32s  %-16s  %s", id, end, scope)) }

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// cut makes one escaped line of a text, no wider than the table.
func cut(s string) string {
	s, _ = escape([]byte(oneLine(s)))
	used := 0
	for i, r := range s {
		w := 1
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			w = 2
		}
		if used+w > columns-1 && (used+w > columns || i+len(string(r)) < len(s)) {
			return s[:i] + "…"
		}
		used += w
	}
	return strings.TrimRight(s, " ")
}

func (a *app) releaseCommand() *cobra.Command {
	var reason string
	cmd := a.operatorCommand("release HOLD", "Release a hold, as an operator", takes(1, 1, "the id of one hold; 'sss holds' lists them"),
		func(ctx context.Context, args []string) error { return a.release(ctx, args[0], reason) })
	cmd.Long = cmd.Short + `: secrets that no other hold covers can be opened and
sent again. 'sss holds' lists the holds.`
	cmd.Flags().StringVar(&reason, "reason", "", "the reason, for the record (required)")
	return cmd
}

func (a *app) release(ctx context.Context, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: --reason is required: it is kept with the hold", errUsage)
	}
	c, err := a.operator()
	if err != nil {
		return err
	}
	got, took, err := a.change("Releasing the hold", func() (api.Outcome, error) { return c.Release(ctx, id, reason) },
		"The hold is released", "The hold may be released in part: run this again.")
	if errors.Is(err, client.ErrNotFound) {
		return errors.New("this server has no hold with this id; 'sss holds' lists the active ones")
	}
	if err != nil {
		return err
	}
	return a.answer(got, "", releaseText(got.Hold, reason, took))
}

// releaseText describes a release; the hold may have ended before it.
func releaseText(h *api.Hold, reason string, took time.Duration) string {
	switch {
	case h.ReleasedAt.IsZero():
		return "The hold had already ended by itself" + moment(" at ", h.Until) + "."
	case h.ReleaseReason != reason:
		return "The hold had already been released" + moment(" at ", h.ReleasedAt) + ": " + oneLine(h.ReleaseReason)
	}
	return fmt.Sprintf("The hold is released, after %d ms. Secrets that no other hold covers can be opened and sent again.", took.Milliseconds())
}

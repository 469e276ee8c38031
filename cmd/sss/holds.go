package main

import (
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

// operatorFlags are the flags of all commands about holds.
type operatorFlags struct{ keyFile string }

func (o *operatorFlags) add(cmd *cobra.Command) {
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.Flags().StringVar(&o.keyFile, "admin-key-file", "", "file with your operator's key, one line (required)")
}

// operator returns a client with the operator's key.
func (a *app) operator(o operatorFlags) (*client.Client, error) {
	if o.keyFile == "" {
		return nil, fmt.Errorf("%w: --admin-key-file is required: the file with your operator's key", errUsage)
	}
	key, err := headerKey(o.keyFile)
	if err != nil {
		return nil, fmt.Errorf("--admin-key-file: %w", err)
	}
	a.warnReadable(o.keyFile)
	options := a.options()
	options.AdminKey = key
	return client.New(a.address(), options)
}

// warnReadable does not refuse the file: a hold is urgent.
func (a *app) warnReadable(path string) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		a.say("sss: --admin-key-file: other users can read %s; run chmod 600, and replace the key if they may have read it", path)
	}
}

// noHolds explains a 404 to a call that names no hold.
func noHolds(err error) error {
	if errors.Is(err, client.ErrNotFound) {
		return errors.New("this server has no quarantine: is --server the right one?")
	}
	return err
}

// warnInDoubt prints a warning if the error leaves open whether a change took effect.
func (a *app) warnInDoubt(err error, warning string) {
	if interrupted(err) || errors.Is(err, client.ErrUnreachable) || errors.Is(err, client.ErrUnavailable) {
		a.say("%s", warning)
	}
}

// warnUnsent prints a warning if a change was made, but its event was not sent.
func (a *app) warnUnsent(o api.Outcome, what string) {
	if !o.EventSent {
		a.say("%s, but its event could not be sent: tell whoever is on call.", what)
	}
}

// columns is the greatest width of the table of holds.
const columns = 100

// holdList is the result of holds, and its JSON.
type holdList struct {
	Active []api.Hold  `json:"active"`
	Past   *[]api.Hold `json:"past,omitempty"` // with --past only
}

func (a *app) holdsCommand() *cobra.Command {
	var o operatorFlags
	var past bool
	cmd := &cobra.Command{
		Use:   "holds",
		Short: "List the active holds, as an operator",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.holds(cmd.Context(), o, past) },
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&past, "past", false, "list those that were released or have ended, too")
	return cmd
}

func (a *app) holds(ctx context.Context, o operatorFlags, past bool) error {
	c, err := a.operator(o)
	if err != nil {
		return err
	}
	done := a.progress("Asking the server")
	list, err := listHolds(ctx, c, past)
	done()
	switch {
	case err != nil:
		return noHolds(err)
	case a.json:
		return a.print(list)
	}
	return a.printHolds(list)
}

// listHolds fetches the active holds, and all pages of the past ones if they are wanted, newest first.
func listHolds(ctx context.Context, c *client.Client, past bool) (holdList, error) {
	page, err := c.Holds(ctx, "")
	list := holdList{Active: page.Active}
	if err != nil || !past {
		return list, err
	}
	all := page.Past
	for page.Next != "" {
		before := page.Next
		if page, err = c.Holds(ctx, before); err != nil {
			return list, err
		}
		if page.Next == before {
			return list, errors.New("the server's list of holds has no end")
		}
		all = append(all, page.Past...)
	}
	slices.SortStableFunc(all, func(a, b api.Hold) int { return b.CreatedAt.Compare(a.CreatedAt) })
	list.Past = &all
	return list, nil
}

func (a *app) printHolds(l holdList) error {
	if len(l.Active) == 0 {
		a.say("No hold is active.")
	}
	if err := a.printTable("until (UTC)", l.Active); err != nil || l.Past == nil {
		return err
	}
	if len(*l.Past) == 0 {
		a.say("There are no past holds.")
	}
	return a.printTable("ended (UTC)", *l.Past)
}

// printTable prints each hold as a row, and below it what it does and why.
func (a *app) printTable(ends string, holds []api.Hold) error {
	if len(holds) == 0 {
		return nil
	}
	lines := []string{row("hold", ends, "scope")}
	for _, h := range holds {
		lines = append(lines, row(h.ID, minute(end(h)), scopeText(h.Scope)))
		lines = append(lines, cut(fmt.Sprintf("  %s, by %s: %s", strings.Join(h.Modes, " "), h.Source, h.Reason)))
		if h.ReleaseReason != "" {
			lines = append(lines, cut("  released: "+h.ReleaseReason))
		}
	}
	return a.write(strings.Join(lines, "\n") + "\n")
}

func row(id, end, scope string) string { return cut(fmt.Sprintf("%-32s  %-16s  %s", id, end, scope)) }

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// end returns when a hold was released, or else when it ends by itself.
func end(h api.Hold) time.Time {
	if h.ReleasedAt.IsZero() {
		return h.Until
	}
	return h.ReleasedAt
}

// cut makes one escaped line of a text, no wider than the table.
func cut(s string) string {
	s = shown(s)
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
	var o operatorFlags
	var reason string
	cmd := &cobra.Command{
		Use:   "release HOLD",
		Short: "Release a hold, as an operator",
		Long: `Release a hold, as an operator: secrets that no other hold covers can be opened and
sent again. 'sss holds' lists the holds.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("release takes the id of one hold; 'sss holds' lists them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.release(cmd.Context(), o, args[0], reason) },
	}
	o.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever takes over from you (required)")
	return cmd
}

func (a *app) release(ctx context.Context, o operatorFlags, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: --reason is required: say why, for whoever takes over from you", errUsage)
	}
	c, err := a.operator(o)
	if err != nil {
		return err
	}
	begun := time.Now()
	done := a.progress("Releasing the hold")
	got, err := c.Release(ctx, id, reason)
	done()
	took := time.Since(begun)
	switch {
	case errors.Is(err, client.ErrNotFound):
		return errors.New("this server has no hold with this id; 'sss holds' lists the active ones")
	case err != nil:
		a.warnInDoubt(err, "The hold may be released in part: run this again.")
		return err
	}
	a.warnUnsent(got, "The hold is released")
	if a.json {
		return a.print(got)
	}
	a.say("%s", releaseText(got.Hold, reason, took))
	return nil
}

// releaseText describes a release; the hold may have ended before it.
func releaseText(h *api.Hold, reason string, took time.Duration) string {
	switch {
	case h.ReleasedAt.IsZero():
		return "The hold had already ended by itself" + moment(" at ", h.Until) + "."
	case h.ReleaseReason != reason:
		return "The hold had already been released" + moment(" at ", h.ReleasedAt) + ": " + shown(h.ReleaseReason)
	}
	return fmt.Sprintf("The hold is released, after %d ms. Secrets that no other hold covers can be opened and sent again.", took.Milliseconds())
}

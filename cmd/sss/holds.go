package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"github.com/secretsharer/secretsharer/client"
)

// columns is how wide the table of holds is at most.
const columns = 100

// holdList is what holds answers, in --json as it stands.
type holdList struct {
	Active []client.Hold  `json:"active"`
	Past   *[]client.Hold `json:"past,omitempty"` // where they were asked for
}

func (a *app) holdsCommand() *cobra.Command {
	var o operatorFlags
	var past bool
	cmd := &cobra.Command{
		Use:   "holds",
		Short: "List the holds that stand, as an operator",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.holds(cmd.Context(), o, past) },
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&past, "past", false, "list those that were lifted or have ended, too")
	return cmd
}

func (a *app) holds(ctx context.Context, o operatorFlags, past bool) error {
	c, err := a.operator(o)
	if err != nil {
		return err
	}
	done := a.slowly("Asking the server")
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

// listHolds fetches the holds, the newest first, and as many pages as are wanted.
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
	slices.SortStableFunc(all, func(a, b client.Hold) int { return b.CreatedAt.Compare(a.CreatedAt) })
	list.Past = &all
	return list, nil
}

func (a *app) printHolds(l holdList) error {
	if len(l.Active) == 0 {
		a.say("No hold stands.")
	}
	if err := a.printTable("until (UTC)", l.Active); err != nil || l.Past == nil {
		return err
	}
	if len(*l.Past) == 0 {
		a.say("No hold is past.")
	}
	return a.printTable("ended (UTC)", *l.Past)
}

// printTable gives each hold a row, and below it a line for what it does and why.
func (a *app) printTable(ends string, holds []client.Hold) error {
	if len(holds) == 0 {
		return nil
	}
	lines := []string{row("hold", ends, "scope")}
	for _, h := range holds {
		lines = append(lines, row(h.ID, minute(end(h)), scopeText(h.Scope)))
		lines = append(lines, cut(fmt.Sprintf("  %s, by %s: %s", strings.Join(h.Modes, " "), h.Source, h.Reason)))
		if h.ReleaseReason != "" {
			lines = append(lines, cut("  lifted: "+h.ReleaseReason))
		}
	}
	return a.printLine(strings.Join(lines, "\n"))
}

func row(id, end, scope string) string { return cut(fmt.Sprintf("%-32s  %-16s  %s", id, end, scope)) }

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// end is when a hold was lifted, or else when it ends by itself.
func end(h client.Hold) time.Time {
	if h.ReleasedAt.IsZero() {
		return h.Until
	}
	return h.ReleasedAt
}

// cut makes one harmless line of a text, no wider than the table.
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

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsharer/secretsharer/client"
)

func (a *app) releaseCommand() *cobra.Command {
	var o operatorFlags
	var reason string
	cmd := &cobra.Command{
		Use:   "release HOLD",
		Short: "Lift a hold, as an operator",
		Long: `Lift a hold, as an operator: what it covered can be opened and sent again, as far
as no other hold covers it. 'sss holds' lists the holds.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("release takes the id of one hold; 'sss holds' lists them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.release(cmd.Context(), o, args[0], reason) },
	}
	o.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for those who come after you (needed)")
	return cmd
}

func (a *app) release(ctx context.Context, o operatorFlags, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: --reason is needed: say why, for those who come after you", errUsage)
	}
	c, err := a.operator(o)
	if err != nil {
		return err
	}
	begun := time.Now()
	done := a.slowly("Lifting")
	got, err := c.Release(ctx, id, reason)
	done()
	took := time.Since(begun)
	switch {
	case errors.Is(err, client.ErrNotFound):
		return errors.New("this server has no hold with this id; 'sss holds' lists those that stand")
	case err != nil:
		a.inDoubt(err, "The hold may be lifted in part: run this again.")
		return err
	}
	a.unsent(got, "The hold is lifted")
	if a.json {
		return a.print(got)
	}
	a.say("%s", lifted(got.Hold, reason, took))
	return nil
}

// lifted says what became of a hold that may have been past already.
func lifted(h client.Hold, reason string, took time.Duration) string {
	switch {
	case h.ReleasedAt.IsZero():
		return "It had ended by itself already" + moment(" at ", h.Until) + "."
	case h.ReleaseReason != reason:
		return "It had been lifted already" + moment(" at ", h.ReleasedAt) + ": " + shown(h.ReleaseReason)
	}
	return fmt.Sprintf("The hold is lifted, after %d ms. Where no other hold covers them, secrets can be opened and sent again.", took.Milliseconds())
}

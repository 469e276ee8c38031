package table

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// operation is a change to one row, as part of a transaction.
type operation struct {
	partition string
	action    aztables.TransactionAction
	refused   func() // called when the row has changed or is gone, also side by side
}

// sideBySide is how many transactions are under way at the same time. One
// partition takes about 2,000 rows a second, and neighbours often share a server.
const sideBySide = 4

// transact carries operations out in as few transactions as Azure's limits
// allow. All of them are conditional or idempotent, so the SDK may retry them. An
// error ends it: the rest is not sent, for a service that throttles or fails
// would be asked in vain, and whoever purges comes again.
func transact(ctx context.Context, c *aztables.Client, operations []operation) error {
	group, within := errgroup.WithContext(patient(ctx))
	group.SetLimit(sideBySide)
	for len(operations) > 0 && within.Err() == nil {
		n := fits(operations)
		part := operations[:n]
		group.Go(func() error { return submit(within, c, part) })
		operations = operations[n:]
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// fits returns how many of the operations one transaction may hold: one
// partition, 100 rows, 4 MiB.
func fits(operations []operation) int {
	size := 0
	for n, o := range operations {
		size += requestOverhead + len(o.action.Entity)
		if n == maxOperations || o.partition != operations[0].partition || n > 0 && size > maxTransaction {
			return n
		}
	}
	return len(operations)
}

// submit sends one transaction. One that the service refuses because of a row
// in it is sent in halves, down to that row.
func submit(ctx context.Context, c *aztables.Client, operations []operation) error {
	actions := make([]aztables.TransactionAction, len(operations))
	for i, o := range operations {
		actions[i] = o.action
	}
	_, err := c.SubmitTransaction(ctx, actions, nil)
	err = domain(err)
	half := len(operations) / 2
	switch {
	case !errors.Is(err, secret.ErrStale) && !errors.Is(err, secret.ErrNotFound):
		return err
	case half == 0:
		operations[0].refused()
		return nil
	}
	if err := submit(ctx, c, operations[:half]); err != nil {
		return err
	}
	return submit(ctx, c, operations[half:])
}

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
	row       *secret.Record // nil for a reminder
	refused   bool           // the row has changed or is gone
}

// maxParallel is how many transactions run at the same time. One partition takes
// about 2,000 rows a second, and neighbouring ones often share a server.
const maxParallel = 4

// transact carries out the operations in as few transactions as Azure's limits
// allow, and marks those that are refused. All of them are conditional or
// idempotent, so the SDK may retry them. The first error stops it: a service that
// throttles or fails would refuse the rest, too, and the next purge repeats them.
func transact(ctx context.Context, c *aztables.Client, operations []operation) error {
	group, groupCtx := errgroup.WithContext(withLargeTimeout(ctx))
	group.SetLimit(maxParallel)
	for len(operations) > 0 && groupCtx.Err() == nil {
		n := fits(operations)
		part := operations[:n]
		group.Go(func() error { return submit(groupCtx, c, part) })
		operations = operations[n:]
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// fits returns how many of the operations fit in one transaction: one partition,
// 100 rows, 4 MiB.
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

// submit sends one transaction. When the service refuses it because of a row, it
// is halved and sent again, until that row is alone.
func submit(ctx context.Context, c *aztables.Client, operations []operation) error {
	actions := make([]aztables.TransactionAction, len(operations))
	for i, o := range operations {
		actions[i] = o.action
	}
	_, err := c.SubmitTransaction(ctx, actions, nil)
	err = portError(err)
	half := len(operations) / 2
	switch {
	case !errors.Is(err, secret.ErrStale) && !errors.Is(err, secret.ErrNotFound):
		return err
	case half == 0:
		operations[0].refused = true
		return nil
	}
	if err := submit(ctx, c, operations[:half]); err != nil {
		return err
	}
	return submit(ctx, c, operations[half:])
}

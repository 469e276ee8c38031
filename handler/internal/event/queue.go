package event

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"golang.org/x/sync/errgroup"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	queueName = "defender-alerts" // where the playbook puts an alert that the service did not answer

	receiveSize   = 200                     // alerts received at a time
	applySize     = 32                      // alerts applied at a time
	openTimeout   = 5 * time.Second         // opening costs about 20 round trips, and perhaps a token
	lockedTimeout = 1500 * time.Millisecond // if no alert has come by then, all of them are locked
	settleTimeout = 4 * time.Second         // the SDK itself would try for far longer
	reserve       = 10 * time.Second        // no alert is begun this shortly before the caller's deadline
)

// Queue has the alerts of Defender that wait to be applied. One Drain at a time.
type Queue struct {
	dial   func() (*azservicebus.Client, error)
	settle time.Duration // longest time to settle an alert, or to close
}

// NewQueue returns the queue of a namespace, given as for [NewServiceBus]. It makes
// no call. Each Drain opens a new connection, because azservicebus keeps one whose
// peer does not answer any more.
func NewQueue(namespace string, cred azure.Credential) *Queue {
	return &Queue{dial: func() (*azservicebus.Client, error) { return newClient(namespace, cred) }, settle: settleTimeout}
}

// Drained counts the alerts of one Drain.
type Drained struct {
	Applied int // completed
	Refused int // dead-lettered, with the reason
	Left    int // in the queue, for a later Drain when their locks have ended
}

// Drain calls apply for each alert in the queue, for up to 32 at a time, until the
// queue is empty, something fails, or less than 10 seconds are left to the deadline
// of ctx. An alert for which apply returns a *secret.InvalidError goes to the
// dead-letter queue; any other error ends the run, and the alert stays in the queue.
// An alert is delivered again after a lost lock or a lost settlement, so apply must
// be idempotent. Errors: of apply, or of the broker; neither loses an alert.
func (q *Queue) Drain(ctx context.Context, apply func(context.Context, []byte) error) (Drained, error) {
	client, err := q.dial()
	if err != nil {
		return Drained{}, fmt.Errorf("open queue: %w", err)
	}
	receiver, err := client.NewReceiverForQueue(queueName, nil) // peek-lock
	if err != nil {
		return Drained{}, fmt.Errorf("open queue: %w", err)
	}
	d := drain{client: client, receiver: receiver, apply: apply, settle: q.settle}
	defer d.close(ctx)
	err = d.run(ctx)
	applied, refused := int(d.applied.Load()), int(d.refused.Load())
	return Drained{Applied: applied, Refused: refused, Left: d.received - applied - refused}, err
}

func timeLeft(ctx context.Context) bool {
	end, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(end) > reserve)
}

// drain is one call of Drain.
type drain struct {
	client   *azservicebus.Client
	receiver *azservicebus.Receiver
	apply    func(context.Context, []byte) error
	settle   time.Duration

	received         int
	applied, refused atomic.Int64
}

func (d *drain) run(ctx context.Context) error {
	for timeLeft(ctx) {
		messages, err := d.receive(ctx)
		if err != nil {
			return fmt.Errorf("receive alerts: %w", err)
		}
		if len(messages) == 0 {
			return nil
		}
		d.received += len(messages)
		if err := d.applyAll(ctx, messages); err != nil {
			return err
		}
	}
	return nil
}

func (d *drain) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.settle)
	defer cancel()
	_ = errors.Join(d.receiver.Close(ctx), d.client.Close(ctx)) // unsettled alerts are delivered again when their locks end
}

// receive returns alerts, none when the queue is empty or all of them are locked.
// It peeks first, and again after a timeout, so that a broker that does not answer,
// or answers slowly, does not pass for an empty queue.
func (d *drain) receive(ctx context.Context) ([]*azservicebus.ReceivedMessage, error) {
	if some, err := d.peek(ctx); err != nil || !some {
		return nil, err
	}
	receiving, cancel := context.WithTimeout(ctx, lockedTimeout)
	defer cancel()
	messages, err := d.receiver.ReceiveMessages(receiving, receiveSize, nil)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		_, err = d.peek(ctx)
		return nil, err
	}
	return messages, err
}

// peek reports whether there are alerts, locked ones included. The first call opens the connection.
func (d *drain) peek(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	first := int64(0) // without it the SDK goes on where the last peek ended
	messages, err := d.receiver.PeekMessages(ctx, 1, &azservicebus.PeekMessagesOptions{FromSequenceNumber: &first})
	return len(messages) > 0, err
}

// applyAll applies the alerts and settles each message. It begins none after an error.
func (d *drain) applyAll(ctx context.Context, messages []*azservicebus.ReceivedMessage) error {
	group, failed := errgroup.WithContext(ctx)
	group.SetLimit(applySize)
	for _, m := range messages {
		group.Go(func() error {
			if failed.Err() != nil || !timeLeft(ctx) {
				return nil
			}
			return d.applyOne(ctx, m)
		})
	}
	return group.Wait()
}

func (d *drain) applyOne(ctx context.Context, m *azservicebus.ReceivedMessage) error {
	err := d.apply(ctx, m.Body)
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.settle)
	defer cancel()
	count := &d.applied
	var refused *secret.InvalidError
	switch {
	case err == nil:
		err = d.receiver.CompleteMessage(settling, m, nil)
	case errors.As(err, &refused):
		count = &d.refused
		err = d.receiver.DeadLetterMessage(settling, m, &azservicebus.DeadLetterOptions{
			Reason: to.Ptr("refused"), ErrorDescription: to.Ptr(refused.Field + " " + refused.Reason), // nothing else about the alert
		})
	default: // not abandoned: it would be delivered again at once, and dead-lettered after some deliveries
		return fmt.Errorf("apply alert: %w", err)
	}
	if err != nil { // it is delivered again; the run ends, because the connection or the lock is lost
		return fmt.Errorf("settle alert: %w", err)
	}
	count.Add(1)
	return nil
}

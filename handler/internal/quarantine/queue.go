package quarantine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

const (
	// QueueName is the queue on which playbooks put alerts that got no answer.
	QueueName = "defender-alerts"

	batch      = 200                     // alerts received at a time
	workers    = 32                      // alerts applied side by side
	emptyWait  = 1500 * time.Millisecond // an empty queue is known to be by then
	settleTime = 4 * time.Second         // the SDK would go on settling by itself for far longer
	spare      = 10 * time.Second        // before the caller's deadline no more alerts are begun
)

// Queue holds alerts that wait to be applied. Safe for one Drain at a time.
type Queue struct{ client *azservicebus.Client }

// NewQueue returns the queue of a namespace; it calls nobody yet.
func NewQueue(client *azservicebus.Client) *Queue { return &Queue{client} }

// Drained says what became of alerts in one run.
type Drained struct {
	Applied int // completed
	Refused int // dead-lettered, with the reason
	Left    int // given back, for a later run
}

// Drain hands each alert that waits to apply, several side by side, until the
// queue is empty, something fails, or ctx is about to end. What apply refuses
// with a *secret.InvalidError goes to the dead-letter queue; any other error of
// it ends the run, and the alert stays. An alert may come again after a lost
// lock or a lost settlement, so apply must be idempotent. Errors: of apply, or
// of the broker; none of them loses an alert.
func (q *Queue) Drain(ctx context.Context, apply func(context.Context, []byte) error) (Drained, error) {
	receiver, err := q.client.NewReceiverForQueue(QueueName, nil) // peek-lock
	if err != nil {
		return Drained{}, fmt.Errorf("open queue: %w", err)
	}
	d := drain{receiver: receiver, apply: apply}
	defer d.close(ctx)
	for d.err == nil && timeLeft(ctx) {
		messages, err := d.receive(ctx)
		if err != nil {
			return d.sum, fmt.Errorf("receive alerts: %w", err)
		}
		if len(messages) == 0 {
			break
		}
		d.work(ctx, messages)
	}
	return d.sum, d.err
}

func timeLeft(ctx context.Context) bool {
	end, bounded := ctx.Deadline()
	return ctx.Err() == nil && (!bounded || time.Until(end) > spare)
}

// drain is one run.
type drain struct {
	receiver *azservicebus.Receiver
	apply    func(context.Context, []byte) error

	mu  sync.Mutex // guards what follows
	sum Drained
	err error // why no more are begun
}

func (d *drain) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	_ = d.receiver.Close(ctx) // what it still holds comes again once its lock is over
}

// receive returns what waits, nothing when the queue is empty.
func (d *drain) receive(ctx context.Context) ([]*azservicebus.ReceivedMessage, error) {
	waiting, cancel := context.WithTimeout(ctx, emptyWait)
	defer cancel()
	messages, err := d.receiver.ReceiveMessages(waiting, batch, nil)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, nil
	}
	return messages, err
}

// work applies a batch and settles each message of it.
func (d *drain) work(ctx context.Context, messages []*azservicebus.ReceivedMessage) {
	var group sync.WaitGroup
	slots := make(chan struct{}, workers)
	for _, m := range messages {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			d.one(ctx, m)
		})
	}
	group.Wait()
}

func (d *drain) one(ctx context.Context, m *azservicebus.ReceivedMessage) {
	d.mu.Lock()
	stopped := d.err != nil || !timeLeft(ctx)
	d.mu.Unlock()
	var err error
	if !stopped {
		err = d.apply(ctx, m.Body)
	}
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	var refused *secret.InvalidError
	switch {
	case stopped:
		d.count(&d.sum.Left, nil, d.receiver.AbandonMessage(settling, m, nil))
	case err == nil:
		d.count(&d.sum.Applied, nil, d.receiver.CompleteMessage(settling, m, nil))
	case errors.As(err, &refused):
		d.count(&d.sum.Refused, nil, d.receiver.DeadLetterMessage(settling, m, reasonOf(refused)))
	default:
		d.count(&d.sum.Left, fmt.Errorf("apply alert: %w", err), d.receiver.AbandonMessage(settling, m, nil))
	}
}

// reasonOf says for those who look into the dead letters which rule was broken, and nothing of the alert.
func reasonOf(e *secret.InvalidError) *azservicebus.DeadLetterOptions {
	reason, description := "refused", e.Field+" "+e.Reason
	return &azservicebus.DeadLetterOptions{Reason: &reason, ErrorDescription: &description}
}

// count notes what became of an alert. One whose settlement failed comes again,
// which ends the run: the connection, or the lock, is gone.
func (d *drain) count(to *int, err, settling error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if settling != nil {
		to, err = &d.sum.Left, errors.Join(err, fmt.Errorf("settle alert: %w", settling))
	}
	*to++
	if d.err == nil {
		d.err = err
	}
}

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
	openTime   = 5 * time.Second         // opening costs about 20 round trips, and perhaps a token
	lockedWait = 1500 * time.Millisecond // all that wait are locked when none has come by then
	settleTime = 4 * time.Second         // the SDK would go on settling by itself for far longer
	spare      = 10 * time.Second        // before the caller's deadline no more alerts are begun
)

// Queue holds alerts that wait to be applied. Safe for one Drain at a time.
type Queue struct {
	dial   func() (*azservicebus.Client, error)
	settle time.Duration // the longest that settling an alert, or closing, may take
}

// NewQueue returns the queue of a namespace; it calls nobody yet. Each run dials
// anew: the SDK keeps a connection whose peer has fallen silent.
func NewQueue(dial func() (*azservicebus.Client, error)) *Queue {
	return &Queue{dial: dial, settle: settleTime}
}

// Drained says what became of alerts in one run.
type Drained struct {
	Applied int // completed
	Refused int // dead-lettered, with the reason
	Left    int // for a later run, once their locks are over
}

// Drain hands each alert that waits to apply, several side by side, until the
// queue is empty, something fails, or ctx is about to end. What apply refuses
// with a *secret.InvalidError goes to the dead-letter queue; any other error of
// it ends the run, and the alert stays. An alert may come again after a lost
// lock or a lost settlement, so apply must be idempotent. Errors: of apply, or
// of the broker; none of them loses an alert.
func (q *Queue) Drain(ctx context.Context, apply func(context.Context, []byte) error) (Drained, error) {
	client, err := q.dial()
	if err != nil {
		return Drained{}, fmt.Errorf("open queue: %w", err)
	}
	receiver, err := client.NewReceiverForQueue(QueueName, nil) // peek-lock
	if err != nil {
		return Drained{}, fmt.Errorf("open queue: %w", err)
	}
	d := drain{client: client, receiver: receiver, apply: apply, settle: q.settle}
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
	client   *azservicebus.Client
	receiver *azservicebus.Receiver
	apply    func(context.Context, []byte) error
	settle   time.Duration

	mu  sync.Mutex // guards what follows
	sum Drained
	err error // why no more are begun
}

func (d *drain) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.settle)
	defer cancel()
	_ = errors.Join(d.receiver.Close(ctx), d.client.Close(ctx)) // what they still hold comes again once its lock is over
}

// receive returns what waits, nothing when the queue is empty or all of it is locked.
// It looks before it waits: a broker that is away, or slow to open, is no empty queue.
func (d *drain) receive(ctx context.Context) ([]*azservicebus.ReceivedMessage, error) {
	if some, err := d.look(ctx); err != nil || !some {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, lockedWait)
	defer cancel()
	messages, err := d.receiver.ReceiveMessages(waiting, batch, nil)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		_, err = d.look(ctx)
		return nil, err
	}
	return messages, err
}

// look reports whether there are messages, locked ones too. It opens the connection where there is none.
func (d *drain) look(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	first := int64(0) // each time: without it the SDK goes on where the last look ended
	messages, err := d.receiver.PeekMessages(ctx, 1, &azservicebus.PeekMessagesOptions{FromSequenceNumber: &first})
	return len(messages) > 0, err
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
	if d.stopped(ctx) {
		d.count(&d.sum.Left, nil)
		return
	}
	err := d.apply(ctx, m.Body)
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.settle)
	defer cancel()
	var refused *secret.InvalidError
	switch {
	case err == nil:
		d.settled(&d.sum.Applied, d.receiver.CompleteMessage(settling, m, nil))
	case errors.As(err, &refused):
		d.settled(&d.sum.Refused, d.receiver.DeadLetterMessage(settling, m, reasonOf(refused)))
	default: // not given back, for it would come again at once, and be dead after some times
		d.count(&d.sum.Left, fmt.Errorf("apply alert: %w", err))
	}
}

func (d *drain) stopped(ctx context.Context) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err != nil || !timeLeft(ctx)
}

// reasonOf says for those who look into the dead letters which rule was broken, and nothing of the alert.
func reasonOf(e *secret.InvalidError) *azservicebus.DeadLetterOptions {
	reason, description := "refused", e.Field+" "+e.Reason
	return &azservicebus.DeadLetterOptions{Reason: &reason, ErrorDescription: &description}
}

// settled notes what became of an alert. One whose settlement failed comes again,
// and ends the run: the connection, or the lock, is gone.
func (d *drain) settled(to *int, err error) {
	if err != nil {
		to, err = &d.sum.Left, fmt.Errorf("settle alert: %w", err)
	}
	d.count(to, err)
}

// count adds an alert to one of the sums. An error ends the run.
func (d *drain) count(to *int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	*to++
	if d.err == nil {
		d.err = err
	}
}

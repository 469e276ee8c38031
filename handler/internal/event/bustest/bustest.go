// Package bustest is a Service Bus namespace for tests: a broker in memory with the
// topic secret-events, its subscription all and the queue defender-alerts, behind a
// proxy that refuses, cuts and stalls connections. azservicebus can send, peek-lock,
// complete, abandon, dead-letter, renew and lose a lock. There are no schedules,
// sessions and deferred messages, no expiry and no duplicate detection.
package bustest

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/testkit"
)

// The entities of the namespace.
const (
	Topic        = "secret-events"
	Subscription = "all"
	Queue        = "defender-alerts"
)

// Options of the queue and the subscription.
type Options struct {
	Lock          time.Duration // how long a message is locked for its receiver; 30 s when zero
	MaxDeliveries int           // deliveries after which a message is dead-lettered; 10 when zero
}

// Broker is a namespace. Its faults affect connections to Namespace, not Client.
type Broker struct {
	*proxy
	events *azservicebus.Receiver // nil before the first call of Events
}

// Start starts a broker that ends with the test. It needs the Node tools that make
// installs.
func Start(t testing.TB, o Options) *Broker {
	t.Helper()
	b := &Broker{proxy: newProxy(start(t, o))}
	b.Up(t)
	t.Cleanup(b.Down)
	return b
}

// start returns the broker's address. The broker reads a pipe that this process
// keeps open, so it ends however this process ends.
func start(t testing.TB, o Options) string {
	t.Helper()
	root := testkit.ModuleRoot(t)
	program := filepath.Join(root, "handler", "internal", "event", "bustest", "broker", "main.js")
	settings := fmt.Sprintf(`{"queues": [%q], "topics": {%q: [%q]}, "lock": %d, "maxDeliveries": %d}`,
		Queue, Topic, Subscription, cmp.Or(o.Lock, 30*time.Second).Milliseconds(), cmp.Or(o.MaxDeliveries, 10))
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "node", program, settings) // #nosec G204 -- a tool of the tests
	command.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(root, "tools", "node_modules"))
	command.Stderr = os.Stderr
	lifeline, inErr := command.StdinPipe()
	output, outErr := command.StdoutPipe()
	if err := errors.Join(inErr, outErr, command.Start()); err != nil {
		t.Fatalf("start broker: %v", err)
	}
	t.Cleanup(func() {
		_ = lifeline.Close()
		_ = command.Wait()
	})
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("start broker (make installs its library): %v", err)
	}
	return "127.0.0.1:" + strings.TrimSpace(port)
}

// Namespace returns the value of SSS_SERVICEBUS: sb:// and the address of the proxy.
func (b *Broker) Namespace() string { return "sb://" + b.address }

// Client returns a client that does not use the proxy. It is closed with the test.
func (b *Broker) Client(t testing.TB) *azservicebus.Client {
	t.Helper()
	c, err := azservicebus.NewClientFromConnectionString("Endpoint=sb://"+b.broker+
		";SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true", nil)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = c.Close(ctx)
	})
	return c
}

// Put sends messages to the queue, past the proxy.
func (b *Broker) Put(t testing.TB, bodies ...string) {
	t.Helper()
	sender, err := b.Client(t).NewSender(Queue, nil)
	must(t, err)
	for some := range slices.Chunk(bodies, 500) {
		batch, err := sender.NewMessageBatch(t.Context(), nil)
		must(t, err)
		for _, body := range some {
			must(t, batch.AddMessage(&azservicebus.Message{Body: []byte(body)}, nil))
		}
		must(t, sender.SendMessageBatch(t.Context(), batch, nil))
	}
}

// Waiting returns up to 100 messages of the queue, locked ones included, or of its dead letters.
func (b *Broker) Waiting(t testing.TB, sub azservicebus.SubQueue) []*azservicebus.ReceivedMessage {
	t.Helper()
	r, err := b.Client(t).NewReceiverForQueue(Queue, &azservicebus.ReceiverOptions{SubQueue: sub})
	must(t, err)
	all, err := r.PeekMessages(t.Context(), 100, nil)
	must(t, err)
	return all
}

// Events receives messages of the topic's subscription until enough returns true
// for those of this call. One call at a time.
func (b *Broker) Events(t testing.TB, enough func([]*azservicebus.ReceivedMessage) bool) []*azservicebus.ReceivedMessage {
	t.Helper()
	if b.events == nil { // one for all calls, since a receiver may have more messages than it has returned
		var err error
		b.events, err = b.Client(t).NewReceiverForSubscription(Topic, Subscription,
			&azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete})
		must(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all []*azservicebus.ReceivedMessage
	for !enough(all) {
		some, err := b.events.ReceiveMessages(ctx, 500, &azservicebus.ReceiveMessagesOptions{TimeAfterFirstMessage: 20 * time.Millisecond})
		if err != nil {
			t.Fatalf("after %d messages: %v", len(all), err)
		}
		all = append(all, some...)
	}
	return all
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

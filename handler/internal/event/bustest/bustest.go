// Package bustest is a Service Bus namespace for tests: a broker in memory that
// azservicebus accepts (with the topic secret-events, its subscription all, and
// the queue defender-alerts; send, peek-lock, complete, abandon, dead-letter,
// renew, lose a lock), behind a proxy that refuses, cuts and hangs connections.
// It stores neither schedules, sessions nor deferred messages, keeps messages
// for ever, and looks for no duplicates.
package bustest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// Options tell how queues and subscriptions lock. Zero values mean 30 seconds and 10 deliveries.
type Options struct {
	Lock          time.Duration // until a message that was not settled goes back
	MaxDeliveries int           // then it goes to the dead-letter queue
}

// Broker is a namespace of its own. Its faults hit those who connect to
// Namespace, not those who use Client.
type Broker struct {
	*proxy
	direct string
	events *azservicebus.Receiver // nil before the first call of Events
}

// Start starts a broker that ends with the test, or with this process, however
// that ends. It runs on the Node tools that make installs.
func Start(t testing.TB, o Options) *Broker {
	t.Helper()
	direct, err := start(t, o)
	if err != nil {
		t.Fatalf("start broker (make installs its library): %v", err)
	}
	p, err := newProxy(direct)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Down)
	return &Broker{proxy: p, direct: direct}
}

// start returns the broker's address. The process waits on a pipe that this one
// holds open, and ends when the pipe does.
func start(t testing.TB, o Options) (string, error) {
	root := testkit.ModuleRoot(t)
	program := filepath.Join(root, "handler", "internal", "event", "bustest", "broker", "main.js")
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "node", program, o.arguments()) // #nosec G204 -- a tool of the tests
	command.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(root, "tools", "node_modules"))
	command.Stderr = os.Stderr
	lifeline, err := command.StdinPipe()
	if err != nil {
		return "", err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		_ = lifeline.Close()
		_ = command.Wait()
	})
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read port: %w", err)
	}
	return "127.0.0.1:" + strings.TrimSpace(port), nil
}

func (o Options) arguments() string {
	if o.Lock == 0 {
		o.Lock = 30 * time.Second
	}
	if o.MaxDeliveries == 0 {
		o.MaxDeliveries = 10
	}
	arguments, _ := json.Marshal(map[string]any{ // of what can always be marshalled
		"queues": []string{Queue}, "topics": map[string][]string{Topic: {Subscription}},
		"lock": o.Lock.Milliseconds(), "maxDeliveries": o.MaxDeliveries,
	})
	return string(arguments)
}

// Namespace returns what SSS_SERVICEBUS takes: sb:// and an address on loopback.
func (b *Broker) Namespace() string { return "sb://" + b.address }

// Direct returns the broker's own address, which no fault hits.
func (b *Broker) Direct() string { return b.direct }

// Client returns a client that the proxy's faults do not hit, closed with the test.
func (b *Broker) Client(t testing.TB) *azservicebus.Client { return client(t, "sb://"+b.direct) }

// ProxiedClient returns one that they do hit.
func (b *Broker) ProxiedClient(t testing.TB) *azservicebus.Client { return client(t, b.Namespace()) }

func client(t testing.TB, namespace string) *azservicebus.Client {
	t.Helper()
	c, err := azservicebus.NewClientFromConnectionString("Endpoint="+namespace+
		";SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true", nil)
	if err != nil {
		t.Fatal(err)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sender.Close(context.WithoutCancel(t.Context())) }()
	for len(bodies) > 0 {
		batch, err := sender.NewMessageBatch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for n < min(len(bodies), 500) && batch.AddMessage(&azservicebus.Message{Body: []byte(bodies[n])}, nil) == nil {
			n++
		}
		if err := sender.SendMessageBatch(t.Context(), batch, nil); err != nil || n == 0 {
			t.Fatalf("sent %d: %v", n, err)
		}
		bodies = bodies[n:]
	}
}

// Waiting returns up to 100 messages of the queue, locked ones included, or of its dead letters.
func (b *Broker) Waiting(t testing.TB, sub azservicebus.SubQueue) []*azservicebus.ReceivedMessage {
	t.Helper()
	r, err := b.Client(t).NewReceiverForQueue(Queue, &azservicebus.ReceiverOptions{SubQueue: sub})
	if err != nil {
		t.Fatal(err)
	}
	all, err := r.PeekMessages(t.Context(), 100, nil)
	if err != nil {
		t.Fatal(err)
	}
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
		if err != nil {
			t.Fatal(err)
		}
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

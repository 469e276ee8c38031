package bustest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/secretsharer/secretsharer/handler/internal/event/bustest"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func put(t *testing.T, c *azservicebus.Client, bodies ...string) {
	t.Helper()
	sender, err := c.NewSender(bustest.Queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		m := &azservicebus.Message{Body: []byte(body), ApplicationProperties: map[string]any{"kept": "yes"}}
		if err := sender.SendMessage(within(t, 10*time.Second), m, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func receiver(t *testing.T, c *azservicebus.Client, o *azservicebus.ReceiverOptions) *azservicebus.Receiver {
	t.Helper()
	r, err := c.NewReceiverForQueue(bustest.Queue, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var deadLetters = &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter}

// next takes one message and checks which it is.
func next(t *testing.T, r *azservicebus.Receiver, body string, delivery uint32) *azservicebus.ReceivedMessage {
	t.Helper()
	got, err := r.ReceiveMessages(within(t, 20*time.Second), 1, nil)
	if err != nil {
		t.Fatalf("receive %q: %v", body, err)
	}
	m := got[0]
	if string(m.Body) != body || m.DeliveryCount != delivery || m.ApplicationProperties["kept"] != "yes" {
		t.Fatalf("%q, delivery %d, %v; want %q, %d", m.Body, m.DeliveryCount, m.ApplicationProperties, body, delivery)
	}
	return m
}

// proxied returns a client that the faults of the broker affect.
func proxied(t *testing.T, b *bustest.Broker) *azservicebus.Client {
	t.Helper()
	c, err := azservicebus.NewClientFromConnectionString("Endpoint="+b.Namespace()+
		";SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return c
}

// wantEmpty peeks.
func wantEmpty(t *testing.T, r *azservicebus.Receiver) {
	t.Helper()
	from := int64(1)
	left, err := r.PeekMessages(within(t, 5*time.Second), 10, &azservicebus.PeekMessagesOptions{FromSequenceNumber: &from})
	if err != nil || len(left) > 0 {
		t.Fatalf("%d messages are left, %v", len(left), err)
	}
}

func wantLockLost(t *testing.T, err error) {
	t.Helper()
	var bus *azservicebus.Error
	if !errors.As(err, &bus) || bus.Code != azservicebus.CodeLockLost {
		t.Errorf("%v, want a lost lock", err)
	}
}

func TestCompletedMessageIsGone(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, bustest.Options{}).Client(t)
	put(t, c, "one", "two")
	r := receiver(t, c, nil)
	for _, body := range []string{"one", "two"} {
		if err := r.CompleteMessage(t.Context(), next(t, r, body, 1), nil); err != nil {
			t.Fatal(err)
		}
	}
	wantEmpty(t, r)
	wantEmpty(t, receiver(t, c, deadLetters))
}

func TestAbandonedMessageIsDeliveredAgainInItsPlace(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, bustest.Options{MaxDeliveries: 3}).Client(t)
	put(t, c, "one", "two")
	r := receiver(t, c, nil)
	for delivery := range uint32(3) {
		if err := r.AbandonMessage(t.Context(), next(t, r, "one", delivery+1), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.CompleteMessage(t.Context(), next(t, r, "two", 1), nil); err != nil {
		t.Fatal(err)
	}
	m := next(t, receiver(t, c, deadLetters), "one", 1)
	if *m.DeadLetterReason != "MaxDeliveryCountExceeded" {
		t.Errorf("reason %q", *m.DeadLetterReason)
	}
}

func TestDeadLetterKeepsItsReason(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, bustest.Options{}).Client(t)
	put(t, c, "one")
	r := receiver(t, c, nil)
	reason, description := "Refused", "names none of ours"
	err := r.DeadLetterMessage(t.Context(), next(t, r, "one", 1),
		&azservicebus.DeadLetterOptions{Reason: &reason, ErrorDescription: &description})
	if err != nil {
		t.Fatal(err)
	}
	wantEmpty(t, r)
	dead := receiver(t, c, deadLetters)
	m := next(t, dead, "one", 1)
	if *m.DeadLetterReason != reason || *m.DeadLetterErrorDescription != description {
		t.Errorf("reason %q, %q", *m.DeadLetterReason, *m.DeadLetterErrorDescription)
	}
	if err := dead.CompleteMessage(t.Context(), m, nil); err != nil {
		t.Error(err)
	}
	wantEmpty(t, dead)
}

func TestMessageWhoseLockIsLostIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, bustest.Options{Lock: 200 * time.Millisecond}).Client(t)
	put(t, c, "one")
	first, second := receiver(t, c, nil), receiver(t, c, nil)
	lost := next(t, first, "one", 1)
	again := next(t, second, "one", 2) // only once the first lock is lost
	wantLockLost(t, first.CompleteMessage(t.Context(), lost, nil))
	wantLockLost(t, first.RenewMessageLock(t.Context(), lost, nil))
	if err := second.CompleteMessage(t.Context(), again, nil); err != nil {
		t.Error(err)
	}
	wantEmpty(t, second)
}

func TestRenewedLockLastsLonger(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, bustest.Options{Lock: time.Second}).Client(t)
	put(t, c, "one")
	r := receiver(t, c, nil)
	m := next(t, r, "one", 1)
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		before := *m.LockedUntil
		if err := r.RenewMessageLock(t.Context(), m, nil); err != nil {
			t.Fatal(err)
		}
		if m.LockedUntil.Before(before) {
			t.Fatalf("the lock ends %v, before %v", m.LockedUntil, before)
		}
	}
	if err := r.CompleteMessage(t.Context(), m, nil); err != nil {
		t.Error(err)
	}
	wantEmpty(t, r)
}

// TestMessageOfACutReceiverIsDeliveredAgain shows that azservicebus cannot settle over another connection.
func TestMessageOfACutReceiverIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{Lock: 2 * time.Second})
	put(t, b.Client(t), "one")
	r := receiver(t, proxied(t, b), nil)
	cut := next(t, r, "one", 1)
	b.Down()
	b.Up(t)
	if err := r.CompleteMessage(within(t, 500*time.Millisecond), cut, nil); err == nil {
		t.Error("completed over a connection that is gone")
	}
	again := next(t, receiver(t, b.Client(t), nil), "one", 2)
	if again.MessageID != cut.MessageID {
		t.Errorf("another message came back: %s", again.MessageID)
	}
}

func TestTopicForwardsEventsToItsSubscription(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t, bustest.Options{})
	sender, err := b.Client(t).NewSender(strings.ToUpper(bustest.Topic), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.SendMessage(within(t, 10*time.Second), &azservicebus.Message{Body: []byte("x")}, nil); err != nil {
		t.Fatal(err)
	}
	got := b.Events(t, func(m []*azservicebus.ReceivedMessage) bool { return len(m) == 1 })
	if string(got[0].Body) != "x" {
		t.Errorf("%q", got[0].Body)
	}
}

func TestUnknownEntityIsRefused(t *testing.T) {
	t.Parallel()
	sender, err := bustest.Start(t, bustest.Options{}).Client(t).NewSender("no-such-topic", nil)
	if err != nil {
		t.Fatal(err)
	}
	err = sender.SendMessage(within(t, 10*time.Second), &azservicebus.Message{Body: []byte("x")}, nil)
	if err == nil || !strings.Contains(err.Error(), "not-found") {
		t.Errorf("%v, want not found", err)
	}
}

const helper = "BUSTEST_HELPER"

// TestBrokerEndsWithItsParent kills a process that has started a broker.
func TestBrokerEndsWithItsParent(t *testing.T) {
	if os.Getenv(helper) != "" {
		b := bustest.Start(t, bustest.Options{})
		_, _ = fmt.Fprintln(os.Stdout, b.Direct())
		<-t.Context().Done()
		return
	}
	t.Parallel()
	parent := exec.Command(os.Args[0], "-test.run=^TestBrokerEndsWithItsParent$")
	parent.Env = append(os.Environ(), helper+"=1")
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	if !answers(address) {
		t.Fatalf("nothing listens on %s", address)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for deadline := time.Now().Add(10 * time.Second); answers(address); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the broker runs on after its parent")
		}
	}
}

func answers(address string) bool {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

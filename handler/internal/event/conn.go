package event

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
)

const closeTimeout = 2 * time.Second

// conn is a connection with a sender. Both open with their first use.
type conn struct {
	client *azservicebus.Client
	sender *azservicebus.Sender
}

func newConn(namespace string, cred azure.Credential) (*conn, error) {
	client, err := newClient(namespace, cred)
	if err != nil {
		return nil, err
	}
	sender, err := client.NewSender(topic, nil)
	if err != nil {
		return nil, err
	}
	return &conn{client, sender}, nil
}

// newClient returns a client of a namespace; see [NewServiceBus]. It makes no call.
// The client does not retry: its users do.
func newClient(namespace string, cred azure.Credential) (*azservicebus.Client, error) {
	options := &azservicebus.ClientOptions{RetryOptions: azservicebus.RetryOptions{MaxRetries: -1}}
	if address, emulator := strings.CutPrefix(namespace, "sb://"); emulator {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !at.Addr().IsLoopback() {
			return nil, fmt.Errorf("namespace %q: sb:// needs a loopback address and a port", namespace)
		}
		// The emulator accepts any key.
		return azservicebus.NewClientFromConnectionString("Endpoint=sb://"+at.String()+
			";SharedAccessKeyName=emulator;SharedAccessKey=emulator;UseDevelopmentEmulator=true", options)
	}
	if namespace == "" || strings.ContainsAny(namespace, "/:;") {
		return nil, fmt.Errorf("namespace %q: not a host name", namespace)
	}
	if cred == nil {
		return nil, fmt.Errorf("namespace %q: no credential", namespace)
	}
	return azservicebus.NewClient(namespace, cred, options)
}

// sendBatch sends as many of the messages as fit into one batch and returns how many.
func (c *conn) sendBatch(ctx context.Context, messages []*azservicebus.Message) (int, error) {
	batch, err := c.sender.NewMessageBatch(ctx, nil)
	if err != nil {
		return 0, err
	}
	n := 0
	for ; n < len(messages); n++ {
		err := batch.AddMessage(messages[n], nil)
		if errors.Is(err, azservicebus.ErrMessageTooLarge) && n > 0 {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	return n, c.sender.SendMessageBatch(ctx, batch, nil)
}

// ping asks the broker for a second AMQP link to the topic, which only a connection that works now can open.
func ping(ctx context.Context, c *conn) error {
	if _, err := c.sender.NewMessageBatch(ctx, nil); err != nil {
		return err
	}
	second, err := c.client.NewSender(topic, nil)
	if err != nil {
		return err
	}
	if _, err := second.NewMessageBatch(ctx, nil); err != nil {
		return err
	}
	return second.Close(ctx)
}

// close gives up after 2 seconds when the broker does not answer.
func (c *conn) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	_ = c.client.Close(ctx) // there is no remedy for an error
}

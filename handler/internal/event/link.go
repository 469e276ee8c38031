package event

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

const closeTimeout = 2 * time.Second

// link is a connection and a sender on it. Both open at their first use.
type link struct {
	client *azservicebus.Client
	sender *azservicebus.Sender
}

func newLink(namespace string, cred azcore.TokenCredential) (*link, error) {
	client, err := NewClient(namespace, cred)
	if err != nil {
		return nil, err
	}
	sender, err := client.NewSender(Topic, nil)
	if err != nil {
		return nil, err
	}
	return &link{client, sender}, nil
}

// sendBatch sends as many of the messages as fit into one batch and returns how many.
func (l *link) sendBatch(ctx context.Context, messages []*azservicebus.Message) (int, error) {
	batch, err := l.sender.NewMessageBatch(ctx, nil)
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
	return n, l.sender.SendMessageBatch(ctx, batch, nil)
}

func ping(ctx context.Context, l *link) error {
	if _, err := l.sender.NewMessageBatch(ctx, nil); err != nil {
		return err
	}
	further, err := l.client.NewSender(Topic, nil)
	if err != nil {
		return err
	}
	if _, err := further.NewMessageBatch(ctx, nil); err != nil {
		return err
	}
	return further.Close(ctx)
}

// close takes 2 seconds at most with a peer that answers nothing.
func (l *link) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	_ = l.client.Close(ctx) // nothing is left to do about a failure
}

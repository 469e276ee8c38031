package quarantine

import (
	"context"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// sendTime is how long a call waits for the bus. What it tells of stands by then.
const sendTime = 5 * time.Second

// Types of events.
const (
	Created  = "secretsharer.hold.created"
	Released = "secretsharer.hold.released"
	Ended    = "secretsharer.hold.ended"
	Refused  = "secretsharer.operator.refused"
)

// Refuse publishes that a call was refused whose caller is no operator. It never waits.
func (s *Service) Refuse() { s.Events.Publish(secret.Event{Type: Refused, Time: s.Now()}) }

// told sends the event of a hold that stands, or that was lifted. A repeated
// call sends it again: an earlier one may have been cut off before its event was out.
func (s *Service) told(ctx context.Context, e secret.Event, h *hold.Hold, isNew bool) Outcome {
	return Outcome{Hold: h, New: isNew, EventSent: s.send(ctx, e)}
}

func (s *Service) send(ctx context.Context, events ...secret.Event) bool {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return s.Events.Send(ctx, events...) == nil
}

func created(h *hold.Hold) secret.Event { return event(Created, h, h.CreatedAt) }

// lifted is the event of a hold that is past.
func lifted(h *hold.Hold) secret.Event {
	if h.ReleasedAt.IsZero() {
		return event(Ended, h, h.Until)
	}
	return event(Released, h, h.ReleasedAt)
}

// event has an ID of its own making, so that subscribers know the same one sent
// again. It is a hash, since no event tells more of an id than 8 characters.
func event(name string, h *hold.Hold, at time.Time) secret.Event {
	return secret.Event{ID: holdID(name, h.ID), Type: name, Subject: h.ID[:min(8, len(h.ID))], Time: at}
}

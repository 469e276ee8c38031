package main

import "context"

// ack ends the view that an Idempotency-Key took.
func (s *service) ack(ctx context.Context, r *secretRequest) (answer, error) {
	return noContent, s.secrets.Ack(ctx, r.id, r.proofs.Access, r.key)
}

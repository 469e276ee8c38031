package main

import "context"

// unlock ends a freeze and forgets the wrong claims.
func (s *service) unlock(ctx context.Context, r *secretRequest) (answer, error) {
	return noContent, s.secrets.Unlock(ctx, r.id, r.proofs.Manage, r.key)
}

package event

import (
	"context"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// silent is an identity endpoint that never answers.
type silent struct{ left time.Duration }

func (s *silent) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if end, ok := ctx.Deadline(); ok {
		s.left = time.Until(end)
	}
	return azcore.AccessToken{}, context.DeadlineExceeded
}

// TestTokenIsNotWaitedForWithoutEnd matters since azservicebus asks under a context that never ends.
func TestTokenIsNotWaitedForWithoutEnd(t *testing.T) {
	var s silent
	if _, err := (hasty{&s}).GetToken(context.TODO(), policy.TokenRequestOptions{}); err == nil {
		t.Error("a token from nowhere")
	}
	if s.left <= 0 || s.left > tokenTimeout {
		t.Errorf("%v left to answer, want at most %v", s.left, tokenTimeout)
	}
}

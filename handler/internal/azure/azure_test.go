package azure

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// endpoint is an identity endpoint that records how long it may take.
type endpoint struct{ left time.Duration }

func (e *endpoint) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if end, ok := ctx.Deadline(); ok {
		e.left = time.Until(end)
	}
	return azcore.AccessToken{}, context.DeadlineExceeded
}

func TestTokenCallHasADeadline(t *testing.T) {
	var e endpoint
	if _, err := (timeLimited{&e}).GetToken(context.Background(), policy.TokenRequestOptions{}); err == nil {
		t.Error("got a token")
	}
	if e.left <= 0 || e.left > tokenTimeout {
		t.Errorf("deadline in %v, want at most %v", e.left, tokenTimeout)
	}
	if cred, err := NewCredential(""); err != nil {
		t.Error(err)
	} else if _, is := cred.(timeLimited); !is {
		t.Errorf("NewCredential returned %T, without a deadline", cred)
	}
}

func TestOnlyThisMachineIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "localhost": true,
		"x.vault.azure.net": false, "localhost.example": false, "127.0.0.1.example": false, "10.0.0.1": false, "": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestErrorCodesOfAResponse(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"error":{"code":"Conflict","innererror":{"code":"ObjectIsBeingDeleted"}}}`: {"Conflict", "ObjectIsBeingDeleted"},
		`{"error":{"code":"Forbidden","innerError":{"code":"KeyDisabled"}}}`:         {"Forbidden", "KeyDisabled"},
		`{"error":{"code":"Forbidden"}}`:                                             {"Forbidden", ""},
		`<html>not the service</html>`:                                               {"", ""},
		``:                                                                           {"", ""},
	} {
		status, code, inner := ErrorCodes(runtime.NewResponseError(&http.Response{
			StatusCode: http.StatusConflict, Body: io.NopCloser(strings.NewReader(body)), Request: &http.Request{URL: &url.URL{}},
		}))
		if status != http.StatusConflict || code != want[0] || inner != want[1] {
			t.Errorf("%s: %d %q %q", body, status, code, inner)
		}
	}
	if status, code, inner := ErrorCodes(errors.New("no response")); status != 0 || code != "" || inner != "" {
		t.Errorf("%d %q %q", status, code, inner)
	}
}

// Package azure holds what the clients of all Azure services have in common: the
// credential, the HTTP transport, the retries, and the way to read an error.
//
// A client makes at most three tries of a request, two seconds each, and waits
// 50 to 400 ms between them. Nothing here makes a call by itself.
package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	tokenTimeout = 3 * time.Second
	tryTimeout   = 2 * time.Second
)

// Credential authenticates the process to every service.
type Credential = azcore.TokenCredential

// NewCredential returns the managed identity with a client ID, or the system's
// one when clientID is empty. It makes no call yet. A call for a token ends after
// three seconds. Safe for concurrent use.
func NewCredential(clientID string) (Credential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{}
	if clientID != "" {
		options.ID = azidentity.ClientID(clientID)
	}
	cred, err := azidentity.NewManagedIdentityCredential(options)
	if err != nil {
		return nil, fmt.Errorf("make managed identity credential: %w", err)
	}
	return timeLimited{cred}, nil
}

// timeLimited adds a timeout to GetToken: azservicebus calls it without one.
type timeLimited struct{ Credential }

// GetToken implements azcore.TokenCredential.
func (c timeLimited) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	return c.Credential.GetToken(ctx, o)
}

// ClientOptions returns the options of an HTTP client. A nil transport means one
// that keeps up to 64 idle connections to a host for 90 seconds.
func ClientOptions(transport policy.Transporter) azcore.ClientOptions {
	if transport == nil {
		transport = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	return azcore.ClientOptions{Transport: transport, Retry: retries(tryTimeout)}
}

func retries(try time.Duration) policy.RetryOptions {
	return policy.RetryOptions{MaxRetries: 2, TryTimeout: try, RetryDelay: 50 * time.Millisecond, MaxRetryDelay: 400 * time.Millisecond}
}

// WithoutRetries returns a context under which a client tries a request once.
func WithoutRetries(ctx context.Context) context.Context {
	return policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1, TryTimeout: tryTimeout})
}

// WithTryTimeout returns a context under which each try of a request may take that long.
func WithTryTimeout(ctx context.Context, try time.Duration) context.Context {
	return policy.WithRetryOptions(ctx, retries(try))
}

// IsLoopback reports whether a host name, without a port, means this machine.
// Only emulators and test doubles are there.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}

// ErrorCodes returns the status and the two codes of the response that caused
// err: that of the service, and the inner one, which distinguishes errors of the
// same code. They are zero for an error that no response caused.
func ErrorCodes(err error) (status int, code, inner string) {
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		return 0, "", ""
	}
	var content struct {
		Error struct {
			InnerError struct {
				Code string `json:"code"`
			} `json:"innererror"`
		} `json:"error"`
	}
	if response.RawResponse != nil {
		if body, err := runtime.Payload(response.RawResponse); err == nil {
			_ = json.Unmarshal(body, &content) // a proxy may have sent another form
		}
	}
	return response.StatusCode, response.ErrorCode, content.Error.InnerError.Code
}

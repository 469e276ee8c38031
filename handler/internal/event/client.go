package event

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// tokenTimeout bounds a call to the identity endpoint, which azservicebus makes without a deadline.
const tokenTimeout = 3 * time.Second

// NewClient returns a client of a namespace: a fully qualified host name, where
// the credential counts, or sb:// with a loopback address and port, which means
// the emulator's dialect, without TLS and without a credential. It calls
// nobody yet. The client retries nothing by itself; what it is used for does.
func NewClient(namespace string, cred azcore.TokenCredential) (*azservicebus.Client, error) {
	options := &azservicebus.ClientOptions{RetryOptions: azservicebus.RetryOptions{MaxRetries: -1}}
	if address, emulator := strings.CutPrefix(namespace, "sb://"); emulator {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !at.Addr().IsLoopback() {
			return nil, fmt.Errorf("namespace %q: sb:// needs a loopback address and a port", namespace)
		}
		// The key is of no use to anybody: the emulator takes any.
		return azservicebus.NewClientFromConnectionString("Endpoint=sb://"+at.String()+
			";SharedAccessKeyName=emulator;SharedAccessKey=emulator;UseDevelopmentEmulator=true", options)
	}
	if namespace == "" || strings.ContainsAny(namespace, "/:;") {
		return nil, fmt.Errorf("namespace %q: not a host name", namespace)
	}
	if cred == nil {
		return nil, fmt.Errorf("namespace %q: no credential", namespace)
	}
	return azservicebus.NewClient(namespace, hasty{cred}, options)
}

// hasty is a credential that does not wait for ever.
type hasty struct{ azcore.TokenCredential }

func (h hasty) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	return h.TokenCredential.GetToken(ctx, o)
}

package event

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
)

// NewClient returns a client of a namespace: a fully qualified host name, where
// the credential counts, or sb:// with a loopback address and port, which means
// the emulator's dialect, without TLS and without a credential. It calls
// nobody yet. The client retries nothing by itself; what it is used for does.
func NewClient(namespace string, cred azure.Credential) (*azservicebus.Client, error) {
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
	return azservicebus.NewClient(namespace, cred, options)
}

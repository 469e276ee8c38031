package event

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
)

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

package table

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// The account that every Table emulator knows, as Microsoft publishes it: no secret.
const (
	developmentAccount = "devstoreaccount1"
	developmentKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==" // #nosec G101
)

// Table keeps everything in Azure Table Storage, for any number of processes.
// Safe for concurrent use.
type Store struct {
	service *aztables.ServiceClient
	secrets *aztables.Client
	holds   *aztables.Client
	work    *aztables.Client
}

// Open connects to a Table endpoint, as cred. On a loopback address it
// takes the well-known development account instead and makes the tables;
// elsewhere they must be there. transport may be nil. Errors: store.ErrNewer.
func Open(ctx context.Context, endpoint string, cred azcore.TokenCredential, transport policy.Transporter) (*Store, error) {
	service, local, err := connect(endpoint, cred, transport)
	if err != nil {
		return nil, fmt.Errorf("open table service: %w", err)
	}
	t := &Store{service: service, secrets: service.NewClient("secrets"), holds: service.NewClient("holds"), work: service.NewClient("work")}
	if local {
		for _, c := range []*aztables.Client{t.secrets, t.holds, t.work} {
			if _, err := c.CreateTable(ctx, nil); err != nil && code(err) != string(aztables.TableAlreadyExists) {
				return nil, fmt.Errorf("make table: %w", domain(err))
			}
		}
	}
	if err := t.checkSchema(ctx); err != nil {
		return nil, fmt.Errorf("check schema: %w", err)
	}
	return t, nil
}

func connect(endpoint string, cred azcore.TokenCredential, transport policy.Transporter) (service *aztables.ServiceClient, local bool, err error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, false, err
	}
	if transport == nil {
		transport = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	options := &aztables.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: transport,
		Retry:     policy.RetryOptions{MaxRetries: 2, TryTimeout: tryTimeout, RetryDelay: 50 * time.Millisecond, MaxRetryDelay: 400 * time.Millisecond},
	}}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() || u.Hostname() == "localhost" {
		key, err := aztables.NewSharedKeyCredential(developmentAccount, developmentKey)
		if err != nil {
			return nil, true, err
		}
		if strings.Trim(u.Path, "/") == "" {
			endpoint = strings.TrimSuffix(endpoint, "/") + "/" + developmentAccount
		}
		service, err = aztables.NewServiceClientWithSharedKey(endpoint, key, options)
		return service, true, err
	}
	service, err = aztables.NewServiceClient(endpoint, cred, options)
	return service, false, err
}

// tryTimeout bounds each try of a request.
const tryTimeout = 2 * time.Second

// once turns the SDK's own retries off: after an unanswered conditional write
// only reading again tells what it did.
func once(ctx context.Context) context.Context {
	return policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1, TryTimeout: tryTimeout})
}

// patient gives each try of a large request its time: a transaction that is
// repeated because it was slow is refused, and then sent in parts.
func patient(ctx context.Context) context.Context {
	return policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: 2, TryTimeout: 10 * time.Second, RetryDelay: 50 * time.Millisecond, MaxRetryDelay: 400 * time.Millisecond})
}

// schemaRow is the row of the schema's version.
const schemaRow = "schema"

// checkSchema refuses tables that a newer version has written, and marks new ones.
func (t *Store) checkSchema(ctx context.Context) error {
	var e entity
	err := get(ctx, t.work, store.SchemaPartition, schemaRow, &e)
	if errors.Is(err, secret.ErrNotFound) {
		return put(ctx, t.work, &entity{Partition: store.SchemaPartition, Row: schemaRow, Value: strconv.Itoa(store.Schema)})
	}
	if err != nil {
		return err
	}
	if version, err := strconv.Atoi(e.Value); err != nil || version > store.Schema {
		return store.ErrNewer
	}
	return nil
}

// Ping asks whether the tables answer.
func (t *Store) Ping(ctx context.Context) error {
	var e entity
	return get(ctx, t.work, store.SchemaPartition, schemaRow, &e)
}

var (
	_ secret.Store      = (*Store)(nil)
	_ secret.Expiries   = (*Store)(nil)
	_ secret.Reminders  = (*Store)(nil)
	_ secret.Watermarks = (*Store)(nil)
	_ secret.Holds      = (*Store)(nil)
)

// Package table keeps secrets, holds, reminders and watermarks in Azure Table
// Storage, for any number of processes. It implements the ports of package
// secret and of the holds.
//
// There are three tables. A secret is one entity of the table "secrets", its
// sealed envelope spread over binary properties, and an entity's ETag is the
// row's version. "holds" has an entity for each hold and partition, "work" the
// reminders, the watermarks, the names of the sealing keys in use, and the schema. Package store names the partitions.
//
// The SDK repeats a request that was not answered, except a conditional update of a
// secret, which is sent once. No error contains the address of a request, which
// names a row.
package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/azure"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

// The account that every emulator of the service has, as Microsoft publishes it: no secret.
const (
	developmentAccount = "devstoreaccount1"
	developmentKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==" // #nosec G101
)

// Store is a store in three tables. Safe for concurrent use.
type Store struct {
	secrets *aztables.Client
	holds   *aztables.Client
	work    *aztables.Client
	noted   sync.Map // secret.KeyRef: the keys that useKey has written
}

// Open connects to a Table endpoint with a credential and checks the schema. The
// tables must exist. On a loopback address it uses the development account
// instead of cred, which may be nil, and creates missing tables. A nil transport
// means the default one. Errors: store.ErrNewer; after any other the caller may
// try again.
func Open(ctx context.Context, endpoint string, cred azure.Credential, transport policy.Transporter) (*Store, error) {
	t, local, err := dial(endpoint, cred, transport)
	if err != nil {
		return nil, err
	}
	if local {
		for _, c := range []*aztables.Client{t.secrets, t.holds, t.work} {
			_, err := c.CreateTable(ctx, nil)
			if _, code, _ := azure.ErrorCodes(err); err != nil && code != string(aztables.TableAlreadyExists) {
				return nil, fmt.Errorf("create table: %w", portError(err))
			}
		}
	}
	err = t.checkSchema(ctx)
	if errors.Is(err, secret.ErrNotFound) {
		err = put(ctx, t.work, &entity{Partition: store.SchemaPartition, Row: schemaRow, Value: strconv.Itoa(store.Schema)})
	}
	if err != nil {
		return nil, fmt.Errorf("check schema: %w", err)
	}
	return t, nil
}

// Look connects and checks the schema as Open does, and writes nothing. New tables
// have no schema.
func Look(ctx context.Context, endpoint string, cred azure.Credential, transport policy.Transporter) (*Store, error) {
	t, _, err := dial(endpoint, cred, transport)
	if err != nil {
		return nil, err
	}
	if err := t.checkSchema(ctx); err != nil && !errors.Is(err, secret.ErrNotFound) {
		return nil, fmt.Errorf("check schema: %w", err)
	}
	return t, nil
}

func dial(endpoint string, cred azure.Credential, transport policy.Transporter) (t *Store, local bool, err error) {
	service, local, err := connect(endpoint, cred, transport)
	if err != nil {
		return nil, local, fmt.Errorf("open table service: %w", err)
	}
	return &Store{secrets: service.NewClient("secrets"), holds: service.NewClient("holds"), work: service.NewClient("work")}, local, nil
}

func connect(endpoint string, cred azure.Credential, transport policy.Transporter) (service *aztables.ServiceClient, local bool, err error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, false, err
	}
	options := &aztables.ClientOptions{ClientOptions: azure.ClientOptions(transport)}
	if !azure.IsLoopback(u.Hostname()) {
		service, err = aztables.NewServiceClient(endpoint, cred, options)
		return service, false, err
	}
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

// largeTimeout is the timeout of each try of a large request: a transaction that
// is repeated because its first try was slow is refused, and then sent in parts.
const largeTimeout = 10 * time.Second

func withLargeTimeout(ctx context.Context) context.Context {
	return azure.WithTryTimeout(ctx, largeTimeout)
}

// schemaRow is the row of the schema's version.
const schemaRow = "schema"

// checkSchema refuses tables that a newer version has written. New ones have no
// version: secret.ErrNotFound.
func (t *Store) checkSchema(ctx context.Context) error {
	e, err := get(ctx, t.work, store.SchemaPartition, schemaRow)
	if err != nil {
		return err
	}
	if version, err := strconv.Atoi(e.Value); err != nil || version > store.Schema {
		return store.ErrNewer
	}
	return nil
}

// Ping reports whether the service answers, by reading one entity.
func (t *Store) Ping(ctx context.Context) error {
	_, err := get(ctx, t.work, store.SchemaPartition, schemaRow)
	return err
}

// get reads a small entity: secret.ErrNotFound.
func get(ctx context.Context, c *aztables.Client, partition, row string) (e entity, err error) {
	if err := checkKeys(partition, row); err != nil {
		return e, err
	}
	res, err := c.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return e, portError(err)
	}
	err = json.Unmarshal(res.Value, &e)
	return e, err
}

// put inserts a small entity, or replaces the one with its keys.
func put(ctx context.Context, c *aztables.Client, e *entity) error {
	data, err := e.encode()
	if err != nil {
		return err
	}
	_, err = c.UpsertEntity(ctx, data, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	return portError(err)
}

// maxPage is the most entities that the service lists at a time.
const maxPage = 1000

// listPage returns one page of a query, with the columns named, and the cursor
// of the next, empty after the last. A page has at most so many entities, and at most
// 1,000. It may be empty without being the last.
func listPage(ctx context.Context, c *aztables.Client, filter, columns, cursor string, most int) (entities [][]byte, next string, err error) {
	most = min(most, maxPage)
	o := &aztables.ListEntitiesOptions{Filter: &filter, Select: to.Ptr("PartitionKey,RowKey," + columns), Top: to.Ptr(int32(most))} // #nosec G115 -- at most 1,000
	if partition, row, ok := strings.Cut(cursor, " "); ok {
		o.NextPartitionKey, o.NextRowKey = &partition, &row
	}
	res, err := c.NewListEntitiesPager(o).NextPage(ctx)
	if err != nil {
		return nil, "", portError(err)
	}
	if partition := res.NextPartitionKey; partition != nil && *partition != "" {
		next = *partition + " "
		if res.NextRowKey != nil {
			next += *res.NextRowKey
		}
	}
	return res.Entities, next, nil
}

// portError turns an error of the SDK into one that the ports define, or into
// one without the request's address, which names a row.
func portError(err error) error {
	var response *azcore.ResponseError
	var request *url.Error
	switch {
	case errors.As(err, &response):
		return statusError(responseCode(response))
	case errors.As(err, &request):
		return fmt.Errorf("table service: %w", request.Err)
	}
	return err
}

func statusError(status int, code string) error {
	switch {
	case status == http.StatusNotFound && (code == string(aztables.ResourceNotFound) || code == string(aztables.EntityNotFound)):
		return secret.ErrNotFound
	case status == http.StatusConflict && code == string(aztables.EntityAlreadyExists):
		return secret.ErrExists
	case status == http.StatusPreconditionFailed:
		return secret.ErrStale
	}
	return fmt.Errorf("table service returned %d %s", status, code)
}

var (
	innerStatus = regexp.MustCompile(`HTTP/1\.1 (\d{3}) `)
	innerCode   = regexp.MustCompile(`"code":\s*"([A-Za-z]+)"`)
)

// responseCode returns the status and the code of a response. The response to a
// refused transaction has status 202; its body has the real status and code.
func responseCode(response *azcore.ResponseError) (status int, code string) {
	if response.StatusCode != http.StatusAccepted || response.RawResponse == nil {
		return response.StatusCode, response.ErrorCode
	}
	body, err := runtime.Payload(response.RawResponse)
	if err != nil {
		return response.StatusCode, response.ErrorCode
	}
	if m := innerStatus.FindSubmatch(body); m != nil {
		status, _ = strconv.Atoi(string(m[1]))
	}
	if m := innerCode.FindSubmatch(body); m != nil {
		code = string(m[1])
	}
	return status, code
}

var _ secret.Store = (*Store)(nil)

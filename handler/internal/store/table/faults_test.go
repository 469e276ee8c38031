package table_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/secretsharer/secretsharer/envelope/header"
	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/store"
	"github.com/secretsharer/secretsharer/handler/internal/store/storetest"
)

// transport carries the requests of the SDK.
type transport func(*http.Request) (*http.Response, error)

func (t transport) Do(req *http.Request) (*http.Response, error) { return t(req) }

var direct = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// response is a response that no service sent.
func response(req *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: header, Request: req, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

var errCut = errors.New("connection cut")

// lossy loses one in six requests or their responses, while on.
func lossy(on *atomic.Bool, lost *atomic.Int64) transport {
	return func(req *http.Request) (*http.Response, error) {
		if !on.Load() || rand.IntN(6) > 0 {
			return direct.Do(req)
		}
		lost.Add(1)
		if rand.IntN(2) == 0 {
			return nil, errCut
		}
		res, err := direct.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return nil, errCut
	}
}

// TestLostResponsesCostNoView races readers, who retry, for views while the
// service loses one call in six.
func TestLostResponsesCostNoView(t *testing.T) {
	var on atomic.Bool
	var lost, unreadable atomic.Int64
	service := storetest.Service(newTable(t, lossy(&on, &lost)), time.Now)
	on.Store(true)
	secrets := storetest.Rounds(200, 4000)
	var group sync.WaitGroup
	gate := make(chan struct{}, 8)
	for range secrets {
		gate <- struct{}{}
		group.Go(func() {
			defer func() { <-gate }()
			link := storetest.NewLink(time.Now().Add(time.Hour), 1, []byte("an envelope, at least as long as its header is, and more"))
			if err := retry(func() error { _, err := service.Create(t.Context(), link.Draft); return err }); err != nil {
				t.Errorf("create: %v", err)
				return
			}
			switch won := winners(t, service, link, 3); {
			case won > 1:
				t.Errorf("a view was served to %d readers", won)
			case won == 0:
				unreadable.Add(1)
			}
		})
	}
	group.Wait()
	t.Logf("%d secrets, %d calls lost, %d secrets that nobody could read", secrets, lost.Load(), unreadable.Load())
	if float64(unreadable.Load()) >= 0.005*float64(secrets) {
		t.Errorf("%d of %d secrets were lost", unreadable.Load(), secrets)
	}
}

// retry repeats a call that got no response, as a client does.
func retry(call func() error) (err error) {
	for range 10 {
		if err = call(); !errors.Is(err, secret.ErrUnavailable) {
			return err
		}
	}
	return err
}

func winners(t *testing.T, service *secret.Service, link *storetest.Link, readers int) int {
	var won atomic.Int64
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			err := retry(func() error {
				r, err := service.Read(t.Context(), link.ID, link.Proofs, []byte{byte(i)}, storetest.Admitted{})
				if err == nil && !bytes.Equal(r.Envelope, link.Envelope) {
					t.Error("read another envelope")
				}
				return err
			})
			var gone *secret.GoneError
			switch {
			case err == nil:
				won.Add(1)
			case !errors.As(err, &gone) && !errors.Is(err, secret.ErrUnavailable):
				t.Errorf("read: %v", err)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}

// TestThrottledCallsAreRetried throttles each call of a secret's life in turn, with status 429 and 503.
func TestThrottledCallsAreRetried(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var calls, refuse atomic.Int64
		throttle := transport(func(req *http.Request) (*http.Response, error) {
			if calls.Add(1) == refuse.Load() {
				return response(req, status, nil, `{"odata.error":{"code":"ServerBusy","message":{"value":"busy"}}}`), nil
			}
			return direct.Do(req)
		})
		service := storetest.Service(newTable(t, throttle), time.Now)
		for n := int64(1); ; n++ {
			calls.Store(0)
			refuse.Store(n)
			link := storetest.NewLink(time.Now().Add(time.Hour), 1, []byte("an envelope, at least as long as its header is, and more"))
			must(t, retry(func() error { _, err := service.Create(t.Context(), link.Draft); return err }))
			if won := winners(t, service, link, 1); won != 1 {
				t.Fatalf("%d at call %d: the reader was refused", status, n)
			}
			must(t, retry(func() error { return service.Ack(t.Context(), link.ID, link.Proofs.Access, []byte{0}) }))
			if calls.Load() < n {
				t.Logf("%d at each of %d calls", status, n-1)
				break
			}
		}
	}
}

// TestUpdateIsSentOnce counts the tries of an update that gets no response.
func TestUpdateIsSentOnce(t *testing.T) {
	var sent atomic.Int64
	s := newTable(t, transport(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPatch || req.Method == http.MethodPut && strings.Contains(req.URL.Path, "/secrets(") {
			sent.Add(1)
			return nil, errCut
		}
		return direct.Do(req)
	}))
	r := storetest.Record(storetest.Start, 100)
	must(t, s.Insert(t.Context(), r))
	r, err := s.Peek(t.Context(), r.ID)
	must(t, err)
	for _, r.Cleared = range []bool{false, true} {
		sent.Store(0)
		if err := s.Update(t.Context(), r); err == nil || errors.Is(err, secret.ErrStale) || sent.Load() != 1 {
			t.Errorf("cleared %v: sent %d times, %v", r.Cleared, sent.Load(), err)
		}
	}
}

// TestEmptyPagesAreFollowed returns an empty page first, as the service may at the
// end of a partition.
func TestEmptyPagesAreFollowed(t *testing.T) {
	var empty atomic.Int64
	s := newTable(t, transport(func(req *http.Request) (*http.Response, error) {
		q := req.URL.Query()
		if q.Get("$filter") != "" && q.Get("NextPartitionKey") != "!continue" {
			empty.Add(1)
			return response(req, http.StatusOK, http.Header{"X-Ms-Continuation-Nextpartitionkey": {"!continue"}}, `{"value":[]}`), nil
		}
		if q.Has("NextPartitionKey") {
			q.Del("NextPartitionKey")
			q.Del("NextRowKey")
			req.URL.RawQuery = q.Encode()
		}
		return direct.Do(req)
	}))
	r := storetest.Record(storetest.Start, 100)
	must(t, s.Insert(t.Context(), r))
	if _, err := s.Peek(t.Context(), r.ID); err != nil {
		t.Errorf("peek: %v", err)
	}
	must(t, s.InsertHold(t.Context(), "past", hold.Hold{ID: "h1"}))
	if past, err := store.AllHolds(t.Context(), s, "past", hold.Filter{}); err != nil || len(past) != 1 {
		t.Errorf("%d past holds, %v", len(past), err)
	}
	rows, next, err := s.Expired(t.Context(), 0, header.SlotOf(storetest.Start)+1, true, "")
	if err != nil || len(rows) != 0 || next == "" {
		t.Fatalf("the empty page: %d rows, cursor %q, %v", len(rows), next, err)
	}
	rows, next, err = s.Expired(t.Context(), 0, header.SlotOf(storetest.Start)+1, true, next)
	if err != nil || len(rows) != 1 || next != "" {
		t.Errorf("the page after it: %d rows, cursor %q, %v", len(rows), next, err)
	}
	if empty.Load() != 3 {
		t.Errorf("%d empty pages", empty.Load())
	}
}

// TestErrorsDoNotContainTheID makes calls fail in several ways.
func TestErrorsDoNotContainTheID(t *testing.T) {
	var how atomic.Int64
	s := newTable(t, transport(func(req *http.Request) (*http.Response, error) {
		switch how.Load() {
		case 1:
			ctx, cancel := context.WithCancel(req.Context())
			cancel()
			return direct.Do(req.WithContext(ctx)) // net/http's own errors contain the address
		case 2:
			return response(req, http.StatusForbidden, nil, `{"odata.error":{"code":"AuthorizationFailure"}}`), nil
		}
		return direct.Do(req)
	}))
	r := storetest.Record(storetest.Start, 100)
	r.Version = "v"
	for way := range int64(2) {
		how.Store(way + 1)
		_, getErr := s.Get(t.Context(), r.ID)
		_, peekErr := s.Peek(t.Context(), r.ID)
		_, clearErr := s.Clear(t.Context(), []*secret.Record{r})
		for _, err := range []error{getErr, peekErr, clearErr, s.Insert(t.Context(), r), s.Update(t.Context(), r), s.AddReminder(t.Context(), r.ID, storetest.Start)} {
			if err == nil || strings.Contains(err.Error(), r.ID.String()) {
				t.Errorf("way %d: %v", how.Load(), err)
			}
		}
	}
}

var _ policy.Transporter = transport(nil)

// peekBody returns the body of a response, which stays readable.
func peekBody(res *http.Response) string {
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Trigger invokes a timer once and returns nil if the host considers the invocation
// completed. Errors: [ErrHung], which is returned at once for an answer that the host
// would ignore; [ErrExited] and [ErrCrashed] if there is no handler any more; any
// other is a failure that the host may retry.
func (h *Host) Trigger(ctx context.Context, name string) error {
	f, ok := h.functions[name]
	if !ok || f.Timer == nil {
		return fmt.Errorf("no timer named %s", name)
	}
	for {
		p, err := h.await(ctx)
		if err != nil {
			return err
		}
		err = h.invoke(ctx, p, name, payload(name, f.Timer.Retries))
		if errors.Is(err, ErrHung) {
			h.kill(p)
			<-p.exited
		}
		if !isDial(err) { // otherwise the process has just died
			return err
		}
	}
}

func (h *Host) invoke(ctx context.Context, p *process, name string, body []byte) error {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer h.afterFunc(h.config.limit, func() { cancel(ErrHung) }).Stop()
	a, err := h.post(limited, name, body)
	switch {
	case errors.Is(context.Cause(limited), ErrHung):
		return fmt.Errorf("no answer: %w", ErrHung)
	case err != nil:
		h.settle(ctx, p)
		return err
	}
	return a.judge()
}

// answer is the answer to an invocation.
type answer struct {
	status int
	media  string // the Content-Type
	body   []byte
}

func (h *Host) post(ctx context.Context, name string, body []byte) (answer, error) {
	// The host sends chunks, as net/http does with a reader of unknown length.
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.target("/"+name), io.MultiReader(bytes.NewReader(body)))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("X-Azure-Functions-Hostversion", hostVersion)
	r.Header.Set(invocation, newGUID())
	r.Header.Set("User-Agent", "Azure-Functions-Host/"+hostVersion)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	client := http.Client{Transport: h.transport}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header.Get("Content-Type"), data}, err
}

// payload returns the body of a timer's invocation, at its first attempt.
func payload(name string, retries int) []byte {
	now := time.Now().UTC().Truncate(time.Second)
	body := map[string]any{
		"Data": map[string]any{"timer": map[string]any{
			"Schedule": map[string]any{"AdjustForDST": true},
			"ScheduleStatus": map[string]any{
				"Last": "0001-01-01T00:00:00", "Next": offset(now.Add(time.Minute)), "LastUpdated": "0001-01-01T00:00:00"},
			"IsPastDue": false,
		}},
		"Metadata": map[string]any{
			"sys":          map[string]any{"MethodName": name, "UtcNow": now, "RandGuid": newGUID()},
			"RetryContext": map[string]any{"RetryCount": 0, "MaxRetryCount": retries, "Exception": nil, "Instance": nil, "State": map[string]any{}},
		},
	}
	data, _ := json.Marshal(body) // cannot fail with plain values
	return data
}

func offset(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") }

// judge returns the host's verdict on an answer.
func (a answer) judge() error {
	if a.status < 200 || a.status > 299 {
		return fmt.Errorf("status %d", a.status)
	}
	if len(a.body) == 0 {
		return fmt.Errorf("empty answer: %w", ErrHung)
	}
	media, _, err := mime.ParseMediaType(a.media)
	if err != nil || media != "application/json" && media != "text/json" {
		return fmt.Errorf("content type %q", a.media)
	}
	if text := string(bytes.TrimSpace(a.body)); text == "" || text == "null" {
		return fmt.Errorf("answer %q: %w", text, ErrHung)
	}
	return checkResult(a.body)
}

func checkResult(body []byte) error {
	var result struct {
		Outputs     map[string]any
		Logs        []any
		ReturnValue any
	}
	if err := json.Unmarshal(body, &result); err != nil {
		return err
	}
	for _, line := range result.Logs {
		switch line.(type) {
		case map[string]any, []any:
			return errors.New("a log line is not a string")
		}
	}
	return nil
}

package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretsharer/secretsharer/handler/internal/host/internal/transcript"
)

const transcripts = "testdata/transcripts"

// timerPayload is an invocation as the host writes it.
const timerPayload = `{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}},"Metadata":{"sys":{}}}`

// invoke posts a body to the timer purge and returns the answer.
func invoke(t *testing.T, timer Timer, ran func(context.Context, Run), body string) *httptest.ResponseRecorder {
	t.Helper()
	app := newApp(t, map[string]Timer{"purge": timer}, ran)
	w := httptest.NewRecorder()
	app.Hosted().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/purge", strings.NewReader(body)))
	return w
}

func checkAnswer(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" || len(w.Header()) != 1 {
		t.Errorf("headers %v", w.Header())
	}
	if got := w.Body.String(); got != `{"Outputs":{},"Logs":[],"ReturnValue":null}` {
		t.Errorf("answer %s", got)
	}
}

func TestRecordedTimersRun(t *testing.T) {
	for _, c := range transcript.Load(t, transcripts, "timer-*") {
		t.Run(c.Name, func(t *testing.T) {
			var runs []Run
			name := strings.TrimPrefix(c.Request.URL, "/")
			app := newApp(t, map[string]Timer{name: done}, func(_ context.Context, r Run) { runs = append(runs, r) })
			w := httptest.NewRecorder()
			app.Hosted().ServeHTTP(w, c.Request.HTTP(t))
			checkAnswer(t, w, http.StatusOK)
			if len(runs) != 1 {
				t.Fatalf("%d runs", len(runs))
			}
			run := runs[0]
			if run.Timer != name || run.Err != nil || run.PastDue != strings.HasSuffix(c.Name, "pastdue") ||
				run.InvocationID == "" || run.InvocationID != c.Request.HTTP(t).Header.Get("X-Azure-Functions-InvocationId") {
				t.Errorf("%+v", run)
			}
		})
	}
}

func TestFailedTimersAnswer500WithoutTheError(t *testing.T) {
	for name, timer := range map[string]Timer{
		"error": func(context.Context) error { return errors.New("table secrets is gone") },
		"panic": func(context.Context) error { panic("table secrets is gone") },
	} {
		t.Run(name, func(t *testing.T) {
			var run Run
			w := invoke(t, timer, func(_ context.Context, r Run) { run = r }, timerPayload)
			checkAnswer(t, w, http.StatusInternalServerError)
			if run.Err == nil || !strings.Contains(run.Err.Error(), "table secrets is gone") {
				t.Errorf("Ran was called with %v", run.Err)
			}
		})
	}
}

func TestOtherInvocationsAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":          ``,
		"no JSON":          `{"Data":`,
		"an array":         `[]`,
		"a string":         `"x"`,
		"null":             `null`,
		"two JSON values":  timerPayload + timerPayload,
		"no Data":          `{"Metadata":{}}`,
		"null Data":        `{"Data":null}`,
		"no value":         `{"Data":{}}`,
		"two values":       `{"Data":{"timer":{"IsPastDue":false},"other":{}}}`,
		"a null value":     `{"Data":{"timer":null}}`,
		"an encoded null":  `{"Data":{"timer":"null"}}`,
		"a text":           `{"Data":{"timer":"\"x\""}}`,
		"a number":         `{"Data":{"timer":"\"42\""}}`,
		"a batch":          `{"Data":{"timer":"[]"}}`,
		"a past due text":  `{"Data":{"timer":{"IsPastDue":"no"}}}`,
		"more than enough": `{"Data":{"timer":{"IsPastDue":false,"X":"` + strings.Repeat("x", maxPayload) + `"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := invoke(t, func(context.Context) error { t.Error("it ran"); return nil }, nil, body)
			checkAnswer(t, w, http.StatusBadRequest)
		})
	}
}

func TestTimerValuesAreReadInEveryEncoding(t *testing.T) {
	object := `{"IsPastDue":true}`
	once := encode(t, object)
	for name, value := range map[string]string{"object": object, "once": once, "twice": encode(t, once)} {
		var run Run
		w := invoke(t, done, func(_ context.Context, r Run) { run = r }, `{"Data":{"timer":`+value+`}}`)
		checkAnswer(t, w, http.StatusOK)
		if !run.PastDue {
			t.Errorf("%s: %+v", name, run)
		}
	}
}

func encode(t *testing.T, text string) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestMetadataIsIgnored(t *testing.T) {
	for _, metadata := range []string{`null`, `[]`, `"x"`, `{"sys":"evil","RetryContext":"evil","Data":{}}`} {
		checkAnswer(t, invoke(t, done, nil, `{"Data":{"timer":{}},"Metadata":`+metadata+`}`), http.StatusOK)
	}
}

// TestRecordedValuesAreDecoded decodes every kind of message as the host forwards it.
func TestRecordedValuesAreDecoded(t *testing.T) {
	want := map[string]string{ // if it differs from the text that was sent
		"msg-batch-empty":       `[]`,
		"msg-batch-strings":     `["plain","{\"a\":1}","","ü\""]`,
		"msg-bytes-binary":      `AAEC/f7/`,
		"msg-bytes-binary-json": `eyJhIjoxfQ==`,
		"msg-bytes-empty":       ``,
		"msg-bytes-to-string":   `{"a":1}`,
		"msg-null-value":        `null`,
	}
	for _, c := range transcript.Load(t, transcripts, "msg-*") {
		t.Run(c.Name, func(t *testing.T) {
			text, known := want[c.Name]
			if !known {
				if err := json.Unmarshal(c.Trigger.Value, &text); err != nil {
					t.Fatal(err)
				}
			}
			got, err := decodeInvocation(c.Request.Bytes())
			if err != nil || string(got) != text {
				t.Errorf("decoded %q, %v; want %q", got, err, text)
			}
		})
	}
}

func TestOnlyAGUIDIsAnInvocationID(t *testing.T) {
	for id, want := range map[string]string{
		"45db6db7-6eb5-457c-b309-262c1340223e": "45db6db7-6eb5-457c-b309-262c1340223e",
		"45DB6DB7-6EB5-457C-B309-262C1340223E": "45DB6DB7-6EB5-457C-B309-262C1340223E",
		"":                                     "",
		"spoofed":                              "",
		"45db6db7-6eb5-457c-b309-262c1340223e\nx":    "",
		"45db6db76eb5457cb309262c1340223e":           "",
		"{45db6db7-6eb5-457c-b309-262c1340223e}":     "",
		" 45db6db7-6eb5-457c-b309-262c1340223e":      "",
		"45db6db7-6eb5-457c-b309-262c1340223e, evil": "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/purge", nil)
		r.Header.Set("X-Azure-Functions-InvocationId", id)
		if got := InvocationID(r); got != want {
			t.Errorf("%q is %q", id, got)
		}
	}
}

// FuzzInvocation checks that every body gets a complete answer, and that the timer
// runs exactly if the answer is 200.
func FuzzInvocation(f *testing.F) {
	for _, c := range transcript.Load(f, transcripts, "timer-*", "msg-*") {
		f.Add(c.Request.Bytes())
	}
	for _, body := range []string{timerPayload, `{"Data":{"timer":"\"{}\""}}`, `{"Data":{"a":"[]","b":7}}`, `{"data":{"":null}}`, "\xff"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		runs := 0
		timer := func(context.Context) error { runs++; return nil }
		w := invoke(t, timer, nil, string(body))
		want := map[int]int{0: http.StatusBadRequest, 1: http.StatusOK}[runs]
		checkAnswer(t, w, want)
		if value, err := decodeInvocation(body); err == nil && len(value) > len(body) {
			t.Errorf("%q is larger than %q", value, body)
		} else if err != nil && len(body) > 8 && bytes.Contains([]byte(err.Error()), body) {
			t.Errorf("error %q quotes %q", err, body)
		}
	})
}

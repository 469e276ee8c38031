package hosttest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

type response struct {
	Status     int
	Headers    map[string]any // a string, or an array of strings
	Body       string
	BodyB64    string
	Chunks     []string
	ChunkDelay int // ms
	DelayMs    int
	Exit       *int
	Destroy    bool // reset the connection
	Truncate   bool // reset it after the chunks
	Hang       bool // never answer
}

// runHandler is the custom handler of the tests, run by this binary under the name
// handler. It appends every request to requests.jsonl in its working directory and
// answers with response.json there, which has the form of the recordings, and probes
// with probe.json. It does not listen while there is a file named wait.
func runHandler() {
	_, _ = os.Stdout.WriteString("a line of output\n")
	for exists("wait") {
		time.Sleep(10 * time.Millisecond)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"))
	check(err)
	check(http.Serve(l, http.HandlerFunc(serve)))
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		_, _ = os.Stdout.WriteString("a probe\n")
		act("probe.json", w, r)
	case "/redirected":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	default:
		record(r)
		act("response.json", w, r)
	}
}

func act(file string, w http.ResponseWriter, r *http.Request) {
	data, err := os.ReadFile(file)
	check(err)
	var res response
	check(json.Unmarshal(data, &res))
	res.act(w, r)
}

func record(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	check(err)
	dir, err := os.Getwd()
	check(err)
	line, err := json.Marshal(map[string]any{"pid": os.Getpid(), "args": os.Args[1:], "dir": dir, "method": r.Method, "url": r.RequestURI, "host": r.Host,
		"header": r.Header, "chunked": len(r.TransferEncoding) > 0, "body": body, "env": os.Environ()})
	check(err)
	f, err := os.OpenFile("requests.jsonl", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	check(err)
	_, err = f.Write(append(line, '\n'))
	check(errors.Join(err, f.Close()))
}

func (res response) act(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Duration(res.DelayMs) * time.Millisecond)
	switch {
	case res.Exit != nil:
		os.Exit(*res.Exit)
	case res.Destroy:
		reset(w)
	case res.Hang:
		<-r.Context().Done()
		_, _ = os.Stdout.WriteString("the host is gone\n")
		panic(http.ErrAbortHandler)
	default:
		res.write(w)
	}
}

func (res response) write(w http.ResponseWriter) {
	w.Header()["Content-Type"] = nil // do not guess one
	for name, value := range res.Headers {
		if all, ok := value.([]any); ok {
			for _, v := range all {
				w.Header().Add(name, v.(string))
			}
			continue
		}
		w.Header().Set(name, value.(string))
	}
	w.WriteHeader(res.Status)
	body, err := base64.StdEncoding.DecodeString(res.BodyB64)
	check(err)
	chunks := append([]string{string(body) + res.Body}, res.Chunks...)
	for _, chunk := range chunks {
		if chunk == "" {
			continue
		}
		_, _ = io.WriteString(w, chunk)
		_ = http.NewResponseController(w).Flush()
		time.Sleep(time.Duration(res.ChunkDelay) * time.Millisecond)
	}
	if res.Truncate {
		reset(w)
	}
}

func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	check(err)
	check(conn.(*net.TCPConn).SetLinger(0))
	_ = conn.Close()
}

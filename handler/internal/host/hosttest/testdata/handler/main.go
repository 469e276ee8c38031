// Command handler stands in for a custom handler in the tests of the fake host:
// it notes every request in requests.jsonl of its working directory, and does
// what response.json says there, in the form of the recordings. Likewise the host's
// probes and probe.json. It does not listen while there is a file named wait.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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

func main() {
	fmt.Println("a line of output")
	fmt.Fprintln(os.Stderr, "a line of errors")
	fmt.Fprintln(os.Stderr, "a WARNING")
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
		fmt.Println("a probe")
		act("probe.json", w, r)
	case "/redirected":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{}")
	default:
		note(r)
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

func note(r *http.Request) {
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
		fmt.Println("the host is gone")
		panic(http.ErrAbortHandler)
	default:
		res.write(w)
	}
}

func (res response) write(w http.ResponseWriter) {
	w.Header()["Content-Type"] = nil // nothing guessed
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

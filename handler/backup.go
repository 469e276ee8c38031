package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/secretsharer/secretsharer/handler/internal/backup"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/durable"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/telemetry"
)

const (
	socketName = "backup.sock" // in the data directory
	maxSocket  = 100           // bytes of a socket's path that every system takes

	// pieceTime is how long the receiver of a backup may take for 32 KiB. While it waits,
	// the store cannot use the space of what is deleted.
	pieceTime = 10 * time.Second
)

// serveBackups lets handler backup ask this process for a copy of the store, which it
// keeps locked. Only the owner of the data and root can open the socket. A service
// that cannot make the socket serves without it.
func (d *deps) serveBackups(ctx context.Context, dir string, store *bolt.Store, tel *telemetry.Recorder) {
	path, done, err := socketPath(dir)
	var listener net.Listener
	if err == nil {
		_ = os.Remove(path) // of a process that was killed; no other one has the store open
		listener, err = (&net.ListenConfig{}).Listen(ctx, "unix", path)
	}
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		done()
		tel.Fault("backups need a stopped service", err)
		return
	}
	s := &http.Server{Handler: backupHandler(dir, store, tel), ReadHeaderTimeout: pieceTime}
	served := make(chan struct{})
	go func() { defer close(served); _ = s.Serve(listener) }() // until it is closed
	d.closers = append(d.closers, func(context.Context) error {
		defer done()
		err := s.Close()
		<-served // which removes the socket
		return err
	})
}

// socketPath returns a path of the socket that is short enough for the system, and a
// function to call when it is no longer used.
func socketPath(dir string) (path string, done func(), err error) {
	path, done = filepath.Join(dir, socketName), func() {}
	if len(path) <= maxSocket {
		return path, done, nil
	}
	opened, err := os.Open(dir) // #nosec G304 -- the operator's setting
	if err != nil {
		return "", done, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", opened.Fd(), socketName), func() { _ = opened.Close() }, nil
}

// backupHandler answers with a backup. After an error it cuts the answer off.
func backupHandler(dir string, store *bolt.Store, tel *telemetry.Recorder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &patientWriter{w, http.NewResponseController(w)}
		size := int64(0)
		err := store.Backup(r.Context(), func(c bolt.Copy) error { size = c.Size; return backup.Write(to, dir, c) })
		tel.BackedUp(size, err)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	})
}

// patientWriter gives each piece its time.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (w *patientWriter) Write(b []byte) (int, error) {
	if err := w.control.SetWriteDeadline(time.Now().Add(pieceTime)); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(b)
}

// backUp writes a backup of the data to a new file, or to standard output.
func backUp(ctx context.Context, environ []string, path string, stdout io.Writer) error {
	cfg, err := config.Read(environ)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if cfg.TableURL != "" {
		return errors.New("backup: the secrets are in Table Storage (SSS_TABLE_URL), of which this makes no backup")
	}
	write := func(to io.Writer) error { return writeBackup(ctx, cfg.Data, to) }
	if path == "-" {
		if file, ok := stdout.(*os.File); ok && term.IsTerminal(int(file.Fd())) { // #nosec G115 -- small
			return errors.New("backup: standard output is a terminal: redirect it, or name a file")
		}
		err = write(stdout)
	} else if err = durable.Create(path, func(f durable.File) error { return write(f) }); err == nil {
		_, err = fmt.Fprintf(stdout, "%s is written; check it with handler verify\n", path)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// writeBackup asks the process that has the store open, and reads the file itself when
// there is none.
func writeBackup(ctx context.Context, dir string, to io.Writer) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	asked, err := askBackup(ctx, dir, to)
	if asked {
		return err
	}
	offline := bolt.Backup(ctx, filepath.Join(dir, "store.db"), func(c bolt.Copy) error { return backup.Write(to, dir, c) })
	if errors.Is(offline, bolt.ErrLocked) {
		return fmt.Errorf("%w, and does not answer: run this as its user or as root: %w", offline, err)
	}
	return offline
}

// askBackup copies the answer of the process that listens on the socket. asked is false
// when there is no such process.
func askBackup(ctx context.Context, dir string, to io.Writer) (asked bool, err error) {
	path, done, err := socketPath(dir)
	if err != nil {
		return false, err
	}
	defer done()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://backup/", nil)
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		dial, ok := errors.AsType[*net.OpError](err)
		return !ok || dial.Op != "dial", fmt.Errorf("the service refused, and its log says why: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(to, response.Body); err != nil {
		return true, fmt.Errorf("the service ended the copy early, and its log says why: %w", err)
	}
	return true, nil
}

// verifyBackup checks a backup and writes what is in it.
func verifyBackup(path string, out io.Writer, clk clock.Clock) error {
	file, err := os.Open(path) // #nosec G304 G703 -- the operator's argument
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer func() { _ = file.Close() }()
	r, err := backup.Verify(file, clk.Now())
	if r != nil {
		_, _ = io.WriteString(out, describe(r))
	}
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s is whole\n", path)
	return err
}

func describe(r *backup.Report) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "store    %d bytes, %d secrets, of which %d may still be read\n", r.StoreSize, r.Rows, r.Readable)
	if r.Rows > 0 {
		_, _ = fmt.Fprintf(&b, "created  %s to %s\n", r.Oldest.Format(time.RFC3339), r.Newest.Format(time.RFC3339))
	}
	if r.Readable > 0 {
		_, _ = fmt.Fprintf(&b, "expiry   the last one at %s\n", r.LastExpiry.Format(time.RFC3339))
	}
	_, _ = fmt.Fprintf(&b, "keyring  %d keys\n", r.Keys)
	if r.VaultKeys > 0 {
		_, _ = fmt.Fprintf(&b, "vault    %d more keys are needed, which are not in a backup\n", r.VaultKeys)
	}
	return b.String()
}

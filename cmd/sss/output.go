package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/envelope"
)

// output writes the secret, to disk if it goes to a file.
func (a *app) output(ctx context.Context, v *view, out *outputFile) error {
	var err error
	switch {
	case out != nil:
		err = a.save(v, out)
	case a.json:
		err = a.print(v.opened(""))
	case !isTerminal(a.out):
		err = a.pipe(v.data)
	case v.meta.Type == envelope.Text:
		err = a.show(v.data)
	default:
		return a.saveAsked(ctx, v)
	}
	if err == nil {
		return nil
	}
	if a.canAsk() { // this is the only copy
		a.say("sss: %s", explain(err))
		return a.saveAsked(ctx, v)
	}
	return fmt.Errorf("%w; the secret was not written", err)
}

// pipe writes exactly the data, to disk if standard output is a file.
func (a *app) pipe(data []byte) error {
	_, err := a.out.Write(data)
	if f, is := a.out.(*os.File); is && err == nil {
		if info, statErr := f.Stat(); statErr == nil && info.Mode().IsRegular() { // a pipe cannot be synced
			err = f.Sync()
		}
	}
	if err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// show writes a text for a person on a terminal.
func (a *app) show(data []byte) error {
	text, replaced := escape(data)
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if err := a.write(text); err != nil {
		return err
	}
	if replaced > 0 {
		a.say("%s shown as escapes.", count(replaced, "control character or byte is", "control characters or bytes are"))
	}
	return nil
}

func (a *app) save(v *view, out *outputFile) error {
	if err := out.commit(v.data); err != nil {
		return err
	}
	note := fmt.Sprintf("Saved %s as %s.", count(len(v.data), "byte", "bytes"), out.path)
	if err := a.answer(v.opened(out.path), "", note); err != nil {
		a.say("sss: %s", explain(err)) // not an error: it is saved
	}
	return nil
}

// saveAsked asks where to save until that works.
func (a *app) saveAsked(ctx context.Context, v *view) error {
	suggested := envelope.SafeName(v.meta.Name)
	for {
		path, err := a.ask(ctx, fmt.Sprintf("Save as [%s]: ", suggested), false)
		if err != nil {
			return fmt.Errorf("%w; the secret was not saved", err)
		}
		out, err := newOutputFile(cmp.Or(string(path), suggested), false)
		if err == nil {
			err = a.save(v, out)
		}
		if err == nil {
			return nil
		}
		a.say("sss: %s", strings.TrimSuffix(explain(err), "; --force overwrites it"))
	}
}

// opened is the JSON of open. Its type is empty if the description cannot be read. It has Output for a saved file, else Text, or Data in base64url.
type opened struct {
	envelope.Meta
	Size      int    `json:"size"`
	ViewsLeft int    `json:"views_left"`
	Output    string `json:"output,omitempty"`
	Text      string `json:"text,omitempty"`
	Data      string `json:"data,omitempty"`
}

func (v *view) opened(output string) opened {
	o := opened{Meta: v.meta, Size: len(v.data), ViewsLeft: v.left, Output: output}
	switch {
	case output != "":
	case v.meta.Type == envelope.Text && utf8.Valid(v.data):
		o.Text = string(v.data)
	default:
		o.Data = api.Encode(v.data)
	}
	return o
}

// canAsk reports whether there is a terminal.
func (a *app) canAsk() bool {
	t, err := a.terminal()
	if err == nil {
		t.close()
	}
	return !errors.Is(err, errNoTerminal)
}

// reserved is how many bytes of a new file are written before a view is taken, so
// that a full disk is found in time. It is more than most servers allow for a secret.
const reserved = 1 << 20

// outputFile is a new file. Its content appears under its name as a whole or not at all.
type outputFile struct {
	path    string
	claimed bool // an empty file reserves the name
	part    *os.File
}

// newOutputFile creates a temporary file of mode 0600 beside path, and an empty one
// at path that reserves the name, unless there is one to overwrite. Call commit or discard.
func newOutputFile(path string, overwrite bool) (_ *outputFile, err error) {
	f := &outputFile{path: path}
	defer func() {
		if err != nil {
			f.discard()
		}
	}()
	if err := f.claim(overwrite); err != nil {
		return nil, err
	}
	if f.part, err = os.CreateTemp(filepath.Dir(path), ".sss-*"); err != nil {
		return nil, fmt.Errorf("create file: %w", err)
	}
	_, err = f.part.Write(make([]byte, reserved))
	if err = cmp.Or(err, f.part.Sync()); err != nil {
		return nil, fmt.Errorf("reserve space: %w", err)
	}
	return f, nil
}

func (f *outputFile) claim(overwrite bool) error {
	if !filepath.IsLocal(filepath.Base(f.path)) {
		return fmt.Errorf("%s is not the name of a file on this system", f.path) // such as NUL on Windows, where all data would be lost
	}
	name, err := os.OpenFile(f.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		f.claimed = true
		return name.Close()
	}
	info, statErr := os.Stat(f.path)
	switch {
	case statErr != nil:
		return fmt.Errorf("create file: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", f.path)
	case !overwrite:
		return fmt.Errorf("%s exists already; --force overwrites it", f.path)
	}
	return nil
}

// commit writes the content to disk and gives the file its name.
func (f *outputFile) commit(data []byte) error {
	_, err := f.part.WriteAt(data, 0)
	err = cmp.Or(err, f.part.Truncate(int64(len(data))), f.part.Sync(), f.part.Close())
	if err == nil {
		err = os.Rename(f.part.Name(), f.path)
	}
	if err != nil {
		f.discard()
		return fmt.Errorf("write file: %w", err)
	}
	f.part, f.claimed = nil, false
	syncDir(filepath.Dir(f.path))
	return nil
}

// discard removes the files of newOutputFile. After commit it does nothing.
func (f *outputFile) discard() {
	if f.part != nil {
		_ = f.part.Close()
		_ = os.Remove(f.part.Name())
	}
	if f.claimed {
		_ = os.Remove(f.path)
	}
	f.part, f.claimed = nil, false
}

// syncDir writes a rename to disk, on systems that can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil { // #nosec G304 -- the user names it
		_ = d.Sync()
		_ = d.Close()
	}
}

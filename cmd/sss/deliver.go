package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/secretsharer/secretsharer/envelope"
)

// destination prepares the output; nil means standard output.
func (a *app) destination(o openFlags) (*newFile, error) {
	if o.output == "" {
		return nil, nil
	}
	f, err := create(o.output, o.force)
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	return f, nil
}

// deliver puts the secret where it belongs, durably where that is a file.
func (a *app) deliver(ctx context.Context, v *view, out *newFile) error {
	var err error
	switch {
	case out != nil:
		err = a.save(v, out)
	case a.json:
		err = a.print(a.opened(v, ""))
	case !isTerminal(a.out):
		err = a.pipe(v.data)
	case v.meta.Type == envelope.File:
		return a.saveAsked(ctx, v)
	default:
		err = a.show(v.data)
	}
	if err == nil {
		return nil
	}
	if a.canAsk() { // there is no other copy
		a.say("sss: %s", explain(err))
		return a.saveAsked(ctx, v)
	}
	return fmt.Errorf("%w; the secret was not delivered, and its view is taken: ask the sender for another link", err)
}

// pipe writes exactly the data.
func (a *app) pipe(data []byte) error {
	if _, err := a.out.Write(data); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	f, is := a.out.(*os.File)
	if !is {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil // a pipe has no disk to reach
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// show writes a text for the eye.
func (a *app) show(data []byte) error {
	text, replaced := harmless(data)
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if _, err := fmt.Fprint(a.out, text); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	if replaced > 0 {
		a.say("%s shown as escapes.", count(replaced, "control character or byte is", "control characters or bytes are"))
	}
	return nil
}

func (a *app) save(v *view, out *newFile) error {
	if err := out.commit(v.data); err != nil {
		return err
	}
	if a.json {
		if err := a.print(a.opened(v, out.path)); err != nil {
			a.say("sss: %s", explain(err)) // it is saved all the same
		}
		return nil
	}
	a.say("Saved %s as %s.", count(len(v.data), "byte", "bytes"), out.path)
	return nil
}

// saveAsked asks where to save until it has worked.
func (a *app) saveAsked(ctx context.Context, v *view) error {
	suggested := safeName(v.meta.Name)
	for {
		path, err := a.ask(ctx, fmt.Sprintf("Save as [%s]: ", suggested))
		if err != nil {
			return fmt.Errorf("%w; the secret was not saved", err)
		}
		if path == "" {
			path = suggested
		}
		out, err := create(path, false)
		if err == nil {
			err = a.save(v, out)
		}
		if err == nil {
			return nil
		}
		a.say("sss: %s", strings.TrimSuffix(explain(err), "; --force overwrites it"))
	}
}

// opened is what open answers in --json. Bytes are base64url; a text is there as such, too.
type opened struct {
	Type      string `json:"type"`
	Name      string `json:"name,omitempty"`
	Media     string `json:"media,omitempty"`
	Size      int    `json:"size"`
	ViewsLeft int    `json:"views_left"`
	Output    string `json:"output,omitempty"`
	Text      string `json:"text,omitempty"`
	Data      string `json:"data,omitempty"`
}

func (a *app) opened(v *view, output string) opened {
	o := opened{Type: v.meta.Type, Name: v.meta.Name, Media: v.meta.Media, Size: len(v.data), ViewsLeft: v.left, Output: output}
	switch {
	case output != "":
	case v.meta.Type == envelope.Text && utf8.Valid(v.data):
		o.Text = string(v.data)
	default:
		o.Data = base64.RawURLEncoding.EncodeToString(v.data)
	}
	return o
}

// canAsk reports whether there is somebody to ask.
func (a *app) canAsk() bool {
	t, err := a.terminal()
	if err == nil {
		t.close()
	}
	return !errors.Is(err, errNoTerminal)
}

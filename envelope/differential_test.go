package envelope

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// program answers what TypeScript makes of an input, one JSON object a line. web/test/differential.ts has its protocol.
const program = "../web/.build/test/differential.js"

// peer is a running program.
type peer struct {
	in  io.Writer
	out *bufio.Reader
}

// newPeer starts the program, and skips the test if it cannot be there.
func newPeer(f *testing.F) *peer {
	f.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		f.Skip("this test needs Node, which is not installed")
	}
	if !compiled(f) {
		f.Skip("this test needs the compiled TypeScript: run web/node_modules/.bin/tsc -p web, or make fuzz")
	}
	cmd := exec.Command("node", program)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		f.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return &peer{in, bufio.NewReader(out)}
}

// compiled reports whether the program is there and newer than its source.
func compiled(f *testing.F) bool {
	f.Helper()
	info, err := os.Stat(program)
	if err != nil {
		return false
	}
	for _, pattern := range []string{"../web/src/format/*.ts", "../web/src/screens/open/file-name.ts", "../web/test/differential.ts"} {
		sources, err := filepath.Glob(pattern)
		if err != nil || len(sources) == 0 {
			f.Fatalf("%s matches %d files, %v", pattern, len(sources), err)
		}
		for _, source := range sources {
			if s, err := os.Stat(source); err != nil || s.ModTime().After(info.ModTime()) {
				return false
			}
		}
	}
	return true
}

type object map[string]any

// ask returns the program's answer to a case.
func (p *peer) ask(t *testing.T, question object) object {
	t.Helper()
	line, err := json.Marshal(question)
	if err == nil {
		_, err = p.in.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatal(err)
	}
	var answer object
	if line, err = p.out.ReadBytes('\n'); err != nil {
		t.Fatalf("no answer to %v: %v", question, err)
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("%v has the answer %s: %v", question, line, err)
	}
	return answer
}

// FuzzTypeScriptAgrees compares what Go and TypeScript make of descriptions, links, names and passphrases.
func FuzzTypeScriptAgrees(f *testing.F) {
	p := newPeer(f)
	seedTypeScriptAgrees(f)
	f.Fuzz(func(t *testing.T, kind byte, input []byte) {
		if len(input) > maxMeta {
			return
		}
		question, want := differentialCase(kind, input)
		if question == nil {
			return
		}
		text, err := json.Marshal(want)
		var normal object
		if err != nil || json.Unmarshal(text, &normal) != nil {
			t.Fatal(err)
		}
		if got := p.ask(t, question); !reflect.DeepEqual(got, normal) {
			t.Errorf("%+q: TypeScript says %+q, Go %+q", question, got, normal)
		}
	})
}

// kinds of cases, by the first argument of the fuzzer.
const (
	readsMeta = iota
	writesMeta
	readsLink
	readsManageLink
	savesName
	savesCharacters
	typesPassphrase
	typesCharacters
	differentialKinds
)

func seedTypeScriptAgrees(f *testing.F) {
	f.Helper()
	file := loadVectors(f)
	for _, v := range file.Links {
		kind := byte(readsLink)
		if v.Kind == "manage" {
			kind = readsManageLink
		}
		f.Add(kind, []byte(v.Input))
	}
	for _, v := range file.Names {
		f.Add(byte(savesName), []byte(v.Name))
		f.Add(byte(writesMeta), []byte(v.Name+"\x00text/plain"))
	}
	for _, v := range file.Keys {
		f.Add(byte(typesPassphrase), []byte(v.Passphrase))
	}
	for _, c := range unusualMetas {
		f.Add(byte(readsMeta), []byte(c.text))
	}
	f.Add(byte(readsMeta), []byte(`{"type":"file","name":"a","x":{"type":[1,-2.5e+3,true,null,"\u00e9\\\/\ud83d\ude00"]},"type":"text"}`))
	f.Add(byte(typesCharacters), []byte("\x00\x00\x61\x00\x00\x03\x00\x1d\x00\xfc\x5e\x00\x01\x05\xd2\x00"))
	f.Add(byte(savesCharacters), []byte("\x00\x00\x61\x00\x00\x20\x2e\x01\x00\x65\xe5\x27\x00\x00\x2e\x00"))
}

// differentialCase returns a case for TypeScript and the answer of Go, or nil for an input that means nothing.
func differentialCase(kind byte, input []byte) (question, want object) {
	kind %= differentialKinds
	text := string(input)
	switch {
	case kind == savesCharacters, kind == typesCharacters:
		text = characters(input)
	case kind != readsMeta && !utf8.Valid(input):
		return nil, nil
	}
	switch kind {
	case readsMeta:
		m, err := unmarshalMeta(input)
		return object{"kind": "meta", "bytes": hex.EncodeToString(input)}, answerOf(err, object{"type": m.Type, "name": m.Name, "media": m.Media})
	case writesMeta:
		m := Meta{Type: File}
		m.Name, m.Media, _ = strings.Cut(text, "\x00")
		b, err := m.marshal()
		return object{"kind": "write", "type": m.Type, "name": m.Name, "media": m.Media}, answerOf(err, object{"bytes": hex.EncodeToString(b)})
	case readsLink:
		l, err := ParseLink(text)
		return object{"kind": "link", "text": text}, answerOf(err, object{"origin": l.Origin, "key": hex.EncodeToString(l.Key[:]), "slot": l.Slot, "link": l.String()})
	case readsManageLink:
		m, err := ParseManageLink(text)
		return object{"kind": "manage", "text": text}, answerOf(err, object{"origin": m.Origin, "id": hex.EncodeToString(m.ID[:]), "manage": hex.EncodeToString(m.Manage[:]), "link": m.String()})
	case savesName, savesCharacters:
		return object{"kind": "name", "text": text}, object{"name": SafeName(text)}
	}
	if text == "" {
		return nil, nil
	}
	normal, err := normalize(text)
	return object{"kind": "passphrase", "text": text}, answerOf(err, object{"bytes": hex.EncodeToString(normal)})
}

func answerOf(err error, answer object) object {
	if err != nil {
		return object{"error": slug(err)}
	}
	return answer
}

// characters makes a text of any characters: of each 4 bytes the first three are a code point, and
// the last how often it is repeated. Mutated UTF-8 would hardly ever be valid.
func characters(input []byte) string {
	var text strings.Builder
	for ; len(input) >= 4; input = input[4:] {
		r := (rune(input[0])<<16 | rune(input[1])<<8 | rune(input[2])) % (utf8.MaxRune + 1)
		if utf8.ValidRune(r) {
			text.WriteString(strings.Repeat(string(r), 1+int(input[3])%36))
		}
	}
	return text.String()
}

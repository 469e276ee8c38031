package strictjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/strictjson"
)

// document has a field of every kind that can be decoded.
type document struct {
	common
	Name   string          `json:"name"`
	Link   *link           `json:"link,omitempty"`
	Links  []link          `json:"links,omitempty"`
	Modes  []string        `json:"modes,omitempty"`
	Until  time.Time       `json:"until,omitzero"`
	Code   code            `json:"code,omitzero"`
	Count  int             `json:"count,omitempty"`
	Ratio  float64         `json:"ratio,omitempty"`
	Tries  *int            `json:"tries,omitempty"`
	Rest   any             `json:"rest,omitempty"`
	Object map[string]any  `json:"object,omitempty"`
	Raw    json.RawMessage `json:"raw,omitempty"`
	Hidden string          `json:"-"`
}

type common struct {
	Dry bool `json:"dry,omitempty"`
}

type link struct {
	Href  string `json:"href"`
	Label string `json:"label,omitempty"`
}

// code is a text of two letters.
type code [2]byte

func (c *code) UnmarshalText(text []byte) error {
	if len(text) != len(c) {
		return errors.New("must be two letters")
	}
	copy(c[:], text)
	return nil
}

func TestDocumentThatFitsIsDecoded(t *testing.T) {
	text := ` {"name": "\u0061\"b", "dry": true, "link": {"href": "x"}, "links": [{"label": "l", "href": "y"}, {"href": "z"}], "modes": ["a", "b"],
		"until": "2026-11-25T09:00:00Z", "code": "ab", "count": -3, "ratio": 0.5, "tries": 0,
		"rest": [null, {"Name": 1e400}, {"name": "A"}, true], "object": {"a": {}}, "raw": { "x" : 1 }} ` + "\r\n\t"
	tries := 0
	want := document{
		common: common{true}, Name: `a"b`, Link: &link{Href: "x"}, Links: []link{{"y", "l"}, {"z", ""}}, Modes: []string{"a", "b"},
		Until: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Code: code{'a', 'b'}, Count: -3, Ratio: 0.5, Tries: &tries,
		Rest:   []any{nil, map[string]any{"Name": json.Number("1e400")}, map[string]any{"name": "A"}, true},
		Object: map[string]any{"a": map[string]any{}}, Raw: json.RawMessage(`{ "x" : 1 }`),
	}
	var got document
	if err := strictjson.Decode([]byte(text), &got, strictjson.Options{}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, want)
	}
	got = document{}
	if err := strictjson.Decode([]byte(`{"name":"","link":null,"tries":null,"rest":null}`), &got, strictjson.Options{}); err != nil || !reflect.DeepEqual(got, document{}) {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestDocumentThatDoesNotFitIsRefusedByItsMember(t *testing.T) {
	for name, c := range map[string]struct{ text, field, reason string }{
		"nothing":                  {``, "", "is not complete JSON"},
		"blanks":                   {" \n", "", "is not complete JSON"},
		"no JSON":                  {`name=1`, "", "must be an object"},
		"a list":                   {`[]`, "", "must be an object"},
		"null":                     {`null`, "", "must be an object"},
		"text":                     {`"name"`, "", "must be an object"},
		"only a brace":             {`{`, "", "is not complete JSON"},
		"no end":                   {`{"name":"a"`, "", "is not complete JSON"},
		"end of another kind":      {`{"name":"a"]`, "", "is not complete JSON"},
		"no name":                  {`{1:"a"}`, "", "is not complete JSON"},
		"no colon":                 {`{"name" "a"}`, "name", "is not complete JSON"},
		"comma for a colon":        {`{"name","a"}`, "name", "is not complete JSON"},
		"comma before an object":   {`{"name":"a","link",{"href":"x"}}`, "link", "is not complete JSON"},
		"no comma":                 {`{"name":"a" "dry":true}`, "", "is not complete JSON"},
		"comma at the end":         {`{"name":"a",}`, "", "is not complete JSON"},
		"comma at a list's end":    {`{"name":"a","modes":["x",]}`, "modes", "is not complete JSON"},
		"no value":                 {`{"name":`, "", "is not complete JSON"},
		"cut in a value":           {`{"name":"a`, "name", "is not complete JSON"},
		"cut in a list":            {`{"name":"a","modes":["x"`, "modes", "is not complete JSON"},
		"a line feed in a string":  {"{\"name\":\"\n\"}", "name", "is not complete JSON"},
		"another object after it":  {`{"name":"a"} {}`, "", "has something after its end"},
		"a comma after it":         {`{"name":"a"},`, "", "has something after its end"},
		"garbage after it":         {`{"name":"a"} x`, "", "has something after its end"},
		"garbage before a gap":     {`{} x`, "", "has something after its end"},
		"unknown member":           {`{"name":"a","x":1}`, "", "has an unknown member"},
		"unknown inner member":     {`{"name":"a","link":{"href":"x","x":1}}`, "link", "has an unknown member"},
		"unknown in a list":        {`{"name":"a","links":[{"href":"x"},{"x":1}]}`, "links[1]", "has an unknown member"},
		"member in capitals":       {`{"NAME":"a"}`, "", "has an unknown member"},
		"inner member in capitals": {`{"name":"a","link":{"Href":"x"}}`, "link", "has an unknown member"},
		"name of a field":          {`{"name":"a","Hidden":"x"}`, "", "has an unknown member"},
		"ignored field":            {`{"name":"a","-":"x"}`, "", "has an unknown member"},
		"name of the embedded":     {`{"name":"a","common":{}}`, "", "has an unknown member"},
		"duplicated member":        {`{"name":"a","name":"a"}`, "name", "is duplicated"},
		"duplicated by an escape":  {`{"name":"a","n\u0061me":"a"}`, "name", "is duplicated"},
		"duplicated inner member":  {`{"name":"a","link":{"href":"x","href":"x"}}`, "link.href", "is duplicated"},
		"duplicated in any":        {`{"name":"a","rest":[{"b":1,"c":2,"b":1}]}`, "rest", "has a duplicated member"},
		"duplicated in a map":      {`{"name":"a","object":{"b":1,"b":2}}`, "object", "has a duplicated member"},
		"duplicated in raw JSON":   {`{"name":"a","raw":{"x":{"b":1,"b":2}}}`, "raw", "has a duplicated member"},
		"missing":                  {`{}`, "name", "is missing"},
		"missing inner member":     {`{"name":"a","link":{}}`, "link.href", "is missing"},
		"missing in a list":        {`{"name":"a","links":[{"href":""},{}]}`, "links[1].href", "is missing"},
		"missing, and unknown":     {`{"x":1}`, "", "has an unknown member"},
		"null for a string":        {`{"name":null}`, "name", "must be a string"},
		"null for a list":          {`{"name":"a","modes":null}`, "modes", "must be a list"},
		"null for an element":      {`{"name":"a","links":[null]}`, "links[0]", "must be an object"},
		"null for raw JSON":        {`{"name":"a","raw":null}`, "raw", "must not be null"},
		"null for a time":          {`{"name":"a","until":null}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"number for a string":      {`{"name":1}`, "name", "must be a string"},
		"list for a string":        {`{"name":["a"]}`, "name", "must be a string"},
		"string for a bool":        {`{"name":"a","dry":"yes"}`, "dry", "must be true or false"},
		"string for a list":        {`{"name":"a","modes":"x"}`, "modes", "must be a list"},
		"number in a list":         {`{"name":"a","modes":["x",1]}`, "modes", "must be a string"},
		"string for an object":     {`{"name":"a","link":"x"}`, "link", "must be an object"},
		"list for a map":           {`{"name":"a","object":[]}`, "object", "must be an object"},
		"fraction":                 {`{"name":"a","count":1.5}`, "count", "must be a whole number"},
		"a number too large":       {`{"name":"a","count":1e30}`, "count", "must be a whole number"},
		"string for a number":      {`{"name":"a","ratio":"1"}`, "ratio", "must be a number"},
		"no time":                  {`{"name":"a","until":"tomorrow"}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"a number for a time":      {`{"name":"a","until":7}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"not what the type wants":  {`{"name":"a","code":"abc"}`, "code", "must be two letters"},
		"not even a string":        {`{"name":"a","code":7}`, "code", "must be a string"},
	} {
		var got document
		err := strictjson.Decode([]byte(c.text), &got, strictjson.Options{})
		var wrong *strictjson.Error
		if !errors.As(err, &wrong) || wrong.Field != c.field || wrong.Reason != c.reason {
			t.Errorf("%s: %s: %v, want %q %q", name, c.text, err, c.field, c.reason)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	nested := func(n int, open, shut string) string { return strings.Repeat(open, n) + "1" + strings.Repeat(shut, n) }
	o := strictjson.Options{Size: 400, Depth: 8}
	for name, c := range map[string]struct {
		text   string
		to     any
		reason string
	}{
		"as large as allowed":    {`"` + strings.Repeat("a", 398) + `"`, new(string), ""},
		"too large":              {`"` + strings.Repeat("a", 399) + `"`, new(string), "must be at most 400 bytes"},
		"as deep as allowed":     {nested(8, `[`, `]`), new(any), ""},
		"lists too deep":         {nested(9, `[`, `]`), new(any), "must have at most 8 levels"},
		"objects too deep":       {nested(9, `{"a":`, `}`), new(any), "must have at most 8 levels"},
		"raw as deep as allowed": {`{"name":"a","raw":` + nested(7, `[`, `]`) + `}`, new(document), ""},
		"raw too deep":           {`{"name":"a","raw":` + nested(8, `[`, `]`) + `}`, new(document), "must have at most 8 levels"},
	} {
		err := strictjson.Decode([]byte(c.text), c.to, o)
		var wrong *strictjson.Error
		if errors.As(err, &wrong); c.reason == "" && err != nil || c.reason != "" && (wrong == nil || wrong.Reason != c.reason || wrong.Field != "") {
			t.Errorf("%s: %v, want %q", name, err, c.reason)
		}
	}
	if err := strictjson.Decode([]byte(nested(64, `[`, `]`)), new(any), strictjson.Options{}); err != nil {
		t.Errorf("64 levels: %v", err)
	}
	if err := strictjson.Decode([]byte(nested(100_000, `[`, `]`)), new(any), strictjson.Options{}); err == nil {
		t.Error("100,000 levels are decoded")
	}
}

func TestUnknownMembersMayBeIgnored(t *testing.T) {
	o := strictjson.Options{Depth: 4, Unknown: true}
	got := link{}
	if err := strictjson.Decode([]byte(`{"x":{"href":1},"href":"a","Href":"b"}`), &got, o); err != nil || got.Href != "a" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{`{"href":"a","x":1,"x":1}`, `{"href":"a","x":{"y":1,"y":1}}`, `{"href":"a","x":[[[[]]]]}`, `{"href":"a","href":"a"}`, `{"Href":"a"}`} {
		if err := strictjson.Decode([]byte(text), &got, o); err == nil {
			t.Errorf("%s is decoded", text)
		}
	}
}

func TestOnlyErrorsTextQuotesTheDocument(t *testing.T) {
	for _, text := range []string{`{"name":"a","hunter2":1}`, `{"name":{"hunter2":1}}`, `{"name":"a","until":"hunter2"}`, `{"name":"a","count":hunter2}`, `{"name":"hunter2","code":"hunter2"}`} {
		var wrong *strictjson.Error
		err := strictjson.Decode([]byte(text), new(document), strictjson.Options{})
		if !errors.As(err, &wrong) || strings.Contains(wrong.Field+wrong.Reason, "hunter2") {
			t.Errorf("%s: %+v", text, wrong)
		}
	}
	err := strictjson.Decode([]byte(`{"name":"a","link":{"href":"x","\u0007":1}}`), new(document), strictjson.Options{})
	if err == nil || err.Error() != `link has the unknown member "\a"` {
		t.Errorf("%v", err)
	}
}

func TestTypeThatCannotBeDecodedPanics(t *testing.T) {
	for _, to := range []any{new(map[string]string), new([2]int), &struct{ C chan int }{}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T is decoded", to)
				}
			}()
			_ = strictjson.Decode([]byte(`{"C":1}`), to, strictjson.Options{})
		}()
	}
}

// FuzzDecode compares with encoding/json: what Decode takes is valid and means the
// same there; what encoding/json refuses, Decode refuses.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`{"name":"a","link":{"href":"x"},"links":[{"href":"x","label":"y"}],"modes":["a"],"until":"2026-11-25T09:00:00Z","code":"ab"}`,
		`{"name":"a","count":1,"ratio":1.5,"tries":1,"rest":[null,{"a":{}}],"object":{"b":[1]},"raw":[{}]}`, `{"name","a"}`, `{"name":"\ud800"}`,
		`{"name":"a","name":"b"}`, `{"Name":"a"}`, `null`, `[]`, `{"name":"a","modes":[,]}`, `{"name":"a"}}`, "{\"name\":\"\xff\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want document
		err := strictjson.Decode([]byte(text), &got, strictjson.Options{})
		var wrong *strictjson.Error
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Reason == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		d.UseNumber()
		if err := d.Decode(&want); err != nil || !json.Valid([]byte(text)) || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: %+v, encoding/json has %+v", err, got, want)
		}
	})
}

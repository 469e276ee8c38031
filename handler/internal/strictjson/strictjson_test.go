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
	Name   string    `json:"name"`
	Link   *link     `json:"link,omitempty"`
	Links  []link    `json:"links,omitempty"`
	Modes  []string  `json:"modes,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	Code   code      `json:"code,omitzero"`
	Count  int       `json:"count,omitempty"`
	Ratio  float64   `json:"ratio,omitempty"`
	Tries  *int      `json:"tries,omitempty"`
	Hidden string    `json:"-"`
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

func TestValidDocumentIsDecoded(t *testing.T) {
	text := ` {"name": "\u0061\"b", "dry": true, "link": {"href": "x"}, "links": [{"label": "l", "href": "y"}, {"href": "z"}], "modes": ["a", "b"],
		"until": "2026-11-25T09:00:00Z", "code": "ab", "count": -3, "ratio": 0.5, "tries": 0} ` + "\r\n\t"
	tries := 0
	want := document{
		common: common{true}, Name: `a"b`, Link: &link{Href: "x"}, Links: []link{{"y", "l"}, {"z", ""}}, Modes: []string{"a", "b"},
		Until: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Code: code{'a', 'b'}, Count: -3, Ratio: 0.5, Tries: &tries,
	}
	var got document
	if err := strictjson.Decode([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, want)
	}
	got = document{}
	if err := strictjson.Decode([]byte(`{"name":"","link":null,"tries":null}`), &got); err != nil || !reflect.DeepEqual(got, document{}) {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestErrorNamesTheInvalidMember(t *testing.T) {
	for name, c := range map[string]struct{ text, field, reason string }{
		"nothing":                  {``, "", "is not valid JSON"},
		"blanks":                   {" \n", "", "is not valid JSON"},
		"no JSON":                  {`name=1`, "", "is not valid JSON"},
		"a list":                   {`[]`, "", "must be an object"},
		"null":                     {`null`, "", "must be an object"},
		"text":                     {`"name"`, "", "must be an object"},
		"only a brace":             {`{`, "", "is not valid JSON"},
		"no end":                   {`{"name":"a"`, "", "is not valid JSON"},
		"end of another kind":      {`{"name":"a"]`, "", "is not valid JSON"},
		"no name":                  {`{1:"a"}`, "", "is not valid JSON"},
		"no colon":                 {`{"name" "a"}`, "", "is not valid JSON"},
		"comma for a colon":        {`{"name","a"}`, "", "is not valid JSON"},
		"comma before an object":   {`{"name":"a","link",{"href":"x"}}`, "", "is not valid JSON"},
		"no comma":                 {`{"name":"a" "dry":true}`, "", "is not valid JSON"},
		"comma at the end":         {`{"name":"a",}`, "", "is not valid JSON"},
		"comma at a list's end":    {`{"name":"a","modes":["x",]}`, "", "is not valid JSON"},
		"no value":                 {`{"name":`, "", "is not valid JSON"},
		"cut in a value":           {`{"name":"a`, "", "is not valid JSON"},
		"cut in a list":            {`{"name":"a","modes":["x"`, "", "is not valid JSON"},
		"a line feed in a string":  {"{\"name\":\"\n\"}", "", "is not valid JSON"},
		"another object after it":  {`{"name":"a"} {}`, "", "is not valid JSON"},
		"a comma after it":         {`{"name":"a"},`, "", "is not valid JSON"},
		"garbage after it":         {`{"name":"a"} x`, "", "is not valid JSON"},
		"garbage before a gap":     {`{} x`, "", "is not valid JSON"},
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
		"missing":                  {`{}`, "name", "is missing"},
		"missing inner member":     {`{"name":"a","link":{}}`, "link.href", "is missing"},
		"missing in a list":        {`{"name":"a","links":[{"href":""},{}]}`, "links[1].href", "is missing"},
		"missing, and unknown":     {`{"x":1}`, "", "has an unknown member"},
		"null for a string":        {`{"name":null}`, "name", "must be a string"},
		"null for a list":          {`{"name":"a","modes":null}`, "modes", "must be a list"},
		"null for an element":      {`{"name":"a","links":[null]}`, "links[0]", "must be an object"},
		"null for a time":          {`{"name":"a","until":null}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"number for a string":      {`{"name":1}`, "name", "must be a string"},
		"list for a string":        {`{"name":["a"]}`, "name", "must be a string"},
		"string for a bool":        {`{"name":"a","dry":"yes"}`, "dry", "must be true or false"},
		"string for a list":        {`{"name":"a","modes":"x"}`, "modes", "must be a list"},
		"number in a list":         {`{"name":"a","modes":["x",1]}`, "modes", "must be a string"},
		"string for an object":     {`{"name":"a","link":"x"}`, "link", "must be an object"},
		"fraction":                 {`{"name":"a","count":1.5}`, "count", "must be a whole number"},
		"a number too large":       {`{"name":"a","count":1e30}`, "count", "must be a whole number"},
		"string for a number":      {`{"name":"a","ratio":"1"}`, "ratio", "must be a number"},
		"no time":                  {`{"name":"a","until":"tomorrow"}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"a number for a time":      {`{"name":"a","until":7}`, "until", "must be a time such as 2026-11-25T09:00:00Z"},
		"refused by the type":      {`{"name":"a","code":"abc"}`, "code", "must be two letters"},
		"not even a string":        {`{"name":"a","code":7}`, "code", "must be a string"},
	} {
		var got document
		err := strictjson.Decode([]byte(c.text), &got)
		var wrong *strictjson.Error
		if !errors.As(err, &wrong) || wrong.Field != c.field || wrong.Reason != c.reason {
			t.Errorf("%s: %s: %v, want %q %q", name, c.text, err, c.field, c.reason)
		}
	}
}

func TestDeepDocumentsAreRefused(t *testing.T) {
	for _, n := range []int{100, 100_000} {
		text := `{"name":"a","link":` + strings.Repeat(`{"link":`, n) + "1" + strings.Repeat("}", n) + "}"
		if err := strictjson.Decode([]byte(text), new(document)); err == nil {
			t.Errorf("%d levels are decoded", n)
		}
	}
}

func TestOnlyErrorsTextQuotesTheDocument(t *testing.T) {
	for _, text := range []string{`{"name":"a","hunter2":1}`, `{"name":{"hunter2":1}}`, `{"name":"a","until":"hunter2"}`, `{"name":"a","count":hunter2}`, `{"name":"hunter2","code":"hunter2"}`} {
		var wrong *strictjson.Error
		err := strictjson.Decode([]byte(text), new(document))
		if !errors.As(err, &wrong) || strings.Contains(wrong.Field+wrong.Reason, "hunter2") {
			t.Errorf("%s: %+v", text, wrong)
		}
	}
	err := strictjson.Decode([]byte(`{"name":"a","link":{"href":"x","\u0007":1}}`), new(document))
	if err == nil || err.Error() != `link has the unknown member "\a"` {
		t.Errorf("%v", err)
	}
}

// FuzzDecode compares with encoding/json: every document that Decode accepts is valid
// and has the same meaning there.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`{"name":"a","link":{"href":"x"},"links":[{"href":"x","label":"y"}],"modes":["a"],"until":"2026-11-25T09:00:00Z","code":"ab"}`,
		`{"name":"a","count":1,"ratio":1.5,"tries":1,"dry":true}`, `{"name","a"}`, `{"name":"\ud800"}`,
		`{"name":"a","name":"b"}`, `{"Name":"a"}`, `null`, `[]`, `{"name":"a","modes":[,]}`, `{"name":"a"}}`, "{\"name\":\"\xff\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want document
		err := strictjson.Decode([]byte(text), &got)
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

// Package strictjson decodes JSON that must be exactly what a type describes. The
// handler uses it for API requests, manifests and the branding.
//
// encoding/json takes the last of two members with the same name, matches names in
// any case, accepts null for anything, and ignores missing and unknown members.
// Here each of these is an [*Error] that names the member.
package strictjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Error names a member and the rule that it breaks. Field and Reason contain no text
// of the document.
type Error struct {
	Field   string // such as "scope.kind" or "links[0].href"; empty: the whole document
	Reason  string // follows the field in a sentence, such as "is missing"
	Unknown string // name of an unknown member in Field, as the document has it; else empty
}

// Error quotes the name of an unknown member, so do not send it to a client.
func (e *Error) Error() string {
	if e.Unknown != "" {
		return strings.TrimSpace(fmt.Sprintf("%s has the unknown member %q", e.Field, e.Unknown))
	}
	return strings.TrimSpace(e.Field + " " + e.Reason)
}

// Decode reads the one JSON value in data into to, a pointer to a type of structs,
// lists, pointers, strings, numbers, booleans, [json.RawMessage], and types with
// UnmarshalText, whose errors become the Reason and so must not quote the text.
//
// An object must have one member for every field of its struct, with exactly its
// name, and no other members; fields whose tag has omitempty or omitzero may be
// missing. Null is accepted for pointers only. The caller bounds the size of data.
// After an error, to is unspecified. Errors: *Error.
func Decode(data []byte, to any) error {
	if !json.Valid(data) {
		return &Error{Reason: "is not valid JSON"}
	}
	var d decoder
	if err := d.value(bytes.TrimSpace(data), reflect.ValueOf(to).Elem(), ""); err != nil {
		return err
	}
	if d.missing != "" {
		return &Error{Field: d.missing, Reason: "is missing"}
	}
	return nil
}

// decoder decodes JSON that is known to be valid.
type decoder struct {
	missing string // the first missing member, reported if no other rule is broken
}

func (d *decoder) value(data json.RawMessage, v reflect.Value, path string) error {
	t := v.Type()
	isLeaf := reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || t == reflect.TypeFor[json.RawMessage]()
	switch {
	case t.Kind() == reflect.Pointer && string(data) == "null":
		return nil
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		return d.value(data, v.Elem(), path)
	case t.Kind() == reflect.Struct && !isLeaf:
		return d.object(data, v, path)
	case t.Kind() == reflect.Slice && !isLeaf:
		return d.list(data, v, path)
	}
	err := json.Unmarshal(data, v.Addr().Interface())
	var mismatch *json.UnmarshalTypeError
	if string(data) == "null" || errors.As(err, &mismatch) || err != nil && t == timeType { // whose own error quotes the text
		return &Error{Field: path, Reason: "must be " + description(t)}
	}
	if err != nil {
		return &Error{Field: path, Reason: err.Error()}
	}
	return nil
}

func (d *decoder) object(data json.RawMessage, v reflect.Value, path string) error {
	if data[0] != '{' {
		return &Error{Field: path, Reason: "must be an object"}
	}
	fields := fieldsOf(v.Type())
	seen := make([]bool, len(fields))
	for data = skip(data, 1); data[0] != '}'; {
		var quoted, value json.RawMessage
		quoted, data = next(data)
		value, data = next(skip(data, 1)) // past the colon
		if data[0] == ',' {
			data = skip(data, 1)
		}
		var name string
		_ = json.Unmarshal(quoted, &name) // valid
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			return &Error{Field: path, Reason: "has an unknown member", Unknown: name}
		}
		at := join(path, fields[i].name)
		if seen[i] {
			return &Error{Field: at, Reason: "is duplicated"}
		}
		seen[i] = true
		if err := d.value(value, v.FieldByIndex(fields[i].index), at); err != nil {
			return err
		}
	}
	for i, f := range fields {
		if f.required && !seen[i] && d.missing == "" {
			d.missing = join(path, f.name)
		}
	}
	return nil
}

// skip returns data without its first n bytes and the white space after them.
func skip(data []byte, n int) []byte { return bytes.TrimLeft(data[n:], " \t\r\n") }

// next splits valid JSON behind its first value and the white space after that. It
// copies nothing: create sends envelopes of up to 1 MiB.
func next(data []byte) (value, rest []byte) {
	depth, end := 0, 0
	for {
		switch data[end] {
		case '"':
			for end++; data[end] != '"'; end++ {
				if data[end] == '\\' {
					end++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default: // a number or a literal, or between the values of an object or a list
			for end+1 < len(data) && !bytes.ContainsRune([]byte(`"{}[], :`+"\t\r\n"), rune(data[end+1])) {
				end++
			}
		}
		if end++; depth == 0 {
			return data[:end], skip(data, end)
		}
	}
}

// list names an element in an error only if it is an object.
func (d *decoder) list(data json.RawMessage, v reflect.Value, path string) error {
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil || elements == nil {
		return &Error{Field: path, Reason: "must be a list"}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, element := range elements {
		at := path
		if v.Type().Elem().Kind() == reflect.Struct {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		if err := d.value(element, v.Index(i), at); err != nil {
			return err
		}
	}
	return nil
}

// field is a field of a struct with the name of its member.
type field struct {
	name     string
	index    []int
	required bool
}

var fieldCache sync.Map // the []field of each reflect.Type

func fieldsOf(t reflect.Type) (all []field) {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	defer func() { fieldCache.Store(t, all) }()
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && f.IsExported() {
			all = append(all, field{name: name, index: f.Index, required: !strings.Contains(options, "omit")})
		}
	}
	return all
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

var timeType = reflect.TypeFor[time.Time]()

// description returns a description of the values of a type.
func description(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // numbers are the rest
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	if t == timeType {
		return "a time such as 2026-11-25T09:00:00Z"
	}
	return "a string"
}

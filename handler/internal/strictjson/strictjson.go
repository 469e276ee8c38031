// Package strictjson decodes JSON that must be exactly what a type describes. It
// is the handler's one decoder of JSON from outside: of API requests, alerts,
// manifests and settings.
//
// encoding/json takes the last of two members with the same name, matches names in
// any case, lets null stand for anything, ignores what is missing, and by default
// what is unknown. Here each of these is an [*Error] that names the member.
package strictjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// defaultDepth is Options.Depth where it is zero.
const defaultDepth = 64

// Options bound what is decoded. Zero is strict, too.
type Options struct {
	Size    int  // bytes at most; 0 for data that is bounded already
	Depth   int  // objects and lists within each other at most; 0 means 64
	Unknown bool // ignore members that the type does not have, instead of refusing them
}

// Error says which member breaks which rule. Field and Reason hold no text of the
// document, except that Field names members that the type has.
type Error struct {
	Field   string // such as "scope.kind" or "links[0].href"; empty for the document itself
	Reason  string // continues a sentence that begins with the field, such as "is missing"
	Unknown string // the unknown member in Field, as the document spells it; else empty
}

// Error quotes the name of an unknown member: do not show it to who sent the document.
func (e *Error) Error() string {
	if e.Unknown != "" {
		return strings.TrimSpace(fmt.Sprintf("%s has the unknown member %q", e.Field, e.Unknown))
	}
	return strings.TrimSpace(e.Field + " " + e.Reason)
}

// Decode reads the one JSON value in data into to, a pointer to
//   - a struct: every member of the object must be a field's, spelled exactly so
//     and there once; and every field must be there, unless its tag has omitempty
//     or omitzero;
//   - a slice, a pointer (nil for null), a string, a bool, a number, or a type with
//     UnmarshalText or UnmarshalJSON, whose error becomes the Reason and so must
//     not quote the text;
//   - an any, a map[string]any or a [json.RawMessage]: no name is there twice in an
//     object; numbers are [json.Number].
//
// A syntax error is reported before a missing member. What to holds after an error
// is unspecified. Decode panics for other types. Errors: *Error.
func Decode(data []byte, to any, o Options) error {
	if o.Depth == 0 {
		o.Depth = defaultDepth
	}
	if o.Size > 0 && len(data) > o.Size {
		return &Error{Reason: fmt.Sprintf("must be at most %d bytes", o.Size)}
	}
	d := newDecoder(data, o)
	if err := d.value(reflect.ValueOf(to).Elem(), "", 0); err != nil {
		return err
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return &Error{Reason: "has something after its end"}
	}
	if d.missing != "" {
		return &Error{Field: d.missing, Reason: "is missing"}
	}
	return nil
}

type decoder struct {
	Options
	data    []byte
	json    *json.Decoder
	missing string // the first member that was not there
}

func newDecoder(data []byte, o Options) *decoder {
	d := &decoder{Options: o, data: data, json: json.NewDecoder(bytes.NewReader(data))}
	d.json.UseNumber()
	return d
}

// next returns the first character of the next value, 0 at the end.
func (d *decoder) next() byte {
	rest := bytes.TrimLeft(d.data[d.json.InputOffset():], " \t\r\n:,")
	if len(rest) == 0 {
		return 0
	}
	return rest[0]
}

// value decodes the next value into v. It has depth objects and lists around it.
func (d *decoder) value(v reflect.Value, path string, depth int) error {
	rule := "must " + want(v.Type())
	switch c := d.next(); {
	case c == 0:
		return &Error{Reason: "is not complete JSON"}
	case c == 'n' && v.Kind() == reflect.Pointer:
		return d.scalar(v, path)
	case c == 'n' && v.Kind() != reflect.Interface:
		return &Error{path, rule, ""}
	case (c == '{' || c == '[') && depth >= d.Depth:
		return &Error{Reason: fmt.Sprintf("must have at most %d levels", d.Depth)}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem(), path, depth)
	case isText(v):
		return d.scalar(v, path)
	case isCustom(v):
		return d.custom(v, path, depth)
	case v.Kind() == reflect.Map, v.Kind() == reflect.Interface && c == '{':
		return d.tree(v, path, depth+1)
	case v.Kind() == reflect.Interface && c == '[':
		list := []any{}
		defer func() { v.Set(reflect.ValueOf(list)) }()
		return d.list(reflect.ValueOf(&list).Elem(), path, depth+1)
	case v.Kind() == reflect.Struct:
		return d.object(v, path, depth+1)
	case v.Kind() == reflect.Slice:
		return d.list(v, path, depth+1)
	}
	return d.scalar(v, path)
}

func (d *decoder) object(v reflect.Value, path string, depth int) error {
	if err := d.begin('{', v, path); err != nil {
		return err
	}
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for d.json.More() {
		name, err := d.name(path)
		if err != nil {
			return err
		}
		f := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		switch {
		case seen[name] && f < 0:
			return &Error{path, "has a duplicated member", ""}
		case seen[name]:
			return &Error{join(path, name), "is duplicated", ""}
		case f < 0 && !d.Unknown:
			return &Error{path, "has an unknown member", name}
		case f < 0:
			var ignored any
			err = d.value(reflect.ValueOf(&ignored).Elem(), path, depth)
		default:
			err = d.value(v.FieldByIndex(fields[f].index), join(path, name), depth)
		}
		if err != nil {
			return err
		}
		seen[name] = true
	}
	for _, f := range fields {
		if f.required && !seen[f.name] && d.missing == "" {
			d.missing = join(path, f.name)
		}
	}
	return d.end(path)
}

// begin reads the brace or bracket at the beginning.
func (d *decoder) begin(open byte, v reflect.Value, path string) error {
	if d.next() != open {
		return &Error{path, "must " + want(v.Type()), ""}
	}
	return d.end(path)
}

// end reads a brace or bracket.
func (d *decoder) end(path string) error {
	if _, err := d.json.Token(); err != nil {
		return &Error{path, "is not complete JSON", ""}
	}
	return nil
}

// name reads a member's name.
func (d *decoder) name(path string) (string, error) {
	token, err := d.json.Token()
	if err != nil {
		return "", &Error{path, "is not complete JSON", ""}
	}
	return token.(string), nil // in an object the decoder lets nothing else pass
}

// list names an element in an error only if it is an object: of others there is
// nothing to tell apart.
func (d *decoder) list(v reflect.Value, path string, depth int) error {
	if err := d.begin('[', v, path); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 0; d.json.More(); i++ {
		element := reflect.New(v.Type().Elem()).Elem()
		at := path
		if element.Kind() == reflect.Struct && !isText(element) {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		if err := d.value(element, at, depth); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	return d.end(path)
}

// scalar decodes what has no members.
func (d *decoder) scalar(v reflect.Value, path string) error {
	err := d.json.Decode(v.Addr().Interface())
	var syntax *json.SyntaxError
	var other *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{path, "is not complete JSON", ""}
	case errors.As(err, &other), v.Type() == timeType: // whose own error quotes it
		return &Error{path, "must " + want(v.Type()), ""}
	}
	return &Error{path, err.Error(), ""}
}

// custom decodes what decodes itself, once it is known to keep the limits.
func (d *decoder) custom(v reflect.Value, path string, depth int) error {
	var raw json.RawMessage
	if err := d.scalar(reflect.ValueOf(&raw).Elem(), path); err != nil {
		return err
	}
	var ignored any
	inner := newDecoder(raw, d.Options)
	if err := inner.value(reflect.ValueOf(&ignored).Elem(), path, depth); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
		return &Error{path, err.Error(), ""}
	}
	return nil
}

// tree decodes an object with any members.
func (d *decoder) tree(v reflect.Value, path string, depth int) error {
	if err := d.begin('{', v, path); err != nil {
		return err
	}
	object := map[string]any{}
	for d.json.More() {
		name, err := d.name(path)
		if err != nil {
			return err
		}
		if _, is := object[name]; is {
			return &Error{path, "has a duplicated member", ""}
		}
		var inner any
		if err := d.value(reflect.ValueOf(&inner).Elem(), path, depth); err != nil {
			return err
		}
		object[name] = inner
	}
	v.Set(reflect.ValueOf(object))
	return d.end(path)
}

// field is a member that a struct has.
type field struct {
	name     string
	index    []int
	required bool
}

func fieldsOf(t reflect.Type) (all []field) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		all = append(all, field{name, f.Index, !strings.Contains(options, "omit")})
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

func isText(v reflect.Value) bool {
	_, is := v.Addr().Interface().(encoding.TextUnmarshaler)
	return is
}

func isCustom(v reflect.Value) bool {
	_, is := v.Addr().Interface().(json.Unmarshaler)
	return is
}

// want says what a value of the type must be.
func want(t reflect.Type) string {
	switch {
	case t == timeType:
		return "be a time such as 2026-11-25T09:00:00Z"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return "be a string"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()), t == reflect.TypeFor[any]():
		return "not be null"
	case t == reflect.TypeFor[map[string]any]():
		return "be an object"
	}
	switch t.Kind() { //nolint:exhaustive // the others cannot be decoded
	case reflect.Pointer:
		return want(t.Elem())
	case reflect.String:
		return "be a string"
	case reflect.Bool:
		return "be true or false"
	case reflect.Slice:
		return "be a list"
	case reflect.Struct:
		return "be an object"
	case reflect.Float32, reflect.Float64:
		return "be a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "be a whole number"
	}
	panic("strictjson: cannot decode into " + t.String())
}

package quarantine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Limits of a body. Real alerts have about 20 KiB and 10 levels.
const (
	MaxAlert = 256 << 10 // bytes
	maxDepth = 64        // objects and lists within each other
)

// document is a JSON object with the names of its members in lower case, because
// Defender sends SystemAlertId as well as systemAlertId. Inner objects are documents,
// too. Unlike a request of ours, an alert may have unknown members, even duplicated ones.
type document map[string]any

// ambiguous is the value of members whose names differ at most in case, and whose values differ.
type ambiguous struct{}

// parseDocument decodes a body. Errors: *secret.InvalidError for the field body.
func parseDocument(data []byte) (document, error) {
	if len(data) > MaxAlert {
		return nil, invalidBody(fmt.Sprintf("must be at most %d bytes", MaxAlert))
	}
	if !json.Valid(data) {
		return nil, invalidBody("is not valid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := decode(d, 0)
	if err != nil {
		return nil, err
	}
	doc, is := value.(document)
	if !is {
		return nil, invalidBody("must be a JSON object")
	}
	return doc, nil
}

// decode reads the next value of a valid text. It has depth objects and lists around it.
func decode(d *json.Decoder, depth int) (any, error) {
	token, _ := d.Token()
	delim, is := token.(json.Delim)
	if !is {
		return token, nil
	}
	if depth >= maxDepth {
		return nil, invalidBody(fmt.Sprintf("must have at most %d levels", maxDepth))
	}
	doc, list := document{}, []any{}
	for d.More() {
		var name any
		if delim == '{' {
			name, _ = d.Token()
		}
		value, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		if text, is := name.(string); is {
			doc.add(strings.ToLower(text), value)
		} else {
			list = append(list, value)
		}
	}
	_, _ = d.Token() // the end
	if delim == '{' {
		return doc, nil
	}
	return list, nil
}

func invalidBody(reason string) error { return &secret.InvalidError{Field: "body", Reason: reason} }

func (doc document) add(name string, value any) {
	if old, known := doc[name]; known {
		oldText, isText := old.(string)
		if text, is := value.(string); !is || !isText || text != oldText {
			value = ambiguous{}
		}
	}
	doc[name] = value
}

// text returns a member that must be a string, "" when it is missing or null.
func (doc document) text(name string) (string, error) { return member[string](doc, name, "text") }

// list returns a member that must be a list, nil when it is missing or null.
func (doc document) list(name string) ([]any, error) { return member[[]any](doc, name, "a list") }

func member[T any](doc document, name, kind string) (value T, err error) {
	switch found := doc[strings.ToLower(name)].(type) {
	case nil:
		return value, nil
	case ambiguous:
		return value, &secret.InvalidError{Field: name, Reason: "is duplicated"}
	case T:
		return found, nil
	}
	return value, &secret.InvalidError{Field: name, Reason: "must be " + kind}
}

// references are the objects of an alert that have an $id, by that.
type references map[string]document

func (r references) index(value any) {
	switch value := value.(type) {
	case document:
		if id, is := value["$id"].(string); is {
			r[id] = value
		}
		for _, inner := range value {
			r.index(inner)
		}
	case []any:
		for _, inner := range value {
			r.index(inner)
		}
	}
}

// resolve returns the item if it is an object, or the object that its $ref names; nil for neither.
func (r references) resolve(item any) document {
	doc, _ := item.(document)
	if id, is := doc["$ref"].(string); is {
		return r[id]
	}
	return doc
}

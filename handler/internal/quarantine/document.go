package quarantine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// Limits of what is decoded: real alerts have some 20 KiB and 10 levels.
const (
	MaxAlert = 256 << 10 // bytes
	MaxDepth = 64        // objects and lists within each other
)

// document is a JSON object whose members are found in any case: Defender sends
// the same ones as SystemAlertId and as systemAlertId. Inner objects are documents, too.
type document map[string]any

// ambiguous stands where two members differ in case only, and in what they say.
type ambiguous struct{}

// parseDocument decodes one object within the limits.
func parseDocument(data []byte) (document, error) {
	switch {
	case len(data) > MaxAlert:
		return nil, &secret.InvalidError{Field: "body", Reason: fmt.Sprintf("must be at most %d bytes", MaxAlert)}
	case !json.Valid(data):
		return nil, &secret.InvalidError{Field: "body", Reason: "is no complete JSON object"}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := decode(d, 0)
	if err != nil {
		return nil, err
	}
	doc, is := value.(document)
	if !is {
		return nil, &secret.InvalidError{Field: "body", Reason: "must be a JSON object"}
	}
	return doc, nil
}

// decode reads the next value of what is known to be valid JSON.
func decode(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, &secret.InvalidError{Field: "body", Reason: "is no complete JSON object"}
	}
	if depth >= MaxDepth && (token == json.Delim('{') || token == json.Delim('[')) {
		return nil, &secret.InvalidError{Field: "body", Reason: fmt.Sprintf("must have at most %d levels", MaxDepth)}
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d, depth+1)
	case json.Delim('['):
		return decodeList(d, depth+1)
	}
	return token, nil
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	doc := document{}
	for d.More() {
		name, err := decode(d, depth)
		if err != nil {
			return nil, err
		}
		value, err := decode(d, depth)
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		doc.add(strings.ToLower(text), value)
	}
	_, err := d.Token()
	return doc, err
}

func (doc document) add(name string, value any) {
	if old, twice := doc[name]; twice {
		oldText, isText := old.(string)
		if text, is := value.(string); !is || !isText || text != oldText {
			value = ambiguous{}
		}
	}
	doc[name] = value
}

func decodeList(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		value, err := decode(d, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := d.Token()
	return list, err
}

// text returns a member that must be text where it stands at all; "" where it does not.
func (doc document) text(name string) (string, error) {
	switch value := doc[strings.ToLower(name)].(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case ambiguous:
		return "", &secret.InvalidError{Field: name, Reason: "stands twice"}
	}
	return "", &secret.InvalidError{Field: name, Reason: "must be text"}
}

// list returns a member that must be a list where it stands at all.
func (doc document) list(name string) ([]any, error) {
	switch value := doc[strings.ToLower(name)].(type) {
	case nil:
		return nil, nil
	case []any:
		return value, nil
	case ambiguous:
		return nil, &secret.InvalidError{Field: name, Reason: "stands twice"}
	}
	return nil, &secret.InvalidError{Field: name, Reason: "must be a list"}
}

// inner returns a member that is an object, nil where there is none.
func (doc document) inner(name string) document {
	value, _ := doc[name].(document)
	return value
}

// references indexes the objects within that have an $id.
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

// resolve returns the object that an item is, or that it refers to; nil for neither.
func (r references) resolve(item any) document {
	doc, _ := item.(document)
	if id, is := doc["$ref"].(string); is {
		return r[id]
	}
	return doc
}

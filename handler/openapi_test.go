package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// described is the API as docs/openapi.yaml describes it.
var described = loadContract()

// contract checks answers against the description of the API. Safe for concurrent use.
type contract struct {
	doc     map[string]any
	schemas *jsonschema.Compiler

	mu   sync.Mutex
	seen map[string]bool // "<operation> <status> <slug>"
}

func loadContract() *contract {
	text, err := os.ReadFile("../docs/openapi.yaml")
	if err != nil {
		panic(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		panic(err)
	}
	asJSON, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		panic(err)
	}
	c := &contract{doc: parsed.(map[string]any), schemas: jsonschema.NewCompiler(), seen: map[string]bool{}}
	c.schemas.AssertFormat()
	if err := c.schemas.AddResource("openapi.json", parsed); err != nil {
		panic(err)
	}
	return c
}

var parameter = regexp.MustCompile(`\\\{[a-z]+\\\}`)

// find returns the JSON pointer and the id of the operation that a request reaches. If the
// path does not support the method, it returns another operation of the path; then only 405
// is right. A path that is not described has no operation.
func (c *contract) find(method, path string) (pointer, operation string, is bool) {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/api"), "?")
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for template, item := range c.doc["paths"].(map[string]any) {
		form := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$"
		if !regexp.MustCompile(form).MatchString(path) {
			continue
		}
		at := "/paths/" + escape(template) + "/"
		for name, op := range item.(map[string]any) {
			if strings.EqualFold(name, method) {
				return at + name, op.(map[string]any)["operationId"].(string), true
			}
			if name != "parameters" {
				pointer = at + name
			}
		}
	}
	return pointer, "", false
}

// check reports how an answer differs from the description.
func (c *contract) check(method, path string, got reply) error {
	pointer, operation, is := c.find(method, path)
	at := pointer + "/responses/" + strconv.Itoa(got.status)
	switch {
	case pointer == "":
		at = "/components/responses/NotFound"
	case !is && got.status != http.StatusMethodNotAllowed:
		return errors.New("want 405")
	}
	at, response := c.follow(at)
	if response == nil {
		return errors.New("the status is not described")
	}
	c.mu.Lock()
	c.seen[fmt.Sprintf("%s %d %s", operation, got.status, got.slug())] = true
	c.mu.Unlock()
	return errors.Join(c.checkHeaders(at, response, got), c.checkBody(at, response, got, method == http.MethodHead))
}

// expected are headers of HTTP itself and of CORS.
var expected = map[string]bool{"Content-Type": true, "Content-Length": true, "Date": true, "Vary": true, "Connection": true}

func (c *contract) checkHeaders(at string, response map[string]any, got reply) error {
	headers, _ := response["headers"].(map[string]any)
	for name := range headers {
		header, _ := c.follow(at + "/headers/" + escape(name))
		values := got.header.Values(name)
		if len(values) != 1 {
			return fmt.Errorf("header %s is there %d times", name, len(values))
		}
		if err := c.validate(header+"/schema", values[0]); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	for name := range got.header {
		if headers[name] == nil && !expected[name] {
			return fmt.Errorf("header %s is not described", name)
		}
	}
	return nil
}

func (c *contract) checkBody(at string, response map[string]any, got reply, head bool) error {
	content, _ := response["content"].(map[string]any)
	media, _, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	switch {
	case content == nil && len(got.body) == 0 && got.header.Get("Content-Type") == "":
		return nil
	case err != nil || content[media] == nil:
		return fmt.Errorf("media type %q is not described", media)
	case head && len(got.body) == 0:
		return nil
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
	if err != nil {
		return err
	}
	return c.validate(at+"/content/"+escape(media)+"/schema", body)
}

func (c *contract) validate(at string, value any) error {
	c.mu.Lock()
	schema, err := c.schemas.Compile("openapi.json#" + at)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// follow returns the object at a JSON pointer, and the pointer without references.
func (c *contract) follow(pointer string) (string, map[string]any) {
	at := any(c.doc)
	for _, key := range strings.Split(pointer, "/")[1:] {
		object, _ := at.(map[string]any)
		at = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]
	}
	object, _ := at.(map[string]any)
	if ref, is := object["$ref"].(string); is {
		return c.follow(strings.TrimPrefix(ref, "#"))
	}
	return pointer, object
}

// escape returns a token of a JSON pointer in a URL's fragment.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

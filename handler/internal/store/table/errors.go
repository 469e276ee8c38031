package table

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// domain turns what the service answers into what the ports name. All else is
// told without the request's address, which names a row.
func domain(err error) error {
	var answer *azcore.ResponseError
	var sent *url.Error
	switch {
	case errors.As(err, &answer):
		return named(outcome(answer))
	case errors.As(err, &sent):
		return fmt.Errorf("table service: %w", sent.Err)
	}
	return err
}

func named(status int, code string) error {
	switch {
	case status == http.StatusNotFound && (code == string(aztables.ResourceNotFound) || code == string(aztables.EntityNotFound)):
		return secret.ErrNotFound
	case status == http.StatusConflict && code == string(aztables.EntityAlreadyExists):
		return secret.ErrExists
	case status == http.StatusPreconditionFailed:
		return secret.ErrStale
	}
	return fmt.Errorf("table service answered %d %s", status, code)
}

var (
	innerStatus = regexp.MustCompile(`HTTP/1\.1 (\d{3}) `)
	innerCode   = regexp.MustCompile(`"code":\s*"([A-Za-z]+)"`)
)

// outcome returns the status and the code of an answer. A transaction that was
// refused is 202 outside; what became of it stands inside.
func outcome(answer *azcore.ResponseError) (status int, code string) {
	if answer.StatusCode != http.StatusAccepted || answer.RawResponse == nil {
		return answer.StatusCode, answer.ErrorCode
	}
	body, err := runtime.Payload(answer.RawResponse)
	if err != nil {
		return answer.StatusCode, answer.ErrorCode
	}
	status, _ = strconv.Atoi(string(submatch(innerStatus, body)))
	return status, string(submatch(innerCode, body))
}

func submatch(pattern *regexp.Regexp, body []byte) []byte {
	if m := pattern.FindSubmatch(body); m != nil {
		return bytes.TrimSpace(m[1])
	}
	return nil
}

func code(err error) string {
	var answer *azcore.ResponseError
	if !errors.As(err, &answer) {
		return ""
	}
	return answer.ErrorCode
}

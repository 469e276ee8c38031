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

// portError turns an error of the SDK into one that the ports define, or into
// one without the request's address, which names a row.
func portError(err error) error {
	var response *azcore.ResponseError
	var request *url.Error
	switch {
	case errors.As(err, &response):
		return statusError(responseCode(response))
	case errors.As(err, &request):
		return fmt.Errorf("table service: %w", request.Err)
	}
	return err
}

func statusError(status int, code string) error {
	switch {
	case status == http.StatusNotFound && (code == string(aztables.ResourceNotFound) || code == string(aztables.EntityNotFound)):
		return secret.ErrNotFound
	case status == http.StatusConflict && code == string(aztables.EntityAlreadyExists):
		return secret.ErrExists
	case status == http.StatusPreconditionFailed:
		return secret.ErrStale
	}
	return fmt.Errorf("table service returned %d %s", status, code)
}

var (
	innerStatus = regexp.MustCompile(`HTTP/1\.1 (\d{3}) `)
	innerCode   = regexp.MustCompile(`"code":\s*"([A-Za-z]+)"`)
)

// responseCode returns the status and the code of a response. The response to a
// refused transaction has status 202; its body has the real status and code.
func responseCode(response *azcore.ResponseError) (status int, code string) {
	if response.StatusCode != http.StatusAccepted || response.RawResponse == nil {
		return response.StatusCode, response.ErrorCode
	}
	body, err := runtime.Payload(response.RawResponse)
	if err != nil {
		return response.StatusCode, response.ErrorCode
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

package seal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

var errHalf = errors.New("vault answered half a key")

// explain turns the vault's answers about a key into secret.ErrKeyGone,
// secret.ErrKeyDisabled and ErrSealed. Everything else may pass, a refusal of
// the identity too, and is told by its codes alone: the SDK's own text is a
// page long.
func explain(err error) error {
	var answer *azcore.ResponseError
	if !errors.As(err, &answer) {
		return err
	}
	inner := innerCode(answer.RawResponse)
	switch {
	case answer.StatusCode == http.StatusNotFound && answer.ErrorCode == "KeyNotFound":
		return secret.ErrKeyGone
	case answer.StatusCode == http.StatusConflict && (inner == "ObjectIsDeletedButRecoverable" || inner == "ObjectIsBeingDeleted"):
		return secret.ErrKeyGone
	case answer.StatusCode == http.StatusForbidden && inner == "KeyDisabled":
		return secret.ErrKeyDisabled
	case answer.StatusCode == http.StatusBadRequest && answer.ErrorCode == "BadParameter":
		return ErrSealed
	}
	return fmt.Errorf("vault answered %d %s %s", answer.StatusCode, answer.ErrorCode, inner)
}

// innerCode returns the code that says which kind of 403 or 409 it is.
func innerCode(r *http.Response) string {
	if r == nil {
		return ""
	}
	body, err := runtime.Payload(r)
	var answer struct {
		Error struct {
			InnerError struct {
				Code string `json:"code"`
			} `json:"innererror"`
		} `json:"error"`
	}
	if err != nil || json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return answer.Error.InnerError.Code
}

// unusable reports whether the vault has said that nothing opens under the key now.
func unusable(err error) bool {
	return errors.Is(err, secret.ErrKeyGone) || errors.Is(err, secret.ErrKeyDisabled)
}

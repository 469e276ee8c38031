package vault

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"github.com/secretsharer/secretsharer/handler/internal/seal"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

func TestErrorsOfTheVault(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error // nil for a temporary one
	}{
		{404, `{"error":{"code":"KeyNotFound","message":"A key with (name/id) kek-2026w47 was not found in this key vault."}}`, secret.ErrKeyGone},
		{404, `{"error":{"code":"ResourceNotFound"}}`, nil},
		{404, `<html>not the vault</html>`, nil},
		{403, `{"error":{"code":"Forbidden","message":"Operation unwrapKey is not allowed on a disabled key.","innererror":{"code":"KeyDisabled"}}}`, seal.ErrKeyDisabled},
		{403, `{"error":{"code":"Forbidden","innerError":{"code":"KeyDisabled"}}}`, seal.ErrKeyDisabled},
		{403, `{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}}`, nil},
		{403, `{"error":{"code":"Forbidden"}}`, nil},
		{403, ``, nil},
		{409, `{"error":{"code":"Conflict","innererror":{"code":"ObjectIsDeletedButRecoverable"}}}`, secret.ErrKeyGone},
		{409, `{"error":{"code":"Conflict","innererror":{"code":"ObjectIsBeingDeleted"}}}`, secret.ErrKeyGone},
		{409, `{"error":{"code":"Conflict","innererror":{"code":"ObjectIsBeingRecovered"}}}`, nil},
		{400, `{"error":{"code":"BadParameter"}}`, seal.ErrSealed},
		{400, `{"error":{"code":"KeyNotFound"}}`, nil},
		{429, `{"error":{"code":"Throttled"}}`, nil},
		{500, `{"error":{"code":"InternalServerError","innererror":{"code":"KeyDisabled"}}}`, nil},
	} {
		err := portError(runtime.NewResponseError(&http.Response{
			StatusCode: c.status, Body: io.NopCloser(strings.NewReader(c.body)),
			Request: &http.Request{Method: http.MethodPost, URL: &url.URL{}},
		}))
		known := errors.Is(err, seal.ErrSealed) || unusable(err)
		if err == nil || known != (c.want != nil) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v, want %v", c.status, c.body, err, c.want)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %v", err)
		}
	}
}

func TestIncompleteKeyIsRefused(t *testing.T) {
	whole := func() azkeys.KeyBundle {
		return azkeys.KeyBundle{
			Attributes: &azkeys.KeyAttributes{Enabled: to.Ptr(true)},
			Key:        &azkeys.JSONWebKey{KID: to.Ptr(azkeys.ID("https://v/keys/kek-2026w47/1")), N: append([]byte{0x80}, make([]byte, 255)...), E: []byte{1, 0, 1}},
		}
	}
	if _, err := parsePublicKey(whole(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(b *azkeys.KeyBundle){
		"empty":         func(b *azkeys.KeyBundle) { *b = azkeys.KeyBundle{} },
		"no key":        func(b *azkeys.KeyBundle) { b.Key = nil },
		"no attributes": func(b *azkeys.KeyBundle) { b.Attributes = nil },
		"not enabled":   func(b *azkeys.KeyBundle) { b.Attributes.Enabled = to.Ptr(false) },
		"no state":      func(b *azkeys.KeyBundle) { b.Attributes.Enabled = nil },
		"no id":         func(b *azkeys.KeyBundle) { b.Key.KID = nil },
		"no version":    func(b *azkeys.KeyBundle) { b.Key.KID = to.Ptr(azkeys.ID("https://v/keys/kek-2026w47")) },
		"no URL":        func(b *azkeys.KeyBundle) { b.Key.KID = to.Ptr(azkeys.ID("://")) },
		"not RSA":       func(b *azkeys.KeyBundle) { b.Key.N, b.Key.E = nil, nil },
		"1,024 bits":    func(b *azkeys.KeyBundle) { b.Key.N = b.Key.N[:128] },
		"e = 0":         func(b *azkeys.KeyBundle) { b.Key.E = []byte{0} },
		"e = 1":         func(b *azkeys.KeyBundle) { b.Key.E = []byte{1} },
		"e of 5 bytes":  func(b *azkeys.KeyBundle) { b.Key.E = []byte{1, 0, 0, 0, 1} },
	} {
		b := whole()
		spoil(&b)
		if key, err := parsePublicKey(b, time.Time{}); err == nil {
			t.Errorf("%s: %+v", name, key)
		}
	}
}

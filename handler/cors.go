package main

import (
	"net/http"
	"strings"

	"github.com/rs/cors"

	"github.com/secretsharer/secretsharer/api"
	"github.com/secretsharer/secretsharer/handler/internal/clock"
	"github.com/secretsharer/secretsharer/handler/internal/config"
	"github.com/secretsharer/secretsharer/handler/internal/host"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
	"github.com/secretsharer/secretsharer/handler/internal/site"
)

// newFront returns the handler of all requests. Under the host it is the API alone;
// standalone it adds the page and CORS.
func newFront(cfg *config.Config, functions http.Handler, clk clock.Clock) (http.Handler, error) {
	if cfg.Hosted {
		return functions, nil
	}
	page, err := site.Open(site.Options{Origin: cfg.Origin, Branding: cfg.Branding, Now: clk.Now, NotFound: problemHandler(secret.ErrNotFound)})
	if err != nil {
		return nil, err
	}
	functions = withCORS(cfg, functions)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, host.Prefix) {
			functions.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	}), nil
}

// withCORS lets the page and the configured origins call the API. It admits no
// credentials, because proofs and keys are sent in other headers.
func withCORS(cfg *config.Config, next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins: append([]string{cfg.Origin}, cfg.AllowedOrigins...),
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"Content-Type", api.HeaderIdempotency, api.HeaderAccess, api.HeaderClaim, api.HeaderCreate, api.HeaderManage},
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         600, // seconds
	}).Handler(next)
}

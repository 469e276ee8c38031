package main

import (
	"context"
	"net/http"
	"time"
)

type configBody struct {
	Origin            string `json:"origin"`
	MinTTL            int64  `json:"min_ttl"`     // seconds
	DefaultTTL        int64  `json:"default_ttl"` // seconds
	MaxTTL            int64  `json:"max_ttl"`     // seconds
	MaxViews          int    `json:"max_views"`
	MaxEnvelope       int    `json:"max_envelope"` // bytes
	RequirePassphrase bool   `json:"require_passphrase"`
	Create            string `json:"create"`
	Now               string `json:"now"`
	Version           string `json:"version"`
}

// config says what a client needs to know beforehand: limits, policy, the time.
func (a *api) config(context.Context, *http.Request) (answer, error) {
	return answer{http.StatusOK, configBody{
		Origin: a.Origin, MinTTL: seconds(a.MinTTL), DefaultTTL: seconds(a.DefaultTTL), MaxTTL: seconds(a.MaxTTL),
		MaxViews: a.MaxViews, MaxEnvelope: a.MaxEnvelope, RequirePassphrase: a.RequirePassphrase, Create: a.Create,
		Now: stamp(a.now()), Version: a.version,
	}}, nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

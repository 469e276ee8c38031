package quarantine_test

import (
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/store"
)

var _ = []quarantine.Store{(*store.Embedded)(nil), (*store.Table)(nil)}

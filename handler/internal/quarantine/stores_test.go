package quarantine_test

import (
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/store/bolt"
	"github.com/secretsharer/secretsharer/handler/internal/store/table"
)

var _ = []quarantine.Store{(*bolt.Store)(nil), (*table.Store)(nil)}

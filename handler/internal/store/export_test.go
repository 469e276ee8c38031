package store

// What the tests in package store_test need of the inside.
var (
	Connect      = connect
	EncodeEntity = encodeEntity
	DecodeEntity = decodeEntity
	EncodeRow    = encodeRow
	DecodeRow    = decodeRow
	Patient      = patient
)

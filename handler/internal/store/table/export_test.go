package table

// What the tests in package table_test need of the inside.
var (
	Connect      = connect
	EncodeEntity = encodeEntity
	DecodeEntity = decodeEntity
	Patient      = patient
)

package table

// For the tests in package table_test.
var (
	Connect          = connect
	EncodeSecret     = encodeSecret
	DecodeSecret     = decodeSecret
	WithLargeTimeout = withLargeTimeout
)

package quarantine

// The limits of alerts and reasons.
const (
	MaxDepth  = maxDepth
	MaxReason = maxReason
)

// ParseAlert is what Alert does first.
var ParseAlert = parseAlert

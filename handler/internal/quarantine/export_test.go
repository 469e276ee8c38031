package quarantine

// The limits of alerts and reasons.
const (
	MaxDepth  = maxDepth
	MaxReason = maxReason
)

// ParseAlert is the first step of Alert.
var ParseAlert = parseAlert

package telemetry

import (
	"regexp"
	"strings"
)

// maxText bounds an error's text in the log, in bytes.
const maxText = 500

var (
	idForm    = regexp.MustCompile(`[0-9a-hjkmnp-tv-z]{32,}`)
	proofForm = regexp.MustCompile(`[A-Za-z0-9_/+=-]{40,}`)
	urlForm   = regexp.MustCompile(`https?://[^\s"']+`)
)

// redact returns an error's text for the log. SDK errors quote URLs, which
// contain ids; it removes URLs and everything that looks like an id, a proof or a
// key. Of an id the first 8 characters stay, as in events.
func redact(err error) string {
	text := urlForm.ReplaceAllString(err.Error(), "[address]")
	text = idForm.ReplaceAllStringFunc(text, func(id string) string { return id[:8] + "[..]" })
	text = proofForm.ReplaceAllString(text, "[..]")
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}

package quarantine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/hold"
	"github.com/secretsharer/secretsharer/handler/internal/quarantine"
	"github.com/secretsharer/secretsharer/handler/internal/secret"
)

// shapes are the forms in which the same alert arrives, each a file of testdata.
var shapes = []string{"logicapp", "logicapp-body", "export", "alerts-api"}

// vaultTypes are the types of alerts of Defender for Key Vault.
var vaultTypes = []string{
	"KV_SuspiciousIPAccess", "KV_TORAccess", "KV_ListGetAnomaly", "KV_PutGetAnomaly", "KV_OperationVolumeAnomaly",
	"KV_AppAnomaly", "KV_UserAnomaly", "KV_UserAppAnomaly", "KV_UnusualAccessSuspiciousIP",
}

const alertID = "2518399999999999999_b7c1e9d2-0f4a-4c83-9d1e-5a6b7c8d9e0f"

// message has the values of an alert in one of the forms.
type message struct{ id, kind, severity, status, resource string }

var plain = message{alertID, "KV_ListGetAnomaly", "Medium", "Active", vault}

func (m message) in(t testing.TB, shape string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", shape+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer("@ID@", m.id, "@TYPE@", m.kind, "@SEVERITY@", m.severity, "@STATUS@", m.status, "@RESOURCE@", m.resource).
		Replace(string(data)))
}

// spellings change the case of the names of members.
var spellings = map[string]func([]byte) []byte{
	"as it is":   func(b []byte) []byte { return b },
	"upper case": func(b []byte) []byte { return members(b, strings.ToUpper) },
	"lower case": func(b []byte) []byte { return members(b, strings.ToLower) },
}

// members rewrites the names of members.
func members(data []byte, rewrite func(string) string) []byte {
	parts := strings.Split(string(data), `"`)
	for i := 1; i+1 < len(parts); i += 2 {
		if strings.HasPrefix(parts[i+1], ":") {
			parts[i] = rewrite(parts[i])
		}
	}
	return []byte(strings.Join(parts, `"`))
}

func TestAlertReadsTheSameInEveryForm(t *testing.T) {
	for _, shape := range shapes {
		for _, kind := range vaultTypes {
			for name, spell := range spellings {
				m := plain
				m.kind = kind
				a, err := quarantine.ParseAlert(spell(m.in(t, shape)))
				if err != nil {
					t.Errorf("%s of %s, %s: %v", kind, shape, name, err)
					continue
				}
				if a.ID != alertID || a.Type != kind || a.Severity != "Medium" || a.Status != "Active" || a.Resources[0] != strings.ToLower(vault) {
					t.Errorf("%s of %s, %s: %+v", kind, shape, name, a)
				}
			}
		}
	}
}

func TestSameAlertIsTheSameHoldInEveryForm(t *testing.T) {
	w := newFixture(t)
	var first string
	for i, shape := range shapes {
		w.pass(time.Minute)
		m := plain
		if i%2 == 1 {
			m.id = strings.ToUpper(m.id)
		}
		o := w.must(w.Alert(w.Context(), m.in(t, shape)))
		if i == 0 {
			first = o.Hold.ID
		}
		if o.Hold.ID != first || o.New != (i == 0) || !o.EventSent || !o.Hold.CreatedAt.Equal(start.Add(time.Minute)) {
			t.Errorf("%s: %+v, %+v", shape, o, o.Hold)
		}
	}
	w.wantCopies(first, 16, false)
	if got := fmt.Sprint(w.bus.published()); got != "[secretsharer.hold.created]" {
		t.Errorf("published %s", got)
	}
}

func TestAlertsHoldHasItsSourceAndAnEnd(t *testing.T) {
	w := newFixture(t)
	h := w.must(w.Alert(w.Context(), plain.in(t, "export"))).Hold
	if h.Scope != all || fmt.Sprint(h.Modes) != "[block-create block-read]" || h.Source != hold.SourceDefender || h.Alert != alertID ||
		!h.Until.Equal(start.Add(24*time.Hour)) || !strings.Contains(h.Reason, "KV_ListGetAnomaly") {
		t.Errorf("%+v", h)
	}
}

func TestLateDeliveryPlacesNoHoldAgain(t *testing.T) {
	w := newFixture(t)
	id := w.must(w.Alert(w.Context(), plain.in(t, "logicapp"))).Hold.ID
	w.release(id)
	for _, shape := range shapes {
		o := w.must(w.Alert(w.Context(), plain.in(t, shape)))
		if o.New || o.Hold.ReleasedAt.IsZero() {
			t.Errorf("%s: %+v", shape, o)
		}
	}
	w.wantCopies(id, 0, true)
}

func TestClosedAlertReleasesItsOwnHoldOnly(t *testing.T) {
	for _, status := range []string{"Resolved", "Dismissed", "dismissed"} {
		for _, shape := range shapes {
			w := newFixture(t)
			other := w.quarantine("another one")
			id := w.must(w.Alert(w.Context(), plain.in(t, "logicapp"))).Hold.ID
			done := plain
			done.status, done.severity = status, "Low" // the filters are for alerts that place a hold
			for range 2 {
				o := w.must(w.Alert(w.Context(), done.in(t, shape)))
				if o.Hold == nil || o.Hold.ID != id || o.Hold.ReleaseReason != "alert "+strings.ToLower(status) {
					t.Errorf("%s in %s: %+v", status, shape, o)
				}
			}
			w.wantCopies(id, 0, true)
			w.wantCopies(other.Hold.ID, 16, false)
		}
	}
}

func TestClosedAlertWithoutAHoldPlacesNone(t *testing.T) {
	w := newFixture(t)
	done := plain
	done.status = "Resolved"
	if o := w.must(w.Alert(w.Context(), done.in(t, "export"))); o.Hold != nil || o.Reason == "" {
		t.Errorf("%+v", o)
	}
	if len(w.bus.events) > 0 {
		t.Errorf("published %v", w.bus.published())
	}
}

func TestPolicyFiltersAlertsBySeverityAndType(t *testing.T) {
	for _, c := range []struct {
		least    string
		types    []string
		severity string
		status   string
		held     bool
	}{
		{"Medium", nil, "Medium", "Active", true},
		{"Medium", nil, "medium", "InProgress", true},
		{"Medium", nil, "High", "", true},
		{"Medium", nil, "Low", "Active", false},
		{"Medium", nil, "Informational", "Active", false},
		{"Low", nil, "Low", "Active", true},
		{"High", nil, "Medium", "Active", false},
		{"High", nil, "Critical", "Active", true}, // not known yet
		{"informational", nil, "Informational", "New", true},
		{"Medium", []string{"KV_TORAccess"}, "High", "Active", false},
		{"Medium", []string{"KV_TORAccess", "kv_listgetanomaly"}, "Medium", "Active", true},
		{"Medium", []string{"KV_ListGetAnomaly"}, "Low", "Active", false},
	} {
		w := newFixture(t)
		w.Policy.Severity, w.Policy.Types = c.least, c.types
		m := plain
		m.severity, m.status = c.severity, c.status
		o := w.must(w.Alert(w.Context(), m.in(t, "export")))
		if held := o.Hold != nil; held != c.held || held == (o.Reason != "") {
			t.Errorf("%+v: %+v", c, o)
		}
	}
}

func TestRequiredMembersMustBeValid(t *testing.T) {
	good := string(plain.in(t, "export"))
	for name, c := range map[string]struct{ old, new, field string }{
		"as it is":                       {``, ``, ""},
		"no id":                          {`"systemAlertId": "` + alertID + `",`, ``, "systemAlertId"},
		"an empty id":                    {alertID, ` `, "systemAlertId"},
		"a number for an id":             {`"` + alertID + `",`, `7,`, "systemAlertId"},
		"an id of two lines":             {alertID, `a\nb`, "systemAlertId"},
		"a very long id":                 {alertID, strings.Repeat("a", 600), "systemAlertId"},
		"two ids that differ":            {`"version":`, `"SYSTEMALERTID": "other", "version":`, "systemAlertId"},
		"the same id twice":              {`"version":`, `"SYSTEMALERTID": "` + alertID + `", "version":`, ""},
		"no type":                        {`"alertType"`, `"alertKind"`, "alertType"},
		"no severity":                    {`"severity": "Medium"`, `"severity": null`, "severity"},
		"a list for a severity":          {`"severity": "Medium"`, `"severity": ["Medium"]`, "severity"},
		"a status that is no text":       {`"status": "Active"`, `"status": {}`, "status"},
		"no status":                      {`"status": "Active",`, ``, ""},
		"resources that are no list":     {`"resourceIdentifiers": [`, `"resourceIdentifiers": 1, "x": [`, "resourceIdentifiers"},
		"a resource that is no text":     {`"azureResourceId": "` + vault + `"`, `"azureResourceId": 1`, "azureResourceId"},
		"two resources that differ":      {`"azureResourceId":`, `"AZURERESOURCEID": "x", "azureResourceId":`, "azureResourceId"},
		"entities that are no list":      {`"entities": [`, `"entities": "none", "x": [`, ""},
		"unknown members":                {`"version":`, `"quantumState": {"a": [1, null]}, "version":`, ""},
		"two unknown ones in both cases": {`"version":`, `"new": 1, "NEW": 2, "version":`, ""},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: the template has changed", name)
		}
		_, err := quarantine.ParseAlert([]byte(strings.Replace(good, c.old, c.new, 1)))
		wantField(t, name, err, c.field)
	}
}

func TestMalformedAndLargeBodiesAreRefused(t *testing.T) {
	nested := func(n int, open, shut string) string {
		return `{"systemAlertId": "a", "alertType": "b", "severity": "Low", "x": ` + strings.Repeat(open, n) + "1" + strings.Repeat(shut, n) + `}`
	}
	padded := func(size int) string {
		head := `{"systemAlertId": "a", "alertType": "b", "severity": "Low", "x": "`
		return head + strings.Repeat("y", size-len(head)-2) + `"}`
	}
	for name, c := range map[string]struct{ data, field string }{
		"nothing":               {"", "body"},
		"no JSON":               {"quarantine, please", "body"},
		"half":                  {`{"systemAlertId": "a"`, "body"},
		"two objects":           {`{} {}`, "body"},
		"text after the object": {`{}x`, "body"},
		"a comma too many":      {`{"a": 1,}`, "body"},
		"a missing colon":       {`{"a" 1}`, "body"},
		"a missing comma":       {`{"a": 1 "b": 2}`, "body"},
		"a number for a name":   {`{1: 2}`, "body"},
		"a bracket for a brace": {`{"a": 1]`, "body"},
		"a list":                {`[]`, "body"},
		"null":                  {`null`, "body"},
		"text":                  {`"alert"`, "body"},
		"an empty object":       {`{}`, "systemAlertId"},
		"as deep as is allowed": {nested(quarantine.MaxDepth-1, `[`, `]`), ""},
		"lists, too deep":       {nested(quarantine.MaxDepth, `[`, `]`), "body"},
		"objects, too deep":     {nested(quarantine.MaxDepth, `{"x":`, `}`), "body"},
		"far too deep":          {nested(100_000, `[`, `]`), "body"},
		"as large as allowed":   {padded(quarantine.MaxAlert), ""},
		"a byte too large":      {padded(quarantine.MaxAlert + 1), "body"},
		"many small members":    {`{"a":[` + strings.Repeat(`{},`, 80_000) + `1]}`, "systemAlertId"},
	} {
		_, err := quarantine.ParseAlert([]byte(c.data))
		wantField(t, name, err, c.field)
	}
}

func TestReferencesAreFollowed(t *testing.T) {
	const head = `{"SystemAlertId": "a", "AlertType": "b", "Severity": "High", `
	for name, c := range map[string]struct{ rest, want string }{
		"from the list of resources": {`"ResourceIdentifiers": [{"$ref": "9"}], "Entities": [{"$id": "9", "azureResourceId": "/subscriptions/a"}]}`, "[/subscriptions/a]"},
		"out of the entities":        {`"Other": {"$id": "1", "ResourceId": "/subscriptions/b/"}, "Entities": [{"parent": {"$ref": "1"}}]}`, "[/subscriptions/b]"},
		"to nowhere":                 {`"ResourceIdentifiers": [{"$ref": "7"}], "Entities": [{"x": {"$ref": "8"}}]}`, "[]"},
		"in a circle":                {`"Entities": [{"$id": "1", "x": {"$ref": "2"}}, {"$id": "2", "x": {"$ref": "1"}, "azureID": "/subscriptions/c"}]}`, "[/subscriptions/c]"},
		"to itself":                  {`"ResourceIdentifiers": [{"$id": "1", "$ref": "1"}]}`, "[]"},
	} {
		a, err := quarantine.ParseAlert([]byte(head + c.rest))
		if got := fmt.Sprint(a.Resources); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestReasonOfAnAlertsHoldIsOneShortLine(t *testing.T) {
	name, err := json.Marshal(strings.Repeat("é\r\n", 1000))
	if err != nil {
		t.Fatal(err)
	}
	w := newFixture(t)
	alert := fmt.Sprintf(`{"systemAlertId": "a", "alertType": "KV_ListGetAnomaly", "severity": "High", "alertDisplayName": %s, "azureResourceId": %q}`, name, vault)
	reason := w.must(w.Alert(w.Context(), []byte(alert))).Hold.Reason
	if len(reason) > quarantine.MaxReason || strings.ContainsAny(reason, "\r\n\uFFFD") || !strings.HasPrefix(reason, "Defender alert KV_ListGetAnomaly: é") {
		t.Errorf("%d bytes: %q", len(reason), reason)
	}
}

func TestOwnRequestIsNoAlert(t *testing.T) {
	w := newFixture(t)
	_, err := w.Alert(t.Context(), []byte(`{"scope": {"kind": "all"}, "systemAlertId": "a", "alertType": "b", "severity": "High", "azureResourceId": "`+vault+`"}`))
	if !errors.Is(err, quarantine.ErrOwnRequest) || len(w.bus.events) > 0 {
		t.Errorf("%v", err)
	}
}

func FuzzParseAlert(f *testing.F) {
	for _, shape := range shapes {
		f.Add(plain.in(f, shape))
	}
	f.Add([]byte(`{"systemAlertId":"a","alertType":"b","severity":"c","entities":[{"$id":"1","x":{"$ref":"1"}}]}`))
	policy := quarantine.Policy{Severity: "Medium", Resources: []string{vault}}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := quarantine.ParseAlert(data)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		again, err := quarantine.ParseAlert(bytes.Clone(data))
		if err != nil || fmt.Sprint(again.ID, again.Type) != fmt.Sprint(a.ID, a.Type) {
			t.Errorf("%+v, then %+v, %v", a, again, err)
		}
		w := newFixture(t)
		w.Policy.Resources, w.Policy.Severity = policy.Resources, policy.Severity
		o, err := w.Alert(t.Context(), data)
		switch {
		case err != nil:
			wantInvalid(t, err)
		case o.Hold != nil:
			w.wantCopies(o.Hold.ID, 16, false)
		case o.Reason == "":
			t.Error("no hold, and no reason")
		}
	})
}

func wantInvalid(t *testing.T, err error) {
	t.Helper()
	if _, is := err.(*secret.InvalidError); !is { //nolint:errorlint // it is not wrapped
		t.Errorf("%v", err)
	}
}

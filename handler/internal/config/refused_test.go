package config

import (
	"strings"
	"testing"
)

func TestMalformedSettingsAreRefusedByName(t *testing.T) {
	for name, values := range map[string][]string{
		"SSS_LISTEN":             {"7071", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:65536", "127.0.0.1:-1", "a:b:1"},
		"SSS_ORIGIN":             {"secrets.test", "ftp://secrets.test", "https://", "https://a.test/b", "https://a.test?b", "https://a.test?", "https://u@a.test", "https://a.test#b", "https://:443", "https://*.test"},
		"SSS_ALLOWED_ORIGINS":    {"*", "https://*", "https://*.test", "https://a.test,", ",", "https://a.test;https://b.test"},
		"SSS_TABLE_URL":          {"x", "http://10.0.0.1/", "https://", "https://u:p@x.test", "https://x.test?sig=abc", "ftp://x.test"},
		"SSS_VAULT_URL":          {"x.vault.azure.net", "http://x.vault.azure.net", "https://x.test#y"},
		"SSS_SERVICEBUS":         {"name", "https://name.servicebus.windows.net", "sb://name.servicebus.windows.net", "Endpoint=sb://x/;SharedAccessKey=abcdefgh", "sb://127.0.0.1"},
		"SSS_CREATE":             {"nobody", "Anyone"},
		"SSS_CREATE_KEYS":        {"letmein!", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64), strings.Repeat("0", 64) + ","},
		"SSS_ADMIN_KEYS":         {"letmein!"},
		"SSS_ENTRA":              {"true", "1", "ON"},
		"SSS_MIN_TTL":            {"five", "5", "-5m", "1.5s", "5m0.1s"},
		"SSS_DEFAULT_TTL":        {"1d"},
		"SSS_MAX_TTL":            {"1y", "9999999999999h"},
		"SSS_MAX_VIEWS":          {"0", "101", "-1", "1.0", "many"},
		"SSS_MAX_ENVELOPE":       {"1023", "921601", "1MiB"},
		"SSS_REQUIRE_PASSPHRASE": {"on", "1", "True"},
		"SSS_RECEIPT_RETENTION":  {"-1h", "forever"},
		"SSS_TRIES":              {"0", "101"},
		"SSS_ADDRESS_BYTES":      {"0", "1", "256MB", "-1GiB", "none"},
		"SSS_RATE":               {"20", "0/m", "20/d", "-1/m", "1000000/m", "20/m ", "none"},
		"SSS_TRUSTED_PROXIES":    {"10.0.0.0/33", "proxy", "10.0.0.1,", "::1/129"},
		"SSS_STORE_LIMIT":        {"8", "8GB", "0GiB", "-1GiB", "1.5GiB", "9999999TiB", "10000000KiB"},
		"SSS_RESOURCES":          {"subscriptions/a", "vault"},
		"SSS_ALERT_SEVERITY":     {"medium", "Critical"},
		"SSS_ABUSE":              {"on", "addresses=0/m", "addresses=20", "reads=1/m", "addresses=1/m,"},
		"SSS_HOLD":               {"x"},
		"SSS_HOLD_MAX":           {"x"},
		"SSS_HOLD_RETENTION":     {"x"},
		"SSS_METRICS_LISTEN":     {"9090"},
		"SSS_DATA_MODES":         {"0770", "Group", "all"},
		"SSS_START":              {"on", "lenient", "Degraded"},
		"SSS_LOG":                {"loud", "INFO", "disabled", "fatal", "7", "-1"},

		"FUNCTIONS_CUSTOMHANDLER_PORT": {"0", "x", "65536"},
		"SSS_UNKNOWN":                  {"x", ""},
		"SSS_":                         {"x"},
	} {
		for _, value := range values {
			_, err := Read([]string{name + "=" + value})
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v, want an error that names it", name, value, err)
			}
		}
	}
}

// A value may be a key in the wrong place.
func TestRefusalsDoNotQuoteTheValue(t *testing.T) {
	for _, s := range settings(&Config{}) {
		if _, err := Read([]string{s.name + "=?s3cr3t!"}); err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the refusal quotes its value: %v", err)
		}
	}
}

func TestAllMalformedSettingsAreNamedAtOnce(t *testing.T) {
	_, err := Read([]string{"SSS_LISTEN=x", "SSS_TRIES=x", "SSS_TYPO=x"})
	for _, name := range []string{"SSS_LISTEN", "SSS_TRIES", "SSS_TYPO"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

func TestUnsafeCombinationsAreRefused(t *testing.T) {
	const hosted = "FUNCTIONS_CUSTOMHANDLER_PORT=4321 SSS_ORIGIN=https://a.test SSS_TABLE_URL=https://x.test SSS_VAULT_URL=https://y.test "
	for environ, named := range map[string]string{
		"SSS_MIN_TTL=25h":                 "SSS_MIN_TTL",
		"SSS_MIN_TTL=0":                   "SSS_MIN_TTL",
		"SSS_DEFAULT_TTL=721h":            "SSS_DEFAULT_TTL",
		"SSS_MAX_TTL=23h":                 "SSS_MAX_TTL",
		"SSS_MAX_TTL=8761h":               "SSS_MAX_TTL",
		"SSS_RECEIPT_RETENTION=8761h":     "SSS_RECEIPT_RETENTION",
		"SSS_HOLD=721h":                   "SSS_HOLD",
		"SSS_HOLD_RETENTION=719h":         "SSS_HOLD_RETENTION",
		"SSS_CREATE=key":                  "SSS_CREATE_KEYS",
		"SSS_CREATE_KEYS=" + hexHash("x"): "SSS_CREATE=key",
		"SSS_CREATE=entra":                "SSS_ENTRA=on",
		"SSS_ENTRA=on":                    "SSS_ENTRA=on",
		"SSS_CREATE=entra SSS_ENTRA=on":   "SSS_ENTRA=on",
		"SSS_LISTEN=0.0.0.0:7071":         "SSS_ORIGIN",
		"SSS_LISTEN=:7071":                "SSS_ORIGIN",
		"SSS_TABLE_URL=https://x.test":    "SSS_VAULT_URL",
		hosted + "SSS_TABLE_URL=":         "SSS_TABLE_URL",
		hosted + "SSS_VAULT_URL=":         "SSS_VAULT_URL",
		hosted + "SSS_VAULT_URL= SSS_TABLE_URL=http://127.0.0.1:10002/x": "SSS_VAULT_URL",
		hosted + "SSS_ORIGIN=":                        "SSS_ORIGIN",
		hosted + "SSS_CREATE=entra":                   "SSS_ENTRA=on",
		hosted + "SSS_METRICS_LISTEN=:9090":           "SSS_METRICS_LISTEN",
		hosted + "SSS_TRUSTED_PROXIES=::1":            "SSS_TRUSTED_PROXIES",
		hosted + "SSS_ALLOWED_ORIGINS=https://b.test": "SSS_ALLOWED_ORIGINS",
	} {
		if _, err := Read(strings.Fields(environ)); err == nil || !strings.Contains(err.Error(), named) {
			t.Errorf("%s: %v, want an error that names %s", environ, err, named)
		}
	}
	for _, environ := range []string{
		hosted, hosted + "SSS_ENTRA=on SSS_CREATE=entra", hosted + "SSS_VAULT_URL= AZURE_FUNCTIONS_ENVIRONMENT=Development",
		"SSS_LISTEN=0.0.0.0:7071 SSS_ORIGIN=https://a.test", "SSS_CREATE=key SSS_CREATE_KEYS=" + hexHash("x"),
		"SSS_HOLD_RETENTION=720h",
		"SSS_TABLE_URL=http://127.0.0.1:10002/devstoreaccount1",
	} {
		if _, err := Read(strings.Fields(environ)); err != nil {
			t.Errorf("%s: %v", environ, err)
		}
	}
}

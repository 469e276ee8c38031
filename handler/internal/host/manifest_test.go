package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const (
	httpManifest = `{"bindings": [
		{"type": "httpTrigger", "direction": "in", "name": "request", "authLevel": "anonymous", "methods": ["get", "head"], "route": "secrets/{id}"},
		{"type": "http", "direction": "out", "name": "response"}]}`
	timerManifest = `{"bindings": [
		{"type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "0 */5 * * * *", "useMonitor": true, "runOnStartup": false}],
		"retry": {"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"}}`
)

// httpFunction is the manifest of an HTTP function, its methods as in JSON.
func httpFunction(methods, route string) string {
	return strings.NewReplacer(`"get", "head"`, methods, `secrets/{id}`, route).Replace(httpManifest)
}

func timerFunction(schedule string) string {
	return strings.Replace(timerManifest, "0 */5 * * * *", schedule, 1)
}

// load reads manifests by the functions' names.
func load(t testing.TB, manifests map[string]string) ([]Function, error) {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range manifests {
		files[name+"/function.json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return Load(files)
}

func mustLoad(t testing.TB, manifests map[string]string) []Function {
	t.Helper()
	functions, err := load(t, manifests)
	if err != nil {
		t.Fatal(err)
	}
	return functions
}

func TestManifestsAreRead(t *testing.T) {
	functions := mustLoad(t, map[string]string{"status": httpManifest, "purge": timerManifest})
	if len(functions) != 2 || functions[0].Name != "purge" || functions[1].Name != "status" {
		t.Fatalf("read %+v", functions)
	}
	timer := functions[0].Timer
	if timer.Schedule != "0 */5 * * * *" || timer.Retries != 3 || timer.Delay != 10*time.Second || functions[0].HTTP != nil {
		t.Errorf("timer is %+v", functions[0])
	}
	trigger := functions[1].HTTP
	if strings.Join(trigger.Methods, " ") != "GET HEAD" || trigger.Route != "secrets/{id}" || functions[1].Timer != nil {
		t.Errorf("HTTP function is %+v", functions[1])
	}
}

func TestManifestsAreRefused(t *testing.T) {
	for _, c := range []struct{ name, manifest, old, new, want string }{
		{"not an object", httpManifest, `{"bindings"`, `"bindings"`, "is not valid JSON"},
		{"two values", httpManifest, `]}`, `]} {}`, "is not valid JSON"},
		{"null", httpManifest, httpManifest, `null`, "must be an object"},
		{"no bindings", httpManifest, httpManifest, `{}`, "bindings is missing"},
		{"empty bindings", httpManifest, httpManifest, `{"bindings": []}`, "bindings are []"},
		{"a duplicated member", timerManifest, `"schedule"`, `"schedule": "0 0 0 * * *", "schedule"`, "is duplicated"},
		{"unknown member", httpManifest, `{"bindings"`, `{"disabled": true, "bindings"`, `"disabled"`},
		{"a member in another case", httpManifest, `"bindings"`, `"Bindings"`, `"Bindings"`},
		{"a member of the trigger in another case", httpManifest, `"route"`, `"Route"`, `"Route"`},
		{"a member of the retries in another case", timerManifest, `"strategy"`, `"STRATEGY"`, `"STRATEGY"`},
		{"unknown member of the trigger", httpManifest, `"route"`, `"webHookType": "x", "route"`, `"webHookType"`},
		{"unknown member of the output", httpManifest, `"direction": "out"`, `"direction": "out", "route": "x"`, `"route"`},
		{"unknown member of a timer", timerManifest, `"schedule"`, `"timezone": "x", "schedule"`, `"timezone"`},
		{"unknown member of the retries", timerManifest, `"strategy"`, `"maximumInterval": "x", "strategy"`, `"maximumInterval"`},
		{"a binding that is no object", httpManifest, `{"type": "http", "direction": "out", "name": "response"}`, `7`, "binding"},
		{"a binding without a name", httpManifest, `"name": "response"`, `"name": ""`, "without a name"},
		{"no output", httpManifest, `,
		{"type": "http", "direction": "out", "name": "response"}`, ``, "httpTrigger in"},
		{"a further output", httpManifest, `"name": "response"}`,
			`"name": "response"}, {"type": "serviceBus", "direction": "out", "name": "m"}`, "serviceBus out"},
		{"another trigger", timerManifest, `"timerTrigger"`, `"queueTrigger"`, "queueTrigger in"},
		{"a trigger out", httpManifest, `"direction": "in"`, `"direction": "out"`, "httpTrigger out"},
		{"a level that needs a key", httpManifest, `"anonymous"`, `"function"`, "authLevel"},
		{"no level", httpManifest, `"authLevel": "anonymous", `, ``, "authLevel"},
		{"HTTP with retries", httpManifest, `]}`, `], "retry": {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:01"}}`, "retry is for timers"},
		{"no methods", httpManifest, `"get", "head"`, ``, "no methods"},
		{"unknown method", httpManifest, `"get", "head"`, `"options"`, `"options"`},
		{"a method in upper case", httpManifest, `"get", "head"`, `"POST"`, `"POST"`},
		{"a method twice", httpManifest, `"get", "head"`, `"post", "post"`, "duplicated"},
		{"get without head", httpManifest, `"get", "head"`, `"get"`, "come together"},
		{"head without get", httpManifest, `"get", "head"`, `"head"`, "come together"},
		{"no route", httpManifest, `"secrets/{id}"`, `""`, "route"},
		{"a leading slash", httpManifest, `"secrets/{id}"`, `"/secrets"`, "route"},
		{"a trailing slash", httpManifest, `"secrets/{id}"`, `"secrets/"`, "route"},
		{"an upper case route", httpManifest, `"secrets/{id}"`, `"Secrets"`, "route"},
		{"a constraint", httpManifest, `{id}"`, `{id:int}"`, "route"},
		{"a default", httpManifest, `{id}"`, `{id=x}"`, "route"},
		{"an optional wildcard", httpManifest, `{id}"`, `{id?}"`, "route"},
		{"a catch-all", httpManifest, `{id}"`, `{*id}"`, "route"},
		{"a wildcard in a segment", httpManifest, `{id}"`, `x{id}"`, "route"},
		{"a wildcard twice", httpManifest, `{id}"`, `{id}/{id}"`, "twice"},
		{"no monitor", timerManifest, `"useMonitor": true`, `"useMonitor": false`, "useMonitor"},
		{"a run at the start", timerManifest, `"runOnStartup": false`, `"runOnStartup": true`, "runOnStartup"},
		{"no schedule", timerManifest, `"0 */5 * * * *"`, `""`, "schedule"},
		{"no retries", timerManifest, `"retry": {"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"}`, `"retry": null`, "retry policy"},
		{"no retry policy", timerManifest, `,
		"retry": {"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"}`, ``, "retry policy"},
		{"another strategy", timerManifest, `"fixedDelay"`, `"exponentialBackoff"`, "fixedDelay"},
		{"not one retry", timerManifest, `"maxRetryCount": 3`, `"maxRetryCount": 0`, "maxRetryCount"},
		{"endless retries", timerManifest, `"maxRetryCount": 3`, `"maxRetryCount": -1`, "maxRetryCount"},
		{"no delay", timerManifest, `"00:00:10"`, `""`, "hh:mm:ss"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.manifest, c.old) {
				t.Fatalf("nothing to replace: %s", c.old)
			}
			_, err := load(t, map[string]string{"some": strings.Replace(c.manifest, c.old, c.new, 1)})
			if err == nil || !strings.HasPrefix(err.Error(), "some/function.json: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want some/function.json and %s", err, c.want)
			}
		})
	}
}

func TestIntervalsAreHoursMinutesAndSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:00:00": 0,
		"00:00:10": 10 * time.Second,
		"01:02:03": time.Hour + 2*time.Minute + 3*time.Second,
		"23:59:59": 24*time.Hour - time.Second,
	} {
		if got, err := ParseInterval(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "10", "00:10", "1:00:00", "00:00:00.5", "00:00:05,5", "24:00:00", "1.00:00:00", "00:60:00", " 00:00:10"} {
		if got, err := ParseInterval(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// FuzzManifest checks that every manifest that is accepted can be served.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(httpManifest))
	f.Add([]byte(timerManifest))
	f.Add([]byte(httpFunction(`"post", "delete"`, "{a}/b/{c}")))
	f.Add([]byte(timerFunction("1-5/2,*/7 0 3 * * 1-5")))
	shipped, err := filepath.Glob("../../../functions/*/function.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range shipped {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		functions, err := load(t, map[string]string{"some": string(data)})
		if err != nil {
			return
		}
		switch f := functions[0]; {
		case f.Timer != nil:
			checkTimer(t, f.Timer)
		case f.HTTP != nil:
			checkReached(t, f)
		default:
			t.Error("neither HTTP nor a timer")
		}
	})
}

func checkTimer(t *testing.T, timer *TimerTrigger) {
	t.Helper()
	start := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	if next := timer.schedule.Next(start); !next.After(start) {
		t.Errorf("the next run of %s is %v", timer.Schedule, next)
	}
	if timer.Retries < 1 || timer.Delay < 0 || timer.Delay >= 24*time.Hour {
		t.Errorf("retries %d every %v", timer.Retries, timer.Delay)
	}
}

func TestLoadReadsDirectSubdirectories(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(timerManifest)}
	functions, err := Load(fstest.MapFS{
		"purge/function.json": file, "function.json": file, "a/b/function.json": file, "empty/other.json": file})
	if err != nil || len(functions) != 1 || functions[0].Name != "purge" {
		t.Errorf("found %+v, %v", functions, err)
	}
}

func TestLoadRefusesNamesThatTheHostRefuses(t *testing.T) {
	for _, name := range []string{"1st", "-x", "_x", "a b", "a.b", "ü", "host", "Host", strings.Repeat("a", 129)} {
		if _, err := load(t, map[string]string{name: timerManifest}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"a", "A-b_9", "hosts", strings.Repeat("a", 128)} {
		mustLoad(t, map[string]string{name: timerManifest})
	}
}

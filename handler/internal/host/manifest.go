package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/secretsharer/secretsharer/handler/internal/strictjson"
)

// Function is one function.json: either an HTTP function or a timer.
type Function struct {
	Name  string // of its directory
	HTTP  *HTTPTrigger
	Timer *TimerTrigger
}

// HTTPTrigger defines which requests reach a function.
type HTTPTrigger struct {
	Methods []string // upper case
	Route   string   // below /api/, without a leading slash; {name} matches one segment
}

// TimerTrigger defines when a timer runs, and how often the host retries a failed run.
type TimerTrigger struct {
	Schedule string // six fields, seconds first, in UTC
	Retries  int
	Delay    time.Duration // between retries

	schedule cron.Schedule
}

// Prefix is the path under which the host serves HTTP functions.
const Prefix = "/api/"

// functionName is the host's own rule. The host also reserves the name "host".
var functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,127}$`)

// Load reads every <name>/function.json of a file system, sorted by name. It
// refuses everything that the host and this package could read differently:
// unknown, missing and duplicated members, bindings other than one httpTrigger in and
// one http out or one timerTrigger in, and ambiguous names, routes and schedules.
func Load(files fs.FS) ([]Function, error) {
	paths, err := fs.Glob(files, "*/function.json")
	if err != nil {
		return nil, fmt.Errorf("find functions: %w", err)
	}
	functions := make([]Function, 0, len(paths))
	for _, p := range paths {
		f, err := loadFunction(files, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		functions = append(functions, f)
	}
	return functions, nil
}

func loadFunction(files fs.FS, file string) (Function, error) {
	name := path.Dir(file)
	if !functionName.MatchString(name) || strings.EqualFold(name, "host") {
		return Function{}, errors.New("not a valid function name")
	}
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return Function{}, err
	}
	f, err := decodeManifest(data)
	f.Name = name
	return f, err
}

// manifest is a function.json.
type manifest struct {
	Bindings []json.RawMessage `json:"bindings"`
	Retry    *retry            `json:"retry,omitempty"`
}

type retry struct {
	Strategy      string `json:"strategy"`
	MaxRetryCount int    `json:"maxRetryCount"`
	DelayInterval string `json:"delayInterval"`
}

// binding is the members of every binding. An HTTP output has no others.
type binding struct {
	Type      string `json:"type"`
	Direction string `json:"direction"`
	Name      string `json:"name"`
}

type httpIn struct {
	binding
	AuthLevel string   `json:"authLevel"`
	Methods   []string `json:"methods"`
	Route     string   `json:"route"`
}

type timerIn struct {
	binding
	Schedule     string `json:"schedule"`
	UseMonitor   bool   `json:"useMonitor"`
	RunOnStartup bool   `json:"runOnStartup"`
}

func decodeManifest(data []byte) (Function, error) {
	var m manifest
	if err := strictjson.Decode(data, &m); err != nil {
		return Function{}, err
	}
	kinds := make([]string, len(m.Bindings))
	for i, data := range m.Bindings {
		var b binding
		if err := json.Unmarshal(data, &b); err != nil { // checked by its kind later
			return Function{}, fmt.Errorf("binding: %w", err)
		}
		if b.Name == "" {
			return Function{}, errors.New("binding without a name")
		}
		kinds[i] = b.Type + " " + b.Direction
	}
	var f Function
	var err error
	switch {
	case slices.Equal(kinds, []string{"httpTrigger in", "http out"}):
		f.HTTP, err = m.http()
	case slices.Equal(kinds, []string{"timerTrigger in"}):
		f.Timer, err = m.timer()
	default:
		err = fmt.Errorf("bindings are %q: want httpTrigger in and http out, or timerTrigger in", kinds)
	}
	return f, err
}

func (m manifest) http() (*HTTPTrigger, error) {
	var in httpIn
	var out binding
	if err := errors.Join(strictjson.Decode(m.Bindings[0], &in), strictjson.Decode(m.Bindings[1], &out)); err != nil {
		return nil, err
	}
	switch {
	case in.AuthLevel != "anonymous":
		return nil, fmt.Errorf("authLevel %q: the handler cannot check a function key", in.AuthLevel)
	case m.Retry != nil:
		return nil, errors.New("retry is for timers: the host ignores it here")
	}
	trigger := &HTTPTrigger{Route: in.Route}
	for _, method := range in.Methods {
		trigger.Methods = append(trigger.Methods, strings.ToUpper(method))
	}
	return trigger, errors.Join(checkRoute(in.Route), checkMethods(in.Methods))
}

// checkMethods allows HEAD only together with GET, because every GET handler must
// answer HEAD, too.
func checkMethods(methods []string) error {
	if len(methods) == 0 {
		return errors.New("no methods: the host would allow all")
	}
	for i, method := range methods {
		if !slices.Contains([]string{"get", "head", "post", "put", "patch", "delete"}, method) {
			return fmt.Errorf("method %q", method)
		}
		if slices.Contains(methods[:i], method) {
			return fmt.Errorf("method %q is duplicated", method)
		}
	}
	if slices.Contains(methods, "get") != slices.Contains(methods, "head") {
		return errors.New("get and head must come together")
	}
	return nil
}

var (
	routeForm = regexp.MustCompile(`^(/([a-z][a-z0-9-]*|\{[a-z]+\}))+$`)
	wildcard  = regexp.MustCompile(`\{[a-z]+\}`)
)

// checkRoute allows plain segments and {name}. The host's constraints, defaults
// and catch-alls have other meanings in net/http.
func checkRoute(route string) error {
	if !routeForm.MatchString("/" + route) {
		return fmt.Errorf("route %q is not made of segments and {wildcards}", route)
	}
	names := wildcard.FindAllString(route, -1)
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		return fmt.Errorf("route %q has a wildcard twice", route)
	}
	return nil
}

func (m manifest) timer() (*TimerTrigger, error) {
	var in timerIn
	if err := strictjson.Decode(m.Bindings[0], &in); err != nil {
		return nil, err
	}
	switch {
	case !in.UseMonitor || in.RunOnStartup:
		return nil, errors.New("a timer needs useMonitor, so that the host catches up on a missed run, and no runOnStartup")
	case m.Retry == nil:
		return nil, errors.New("a timer needs a retry policy")
	case m.Retry.Strategy != "fixedDelay" || m.Retry.MaxRetryCount < 1:
		return nil, errors.New("retry: want fixedDelay and a maxRetryCount of one or more")
	}
	schedule, err := parseSchedule(in.Schedule)
	if err != nil {
		return nil, err
	}
	delay, err := ParseInterval(m.Retry.DelayInterval)
	return &TimerTrigger{Schedule: in.Schedule, Retries: m.Retry.MaxRetryCount, Delay: delay, schedule: schedule}, err
}

// ParseInterval reads an interval of the host's files: hh:mm:ss, less than a day.
func ParseInterval(text string) (time.Duration, error) {
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil || len(text) != len(time.TimeOnly) { // Parse also takes one digit for the hour, and fractions
		return 0, fmt.Errorf("interval %q is not hh:mm:ss", text)
	}
	return t.Sub(t.Truncate(24 * time.Hour)), nil
}

// A field is a list of *, numbers and ranges; * and ranges may have a step.
// A number with a step is refused: NCRONTAB and cron disagree on a step of one.
const (
	element = `(\*(/[0-9]+)?|[0-9]+(-[0-9]+(/[0-9]+)?)?)`
	field   = element + `(,` + element + `)*`
)

var (
	scheduleForm   = regexp.MustCompile(`^` + field + `( ` + field + `){5}$`)
	scheduleParser = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
)

// parseSchedule reads an NCRONTAB expression: six fields, seconds first. It accepts
// only what means the same in cron. If both days are restricted, NCRONTAB wants
// both to match and cron either.
func parseSchedule(text string) (cron.Schedule, error) {
	if !scheduleForm.MatchString(text) {
		return nil, fmt.Errorf("schedule %q is not six fields of *, numbers and ranges, in lists and with steps", text)
	}
	if fields := strings.Fields(text); fields[3] != "*" && fields[5] != "*" {
		return nil, fmt.Errorf("schedule %q restricts both the day of the month and of the week", text)
	}
	schedule, err := scheduleParser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return nil, fmt.Errorf("schedule %q never occurs", text)
	}
	return schedule, nil
}

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Function is one function.json: either an HTTP function or a timer.
type Function struct {
	Name  string // of its folder
	HTTP  *HTTPTrigger
	Timer *TimerTrigger
}

// HTTPTrigger says which requests reach a function.
type HTTPTrigger struct {
	Methods []string // upper case
	Route   string   // below /api/, without a leading slash; {name} stands for one segment
}

// TimerTrigger says when a timer runs, and how often the host tries a failed run again.
type TimerTrigger struct {
	Schedule string // six fields, seconds first, in UTC
	Retries  int
	Delay    time.Duration // between retries

	schedule cron.Schedule
}

// Prefix is the path under which the host serves HTTP functions.
const Prefix = "/api/"

// The host's own rule for a function's name; it reserves "host" besides.
var functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,127}$`)

// Load reads every <name>/function.json of a file system, in the order of their
// names. It refuses what it does not know, rather than leave it to the host: an
// unknown member, another set of bindings than one httpTrigger in and one http
// out, or one timerTrigger in, a name, route or schedule that the host and this
// package would not read alike, and a route that two functions share.
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
	return functions, sharedRoutes(functions)
}

func loadFunction(files fs.FS, file string) (Function, error) {
	name := path.Dir(file)
	if !functionName.MatchString(name) || strings.EqualFold(name, "host") {
		return Function{}, errors.New("not a function's name")
	}
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return Function{}, err
	}
	f, err := decodeManifest(data)
	f.Name = name
	return f, err
}

var wildcard = regexp.MustCompile(`\{[a-z]+\}`)

// sharedRoutes refuses two functions that would get the same requests.
func sharedRoutes(functions []Function) error {
	owner := map[string]string{}
	for _, f := range functions {
		if f.HTTP == nil {
			continue
		}
		for _, method := range f.HTTP.Methods {
			key := method + " " + wildcard.ReplaceAllString(f.HTTP.Route, "{}")
			if other, taken := owner[key]; taken {
				return fmt.Errorf("functions %s and %s share %s %s", other, f.Name, method, f.HTTP.Route)
			}
			owner[key] = f.Name
		}
	}
	return nil
}

var routeForm = regexp.MustCompile(`^([a-z][a-z0-9-]*|\{[a-z]+\})(/([a-z][a-z0-9-]*|\{[a-z]+\}))*$`)

// checkRoute admits plain segments and {name}: the host's constraints, defaults
// and catch-alls mean something else to net/http.
func checkRoute(route string) error {
	if !routeForm.MatchString(route) {
		return fmt.Errorf("route %q is not made of segments and {wildcards}", route)
	}
	names := wildcard.FindAllString(route, -1)
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		return fmt.Errorf("route %q names a wildcard twice", route)
	}
	return nil
}

package hosttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/secretsharer/secretsharer/handler/internal/host"
)

// config is what of host.json matters here.
type config struct {
	Version         string
	FunctionTimeout string
	CustomHandler   struct {
		Description struct {
			DefaultExecutablePath string
			Arguments             []string
		}
		EnableProxyingHTTPRequest bool `json:"enableProxyingHttpRequest"`
	}
	Extensions struct {
		HTTP struct{ RoutePrefix *string }
	}

	limit time.Duration // of a call, after which the handler is killed
}

// killGrace is how long the host lets a call go on after functionTimeout.
const killGrace = 2 * time.Second

func readConfig(dir string) (c config, err error) {
	data, err := fs.ReadFile(os.DirFS(dir), "host.json")
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("host.json: %w", err)
	}
	timeout, err := host.ParseInterval(c.FunctionTimeout)
	if err != nil {
		return c, fmt.Errorf("host.json: functionTimeout: %w", err)
	}
	c.limit = timeout + killGrace
	return c, c.check(dir)
}

func (c config) check(dir string) error {
	prefix := c.Extensions.HTTP.RoutePrefix
	switch {
	case c.Version != "2.0":
		return fmt.Errorf("host.json: version %q", c.Version)
	case !c.CustomHandler.EnableProxyingHTTPRequest:
		return errors.New("host.json: HTTP is not proxied")
	case prefix != nil && *prefix != "api":
		return fmt.Errorf("host.json: route prefix %q", *prefix)
	}
	return checkExecutable(filepath.Join(dir, c.CustomHandler.Description.DefaultExecutablePath))
}

// checkExecutable fails where the real host would stay up and do nothing.
func checkExecutable(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not executable: mode %v", file, info.Mode())
	}
	return nil
}

//go:build selfhost

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// composeService is a service of the compose file: the members that the tests check.
type composeService struct {
	Environment map[string]string
	ReadOnly    bool     `json:"read_only"`
	CapDrop     []string `json:"cap_drop"`
	CapAdd      []string `json:"cap_add"`
	SecurityOpt []string `json:"security_opt"`
	Healthcheck struct{ Test []string }
	Networks    map[string]any
	Ports       []any
	Privileged  bool
	User        string
}

type composeProject struct {
	Services map[string]composeService
	Networks map[string]struct {
		Internal bool
		Ipam     struct{ Config []struct{ Subnet string } }
	}
}

var variable = regexp.MustCompile(`\$\{(SITE|VERSION):\?[^}]*\}`)

// loadCompose reads the compose file with the specification's own loader, which
// refuses unknown members.
func loadCompose(t *testing.T) (p composeProject) {
	t.Helper()
	text, err := os.ReadFile(released(t, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	filled := variable.ReplaceAll(text, []byte("secrets.example.com"))
	name := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(name, filled, 0o600); err != nil {
		t.Fatal(err)
	}
	model, stderr, code := run(t, exec.Command(fromMake(t, "COMPOSE"), "-format", "json", name), "")
	if code != 0 || strings.Contains(stderr, "is not set") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	parseJSON(t, []byte(model), &p)
	return p
}

func TestComposeServicesHaveNoPrivileges(t *testing.T) {
	p := loadCompose(t)
	for name, s := range p.Services {
		if !s.ReadOnly || s.Privileged || s.User != "" || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if added := p.Services["caddy"].CapAdd; len(p.Services) != 2 || len(p.Services["handler"].CapAdd) > 0 || !slices.Equal(added, []string{"NET_BIND_SERVICE"}) {
		t.Errorf("capabilities: %+v", p.Services)
	}
}

func TestOnlyCaddyReachesTheHandler(t *testing.T) {
	p := loadCompose(t)
	inner := p.Networks["inner"]
	if handler := p.Services["handler"]; len(handler.Ports) > 0 || len(handler.Networks) != 1 || !inner.Internal {
		t.Errorf("the handler is on %v with ports %v", handler.Networks, handler.Ports)
	}
	if got := p.Services["handler"].Environment["SSS_TRUSTED_PROXIES"]; got != inner.Ipam.Config[0].Subnet {
		t.Errorf("it trusts %s, but Caddy is in %+v", got, inner)
	}
}

// The handler refuses unknown and unsafe settings.
func TestTheHandlerStartsWithTheSettingsOfTheComposeFile(t *testing.T) {
	var settings []string
	for name, value := range loadCompose(t).Services["handler"].Environment {
		settings = append(settings, name+"="+value)
	}
	if len(settings) == 0 {
		t.Fatal("no settings")
	}
	standalone(t, settings...)
}

func TestTheComposeFileHasTheHealthCheckOfTheImage(t *testing.T) {
	if got, want := loadCompose(t).Services["handler"].Healthcheck.Test, loadImage(t, t.TempDir()).Healthcheck.Test; !slices.Equal(got, want) {
		t.Errorf("%q, but the image has %q", got, want)
	}
}

//go:build selfhost

package selfhost

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// service is one of the compose file's, as far as the tests look.
type service struct {
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

type project struct {
	Services map[string]service
	Networks map[string]struct {
		Internal bool
		Ipam     struct{ Config []struct{ Subnet string } }
	}
}

var variable = regexp.MustCompile(`\$\{(SITE|VERSION):\?[^}]*\}`)

// composed reads the compose file with the specification's own loader, which
// refuses what the specification does not know.
func composed(t *testing.T) (p project) {
	t.Helper()
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	filled := variable.ReplaceAll(text, []byte("secrets.example.com"))
	name := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(name, filled, 0o600); err != nil {
		t.Fatal(err)
	}
	model, said, code := run(t, exec.Command(given(t, "COMPOSE"), "-format", "json", name), "")
	if code != 0 || strings.Contains(said, "is not set") {
		t.Fatalf("exit %d: %s", code, said)
	}
	decode(t, []byte(model), &p)
	return p
}

func TestTheServicesOfTheComposeFileAreLockedUp(t *testing.T) {
	p := composed(t)
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
	p := composed(t)
	inner := p.Networks["inner"]
	if handler := p.Services["handler"]; len(handler.Ports) > 0 || len(handler.Networks) != 1 || !inner.Internal {
		t.Errorf("the handler is on %v with ports %v", handler.Networks, handler.Ports)
	}
	if got := p.Services["handler"].Environment["SSS_TRUSTED_PROXIES"]; got != inner.Ipam.Config[0].Subnet {
		t.Errorf("it trusts %s, and Caddy is in %+v", got, inner)
	}
}

// The handler refuses what it does not know, and what is not safe.
func TestTheHandlerTakesTheSettingsOfTheComposeFile(t *testing.T) {
	var settings []string
	for name, value := range composed(t).Services["handler"].Environment {
		settings = append(settings, name+"="+value)
	}
	if len(settings) == 0 {
		t.Fatal("there are none")
	}
	handler(t, settings...)
}

func TestTheComposeFileAsksTheImagesOwnHealth(t *testing.T) {
	if got, want := composed(t).Services["handler"].Healthcheck.Test, loaded(t, t.TempDir()).Healthcheck.Test; !slices.Equal(got, want) {
		t.Errorf("%q, and the image %q", got, want)
	}
}

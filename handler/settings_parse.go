package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// parsed makes a setter from a parser. No error of it quotes the value, which
// may be a key in the wrong place.
func parsed[T any](field func(*Settings) *T, parse func(string) (T, error)) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		v, err := parse(value)
		if err == nil {
			*field(s) = v
		}
		return err
	}
}

func asIs(value string) (string, error) { return value, nil }

func text(field func(*Settings) *string) func(*Settings, string) error { return parsed(field, asIs) }

func choice(field func(*Settings) *string, choices ...string) func(*Settings, string) error {
	return parsed(field, func(value string) (string, error) {
		if !slices.Contains(choices, value) {
			return "", fmt.Errorf("must be one of %s", strings.Join(choices, ", "))
		}
		return value, nil
	})
}

func list[T any](field func(*Settings) *[]T, parse func(string) (T, error)) func(*Settings, string) error {
	return parsed(field, func(value string) (all []T, err error) {
		for item := range strings.SplitSeq(value, ",") {
			v, err := parse(strings.TrimSpace(item))
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", len(all)+1, err)
			}
			all = append(all, v)
		}
		return all, nil
	})
}

// level admits names only, and none that would leave out errors.
func level(field func(*Settings) *zerolog.Level) func(*Settings, string) error {
	return parsed(field, func(value string) (zerolog.Level, error) {
		for l := zerolog.TraceLevel; l <= zerolog.ErrorLevel; l++ {
			if value == l.String() {
				return l, nil
			}
		}
		return 0, errors.New("must be one of trace, debug, info, warn, error")
	})
}

func boolean(field func(*Settings) *bool) func(*Settings, string) error {
	return parsed(field, func(value string) (bool, error) {
		if value != "true" && value != "false" {
			return false, errors.New("must be true or false")
		}
		return value == "true", nil
	})
}

func onOff(field func(*Settings) *bool) func(*Settings, string) error {
	return parsed(field, func(value string) (bool, error) {
		if value != "on" && value != "off" {
			return false, errors.New("must be on or off")
		}
		return value == "on", nil
	})
}

func number(field func(*Settings) *int, least, most int) func(*Settings, string) error {
	return parsed(field, func(value string) (int, error) {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("must be a number from %d to %d", least, most)
		}
		return n, nil
	})
}

func duration(field func(*Settings) *time.Duration) func(*Settings, string) error {
	return parsed(field, func(value string) (time.Duration, error) {
		d, err := time.ParseDuration(value)
		if err != nil && value != "0" || d < 0 || d%time.Second != 0 {
			return 0, errors.New("must be a length of time in whole seconds, such as 90m or 24h")
		}
		return d, nil
	})
}

var sizeForm = regexp.MustCompile(`^([1-9][0-9]{0,5})(KiB|MiB|GiB|TiB)$`)

func size(field func(*Settings) *int64) func(*Settings, string) error {
	return parsed(field, func(value string) (int64, error) {
		m := sizeForm.FindStringSubmatch(value)
		if m == nil {
			return 0, errors.New("must be a size such as 512MiB or 8GiB")
		}
		n, err := strconv.ParseInt(m[1], 10, 64)
		return n << map[string]int{"KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}[m[2]], err
	})
}

var rateForm = regexp.MustCompile(`^([1-9][0-9]{0,5})/([smh])$`)

func rateOf(field func(*Settings) *Rate) func(*Settings, string) error {
	return parsed(field, func(value string) (Rate, error) {
		if value == "off" {
			return Rate{}, nil
		}
		m := rateForm.FindStringSubmatch(value)
		if m == nil {
			return Rate{}, errors.New("must be a rate such as 20/m, or off")
		}
		n, err := strconv.Atoi(m[1])
		return Rate{n, map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[m[2]]}, err
	})
}

func address(field func(*Settings) *string) func(*Settings, string) error {
	return parsed(field, func(value string) (string, error) {
		_, port, err := net.SplitHostPort(value)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return "", errors.New("must be an address such as 127.0.0.1:7071")
		}
		return value, nil
	})
}

func origin(field func(*Settings) *string) func(*Settings, string) error {
	return parsed(field, parseOrigin)
}

// originForm is that of links. It admits plain http, which a reverse proxy or a
// test may want, and no wildcard.
var originForm = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)

func parseOrigin(value string) (string, error) {
	value = strings.ToLower(strings.TrimSuffix(value, "/"))
	if !originForm.MatchString(value) {
		return "", errors.New("must be an origin such as https://secrets.example.com")
	}
	return value, nil
}

func endpoint(field func(*Settings) *string) func(*Settings, string) error {
	return parsed(field, func(value string) (string, error) {
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !guarded(u) {
			return "", errors.New("must be an https address, or http on a loopback address")
		}
		return value, nil
	})
}

// guarded reports whether nobody in between reads along.
func guarded(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && loopbackURL(u.String())
}

func loopbackURL(value string) bool {
	u, err := url.Parse(value)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

var namespaceForm = regexp.MustCompile(`^(sb://127\.0\.0\.1:[0-9]{1,5}|[a-z0-9-]+(\.[a-z0-9-]+)+)$`)

func namespace(field func(*Settings) *string) func(*Settings, string) error {
	return parsed(field, func(value string) (string, error) {
		if !namespaceForm.MatchString(value) {
			return "", errors.New("must be a namespace such as name.servicebus.windows.net, or sb://127.0.0.1:port")
		}
		return value, nil
	})
}

func parseKeyHash(value string) (h KeyHash, err error) {
	if n, err := hex.Decode(h[:], []byte(value[:min(len(value), 2*len(h))])); err != nil || n != len(h) || len(value) != 2*len(h) {
		return h, errors.New("must be 64 hex digits of a key's SHA-256")
	}
	return h, nil
}

func parseNetwork(value string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(value); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(value)
	if err != nil {
		return p, errors.New("must be a network such as 10.0.0.0/8")
	}
	return p.Masked(), nil
}

func parseResource(value string) (string, error) {
	if !strings.HasPrefix(strings.ToLower(value), "/subscriptions/") {
		return "", errors.New("must be an ARM id, such as /subscriptions/<id>")
	}
	return value, nil
}

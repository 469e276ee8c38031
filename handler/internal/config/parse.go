package config

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

// into returns a setter of a field. No parser quotes the value in its error.
func into[T any](field *T, parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		v, err := parse(value)
		if err == nil {
			*field = v
		}
		return err
	}
}

func text(value string) (string, error) { return value, nil }

// list parses entries separated by commas.
func list[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(value string) (all []T, err error) {
		for item := range strings.SplitSeq(value, ",") {
			v, err := parse(strings.TrimSpace(item))
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", len(all)+1, err)
			}
			all = append(all, v)
		}
		return all, nil
	}
}

func choice(choices ...string) func(string) (string, error) {
	return func(value string) (string, error) {
		if !slices.Contains(choices, value) {
			return "", fmt.Errorf("must be one of %s", strings.Join(choices, ", "))
		}
		return value, nil
	}
}

func boolean(yes, no string) func(string) (bool, error) {
	return func(value string) (bool, error) {
		if value != yes && value != no {
			return false, fmt.Errorf("must be %s or %s", yes, no)
		}
		return value == yes, nil
	}
}

func number(least, most int) func(string) (int, error) {
	return func(value string) (int, error) {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("must be a number from %d to %d", least, most)
		}
		return n, nil
	}
}

// level admits names only, and no level that would leave out errors.
func level(value string) (zerolog.Level, error) {
	for l := zerolog.TraceLevel; l <= zerolog.ErrorLevel; l++ {
		if value == l.String() {
			return l, nil
		}
	}
	return 0, errors.New("must be one of trace, debug, info, warn, error")
}

func duration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil && value != "0" || d < 0 || d%time.Second != 0 {
		return 0, errors.New("must be a duration in whole seconds, such as 90m or 24h")
	}
	return d, nil
}

var sizeForm = regexp.MustCompile(`^([1-9][0-9]{0,5})(KiB|MiB|GiB|TiB)$`)

func size(value string) (int64, error) {
	m := sizeForm.FindStringSubmatch(value)
	if m == nil {
		return 0, errors.New("must be a size such as 512MiB or 8GiB")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n << map[string]int{"KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}[m[2]], err
}

func sizeOrOff(value string) (int64, error) {
	if value == "off" {
		return 0, nil
	}
	n, err := size(value)
	if err != nil {
		return 0, fmt.Errorf("%w, or off", err)
	}
	return n, nil
}

var rateForm = regexp.MustCompile(`^([1-9][0-9]{0,5})/([smh])$`)

func rate(value string) (Rate, error) {
	if value == "off" {
		return Rate{}, nil
	}
	m := rateForm.FindStringSubmatch(value)
	if m == nil {
		return Rate{}, errors.New("must be a rate such as 20/m, or off")
	}
	n, err := strconv.Atoi(m[1])
	return Rate{n, map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[m[2]]}, err
}

func address(value string) (string, error) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", errors.New("must be an address such as 127.0.0.1:7071")
	}
	return value, nil
}

// originForm admits plain http, for a reverse proxy or a test, and no wildcard.
var originForm = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)

func origin(value string) (string, error) {
	value = strings.ToLower(strings.TrimSuffix(value, "/"))
	if !originForm.MatchString(value) {
		return "", errors.New("must be an origin such as https://secrets.example.com")
	}
	return value, nil
}

func endpoint(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname())) {
		return "", errors.New("must be an https address, or http on a loopback address")
	}
	return value, nil
}

func loopbackURL(value string) bool {
	u, err := url.Parse(value)
	return err == nil && loopbackHost(u.Hostname())
}

func loopback(address string) bool {
	name, _, err := net.SplitHostPort(address)
	return err == nil && loopbackHost(name)
}

func loopbackHost(name string) bool {
	return name == "localhost" || net.ParseIP(name).IsLoopback()
}

var namespaceForm = regexp.MustCompile(`^(sb://127\.0\.0\.1:[0-9]{1,5}|[a-z0-9-]+(\.[a-z0-9-]+)+)$`)

func namespace(value string) (string, error) {
	if !namespaceForm.MatchString(value) {
		return "", errors.New("must be a namespace such as name.servicebus.windows.net, or sb://127.0.0.1:port")
	}
	return value, nil
}

func keyHash(value string) (h KeyHash, err error) {
	hash, err := hex.DecodeString(value)
	if err != nil || len(hash) != len(h) {
		return h, errors.New("must be the 64 hex digits of a key's SHA-256")
	}
	return KeyHash(hash), nil
}

func network(value string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(value); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(value)
	if err != nil {
		return p, errors.New("must be a network such as 10.0.0.0/8")
	}
	return p.Masked(), nil
}

func resource(value string) (string, error) {
	if !strings.HasPrefix(strings.ToLower(value), "/subscriptions/") {
		return "", errors.New("must be an ARM ID, such as /subscriptions/<id>")
	}
	return value, nil
}

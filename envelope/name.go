package envelope

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// noName is the name of a file whose sender gave none that can be used.
	noName = "secret.bin"
	// maxName is the longest name in bytes of UTF-8. File systems allow 255.
	maxName = 200
	// maxExtension is the longest extension in characters, with its full stop, that a cut name keeps.
	maxExtension = 12
	ellipsis     = "…"
)

var (
	// devices are names that Windows gives to devices, in any directory and with any extension.
	devices = regexp.MustCompile(`^(?i:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)`)
	// invisible are the characters that are removed from names: they are not seen, or reorder others.
	invisible = []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector}
	special = strings.NewReplacer(":", "_", "*", "_", "?", "_", `"`, "_", "<", "_", ">", "_", "|", "_")
)

// SafeName turns the name that a sender gave a file into one under which it can be
// saved on every system: the last part of a path, in one line, without a character that is
// invisible or special. It has 1 to 200 bytes.
func SafeName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, invisible...) {
			return -1
		}
		return r
	}, name)
	name = special.Replace(name)
	name = strings.Join(strings.Fields(name), " ")
	name = strings.TrimRight(strings.TrimLeft(name, ".-~ "), ". ")
	if strings.Trim(name, "_.") == "" {
		name = noName
	}
	if devices.MatchString(name) {
		name = "_" + name
	}
	return cutName(name)
}

// cutName cuts a long name before its extension.
func cutName(name string) string {
	if len(name) <= maxName {
		return name
	}
	end := ellipsis
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && utf8.RuneCountInString(name[dot:]) <= maxExtension {
		name, end = name[:dot], ellipsis+name[dot:]
	}
	n := maxName - len(end)
	for !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n] + end
}

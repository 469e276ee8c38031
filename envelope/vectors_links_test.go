package envelope

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/secretsharer/secretsharer/envelope/header"
)

const vectorOrigin = "https://secrets.example"

// vectorExpiry is the expiry of most vectors: seconds since 1970, not a multiple of 600.
const vectorExpiry = 1_800_000_123

// seeded returns bytes that look random and are always the same.
func seeded(name string) [32]byte { return sha256.Sum256([]byte("vector " + name)) }

func vectorLink(name string) Link {
	return Link{Origin: vectorOrigin, Key: seeded(name), Slot: vectorExpiry / 600}
}

func makeLinkVectors() []linkVector {
	l := vectorLink("link")
	m := ManageLink{Origin: vectorOrigin, ID: l.ID(), Manage: seeded("manage")}
	read := func(name, input string) linkVector {
		got := l
		got.Origin = originOf(input)
		return linkVector{Name: name, Kind: "read", Input: input, Link: got.String(), Origin: got.Origin, Key: l.Key[:], Slot: &l.Slot}
	}
	manage := func(name, input string) linkVector {
		return linkVector{Name: name, Kind: "manage", Input: input, Link: m.String(), Origin: m.Origin, ID: m.ID[:], Manage: m.Manage[:]}
	}
	text, manageText := l.String(), m.String()
	_, tail, _ := strings.Cut(text, "#")
	good := []linkVector{
		read("as written", text),
		read("%23 for #", strings.Replace(text, "#", "%23", 1)),
		read("upper case", strings.ToUpper(text)),
		read("o for 0", misread(text, "0", "o")),
		read("O for 0", misread(text, "0", "O")),
		read("i for 1, the version's too", misread(text, "1", "i")),
		read("l for 1, the version's too", misread(text, "1", "l")),
		read("I and L for 1", misread(text, "1", "I")[:60]+misread(text, "1", "L")[60:]),
		read("hyphens", vectorOrigin+"/s#"+grouped(tail, 7, "-")),
		read("spaces", "  "+vectorOrigin+"/s# "+grouped(tail, 4, " ")+" "),
		read("line breaks", vectorOrigin+"/s\r\n#"+grouped(tail, 20, "\r\n")+"\n"),
		read("a line break in the origin", "https://secrets.\nexample/s#"+tail),
		read("tab and no-break space", "\t"+vectorOrigin+"/s#\u00a0"+tail),
		read("everything at once", strings.ToUpper(vectorOrigin)+"/S%23 "+grouped(misread(strings.ToUpper(tail), "0", "o"), 8, "-\n")),
		read("loopback with a port", "http://127.0.0.1:7071/s#"+tail),
		read("an IPv6 origin", "http://[::1]:7071/s#"+tail),
		read("a name with a hyphen", "https://my-secrets.example/s#"+tail),
		manage("manage: as written", manageText),
		manage("manage: %23 for #", strings.Replace(manageText, "#", "%23", 1)),
		manage("manage: upper case", strings.ToUpper(manageText)),
		manage("manage: hyphens and line breaks", manageText[:40]+"-\r\n"+manageText[40:80]+" "+manageText[80:]),
	}
	return append(good, badLinkVectors(l, m)...)
}

func badLinkVectors(l Link, m ManageLink) []linkVector {
	text, manageText := l.String(), m.String()
	_, tail, _ := strings.Cut(text, "#")
	at := vectorOrigin + "/s#"
	read := func(name, slug, input string) linkVector {
		return linkVector{Name: name, Kind: "read", Input: input, Error: slug}
	}
	manage := func(name, slug, input string) linkVector {
		return linkVector{Name: name, Kind: "manage", Input: input, Error: slug}
	}
	payload := append(l.Key[:], byte(l.Slot>>24), byte(l.Slot>>16), byte(l.Slot>>8), byte(l.Slot))
	return []linkVector{
		read("nothing", "link-form", ""),
		read("no #", "link-form", vectorOrigin+"/s"),
		read("no page", "link-form", vectorOrigin+"#"+tail),
		read("another page", "link-form", vectorOrigin+"/x#"+tail),
		read("a deeper page", "link-form", vectorOrigin+"/a/s#"+tail),
		read("a query", "link-form", vectorOrigin+"/s?x=1#"+tail),
		read("no origin", "link-form", "/s#"+tail),
		read("another scheme", "link-form", "ftp://secrets.example/s#"+tail),
		read("a user in the origin", "link-form", "https://me@secrets.example/s#"+tail),
		read("escaped twice", "link-form", vectorOrigin+"/s%2523"+tail),
		read("a manage link", "link-form", manageText),
		read("nothing after #", "link-version", at),
		read("version 0", "link-version", at+"0"+tail[1:]),
		read("version 2", "link-version", at+"2"+tail[1:]),
		read("two #", "link-version", at+"#"+tail),
		read("u", "link-alphabet", at+tail[:9]+"u"+tail[10:]),
		read("a full stop at the end", "link-alphabet", text+"."),
		read("a letter with an accent", "link-alphabet", at+tail[:9]+"é"+tail[10:]),
		read("an escaped character", "link-alphabet", at+tail[:9]+"%20"+tail[9:]),
		read("base32's padding", "link-alphabet", text+"="),
		read("nothing after the version", "link-length", at+"1"),
		read("one character short", "link-length", text[:len(text)-1]),
		read("one character long", "link-length", text+"0"),
		read("twice", "link-alphabet", text+text),
		read("one character changed", "link-checksum", changed(text, len(text)-30)),
		read("the first character changed", "link-checksum", changed(text, len(at)+1)),
		read("two characters swapped", "link-checksum", swappedPair(text, len(at)+1)),
		read("a manage link's checksum", "link-checksum", at+"1"+encode(manageKind, payload)),
		read("a spare bit set", "link-spare", spareBit(text, 1)),
		read("all spare bits set", "link-spare", spareBit(text, 7)),
		manage("manage: a link", "link-form", text),
		manage("manage: version 2", "link-version", strings.Replace(manageText, "#1", "#2", 1)),
		manage("manage: one character changed", "link-checksum", changed(manageText, len(manageText)-9)),
		manage("manage: one character short", "link-length", manageText[:len(manageText)-1]),
		manage("manage: a star", "link-alphabet", manageText[:50]+"*"+manageText[51:]),
	}
}

// originOf returns the origin of an input after its repair.
func originOf(input string) string {
	for _, other := range []string{"http://127.0.0.1:7071", "http://[::1]:7071", "https://my-secrets.example"} {
		if strings.HasPrefix(input, other) {
			return other
		}
	}
	return vectorOrigin
}

// misread replaces from by to after the #.
func misread(link, from, to string) string {
	i := strings.Index(link, "#") + 1
	return link[:i] + strings.ReplaceAll(link[i:], from, to)
}

func grouped(s string, n int, separator string) string {
	var groups []string
	for ; len(s) > n; s = s[n:] {
		groups = append(groups, s[:n])
	}
	return strings.Join(append(groups, s), separator)
}

func changed(s string, i int) string {
	other := strings.IndexByte(header.Alphabet, s[i]) ^ 1
	return s[:i] + header.Alphabet[other:other+1] + s[i+1:]
}

func swappedPair(s string, i int) string {
	for s[i] == s[i+1] {
		i++
	}
	return s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
}

func spareBit(s string, bits int) string {
	last := strings.IndexByte(header.Alphabet, s[len(s)-1]) | bits
	return s[:len(s)-1] + header.Alphabet[last:last+1]
}

var vectorTime = time.Unix(vectorExpiry, 0).UTC()

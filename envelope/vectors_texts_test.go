package envelope

import (
	"strings"
	"testing"
)

func makeKeyVectors(t *testing.T) []keyVector {
	t.Helper()
	var made []keyVector
	for _, c := range []struct{ name, seed, passphrase string }{
		{"link alone", "key 1", ""},
		{"link alone, slot 0", "key 2", ""},
		{"link alone, last slot", "key 3", ""},
		{"passphrase", "key 1", "correct horse battery staple"},
		{"composed", "key 1", "Zo\u00eb \u1e69"},
		{"decomposed: the same keys", "key 1", "Zoe\u0308 s\u0307\u0323"},
		{"spaces count, and compatibility characters stay", "key 1", " \ufb01\uff21\u00b2 "},
		{"a musical symbol, Hangul, 200 characters", "key 1", "\U0001d11e\u1112\u1161\u11ab" + strings.Repeat("0123456789", 20)},
		{"a byte order mark is a character", "key 1", "\ufeffx"},
		{"1024 bytes", "key 1", strings.Repeat("\u00e9", 512)},
		{"30 marks in a row, twice", "key 1", "a" + strings.Repeat("\u0300", 30) + "b" + strings.Repeat("\u0301", 30)},
		{"characters new in Unicode 15.0, one that moves another", "key 1", "\U00011f02\U00011f41\U0001e08f\u0323"},
		{"a private character, and the last before the surrogates", "key 1", "\ue000\ud7fb\x00"},
		{"1025 bytes", "key 1", strings.Repeat("\u00e9", 512) + "e"},
		{"31 marks in a row", "key 1", "a" + strings.Repeat("\u0300", 31)},
		{"31 marks, two of them in one letter", "key 1", "\u1e14" + strings.Repeat("\u0300", 29)},
		{"31 marks, two of them in a presentation form", "key 1", "\ufc5e" + strings.Repeat("\u064b", 29)},
		{"31 vowels of Hangul", "key 1", "\u1100" + strings.Repeat("\u1161", 31)},
		{"31 enclosing and spacing marks", "key 1", strings.Repeat("\u20dd", 15) + strings.Repeat("\u0903", 16)},
		{"a character of Unicode 16.0", "key 1", "\u0897"},
		{"characters that Unicode 16.0 composes", "key 1", "\U000105d2\u0307 \U00011382\U000113c9"},
		{"an ideograph of Unicode 15.1", "key 1", "\U0002ebf0"},
		{"a code point that is no character", "key 1", "\ufffe"},
		{"the last code point", "key 1", "\U0010ffff"},
	} {
		made = append(made, makeKeyVector(c.name, c.seed, c.passphrase))
	}
	return made
}

func makeKeyVector(name, seed, passphrase string) keyVector {
	l := vectorLink(seed)
	switch seed {
	case "key 2":
		l.Slot = 0
	case "key 3":
		l.Slot = 1<<32 - 1
	}
	v := keyVector{Name: name, Key: l.Key[:], Slot: l.Slot, Passphrase: passphrase}
	k, err := l.Keys(passphrase)
	if err != nil {
		v.Error = slug(err)
		return v
	}
	v.ID, v.IDText, v.Access, v.Claim, v.Enc = k.ID[:], k.ID.String(), k.Access[:], k.Claim[:], k.enc[:]
	return v
}

func makeNameVectors() []nameVector {
	var made []nameVector
	for _, c := range [][2]string{
		{"key.p12", "key.p12"},
		{"\u00dcbergr\u00f6\u00dfe \u65e5\u672c.pdf", "\u00dcbergr\u00f6\u00dfe \u65e5\u672c.pdf"},
		{"U\u0308.txt", "U\u0308.txt"},
		{"../../etc/passwd", "passwd"},
		{`C:\Windows\evil.exe`, "evil.exe"},
		{`a/b\c/d\e`, "e"},
		{"a/", "secret.bin"},
		{"..", "secret.bin"},
		{"", "secret.bin"},
		{"._.", "secret.bin"},
		{" - ", "secret.bin"},
		{".bashrc", "bashrc"},
		{"-rf", "rf"},
		{"~root", "root"},
		{"name. . ", "name"},
		{"a  \u3000 b.txt", "a b.txt"},
		{"a<b>:c?|\"*.txt", "a_b__c____.txt"},
		{"invoice\u202efdp.exe", "invoicefdp.exe"},
		{"a\x00b\n\t\x1b\x7f\u009b.txt", "ab.txt"},
		{"\ufeffx\u200b\u2066\u2028\u00ad\u2065.txt", "x.txt"},
		{"\u3164\u115f\ufe0f\U000e0041\U000e0fff", "secret.bin"},
		{"x\ue000.txt", "x.txt"},
		{"CON", "_CON"},
		{"nul.txt", "_nul.txt"},
		{"Com1 .tar.gz", "_Com1 .tar.gz"},
		{"lpt\u00b2", "_lpt\u00b2"},
		{"conin$", "_conin$"},
		{"C\u200bON.txt", "_CON.txt"},
		{"console.txt", "console.txt"},
		{"com0", "_com0"},
		{strings.Repeat("n", 200), strings.Repeat("n", 200)},
		{strings.Repeat("n", 500) + ".tar", strings.Repeat("n", 193) + "\u2026.tar"},
		{strings.Repeat("\u65e5", 100) + ".pdf", strings.Repeat("\u65e5", 64) + "\u2026.pdf"},
		{strings.Repeat("n", 300) + "." + strings.Repeat("x", 12), strings.Repeat("n", 197) + "\u2026"},
		{"aux." + strings.Repeat("n", 300), "_aux." + strings.Repeat("n", 192) + "\u2026"},
	} {
		made = append(made, nameVector{Name: c[0], Safe: c[1]})
	}
	return made
}

// Package envelope is the client's side of a secret: the link that carries its key,
// the keys derived from it, and the encrypted envelope that a server stores without
// being able to read it. docs/envelope.md specifies the format, version 1, and
// testdata/vectors.json holds it together with its twin in TypeScript.
//
// A sender makes a [Link], derives its [Keys], and calls [Seal]; a reader parses the
// link, derives the same keys, and calls [Open]. Both stream: memory does not grow
// with the secret. Nothing here does any I/O beyond the readers and writers given.
// Links, keys and Meta are plain values; a [Reader] is for one goroutine.
package envelope

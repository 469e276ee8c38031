package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"time"
)

// part is one entry of a tar.
type part struct {
	header tar.Header
	data   []byte
}

func file(name string, data []byte, mode int64) part {
	return part{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(data))}, data}
}

func folder(name string, mode int64, owner int) part {
	return part{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode, Uid: owner, Gid: owner}, nil}
}

// archive is a tar of the parts in their order, all of one time.
func archive(at time.Time, parts ...part) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, p := range parts {
		p.header.ModTime, p.header.Format = at, tar.FormatUSTAR
		if err := w.WriteHeader(&p.header); err != nil {
			return nil, fmt.Errorf("%s: %w", p.header.Name, err)
		}
		if _, err := w.Write(p.data); err != nil {
			return nil, fmt.Errorf("%s: %w", p.header.Name, err)
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

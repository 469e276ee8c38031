// Command figures prints the size of the code as a Markdown table: lines of the
// product, of its tests, and of the test doubles and checkers, the share of
// comments, exported names, and circles among the page's imports (the Go compiler
// refuses those among packages). make figures runs it at the root of the tree.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// product matches the directories of the programs.
	product = regexp.MustCompile(`^(api|client|cmd|envelope|functions|handler|web)(/|$)`)
	// release matches the directory of the program that packages them.
	release = regexp.MustCompile(`^release(/|$)`)
	// doubles matches the directories of code that only tests use.
	doubles = regexp.MustCompile(`(^|/)(storetest|hosttest|vaulttest|sealtest|bustest|testkit|transcript|e2e|bench|simulation|interleaving|testdata)(/|$)|^(infra|web/test)(/|$)`)
	// skipped matches directories of built and installed files.
	skipped = regexp.MustCompile(`(^|/)(node_modules|dist|bin|\.[^/]+)$`)
	// imports matches an import or a re-export of a file of the page.
	imports = regexp.MustCompile(`(?m)^(?:import|export) [^'";]*from ['"](\.[^'"]*)['"]`)
)

// figures are the counts.
type figures struct {
	product, comments, release, doubles, tests, page int                 // lines
	exported                                         map[string]int      // names of the product, by directory
	imported                                         map[string][]string // files of the page, by the file that imports them
}

func main() {
	f := figures{exported: map[string]int{}, imported: map[string][]string{}}
	if err := f.read(os.DirFS(".")); err != nil {
		fmt.Fprintf(os.Stderr, "figures: %v\n", err)
		os.Exit(1)
	}
	f.write(os.Stdout)
}

func (f *figures) read(tree fs.FS) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && name != "." && skipped.MatchString(name) {
				err = fs.SkipDir
			}
			return err
		}
		if ext := path.Ext(name); ext != ".go" && ext != ".ts" && ext != ".tsx" {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		return f.add(name, data)
	})
}

func (f *figures) add(name string, data []byte) error {
	dir, lines := path.Dir(name), bytes.Count(data, []byte("\n"))
	switch {
	case path.Ext(name) != ".go":
		if strings.HasPrefix(name, "web/src/") {
			f.page += lines
			for _, m := range imports.FindAllSubmatch(data, -1) {
				f.imported[name] = append(f.imported[name], path.Join(dir, string(m[1])))
			}
		}
	case strings.HasSuffix(name, "_test.go"):
		f.tests += lines
	case doubles.MatchString(dir):
		f.doubles += lines
	case release.MatchString(dir):
		f.release += lines
	case product.MatchString(dir):
		f.product += lines
		for line := range bytes.Lines(data) {
			if bytes.HasPrefix(bytes.TrimSpace(line), []byte("//")) {
				f.comments++
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f.exported[dir] += exportedNames(file)
	}
	return nil
}

// exportedNames counts functions, types, constants and variables, without methods.
func exportedNames(file *ast.File) (n int) {
	count := func(names ...*ast.Ident) {
		for _, name := range names {
			if name.IsExported() {
				n++
			}
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				count(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					count(s.Name)
				case *ast.ValueSpec:
					count(s.Names...)
				}
			}
		}
	}
	return n
}

// circle returns the files of one circle of imports, or nothing.
func (f *figures) circle() []string {
	done := map[string]bool{}
	var visit func(name string, above []string) []string
	visit = func(name string, above []string) []string {
		if at := slices.Index(above, name); at >= 0 {
			return append(slices.Clone(above[at:]), name)
		}
		if done[name] {
			return nil
		}
		above = append(slices.Clone(above), name)
		for _, target := range f.imported[name] {
			target = strings.TrimSuffix(target, ".js")
			for _, file := range []string{target, target + ".ts", target + ".tsx", target + "/index.ts", target + "/index.tsx"} {
				if _, ok := f.imported[file]; ok {
					if found := visit(file, above); found != nil {
						return found
					}
				}
			}
		}
		done[name] = true
		return nil
	}
	for name := range f.imported {
		if found := visit(name, nil); found != nil {
			return found
		}
	}
	return nil
}

func (f *figures) write(w io.Writer) {
	row := func(name string, figure any, limit string) {
		_, _ = fmt.Fprintf(w, "| %s | %v | %s |\n", name, figure, limit)
	}
	_, _ = fmt.Fprint(w, "| what | figure | at most |\n|---|---|---|\n")
	row("Go of the product, lines", f.product, "20,000")
	row("share of comments in it", fmt.Sprintf("%d %%", 100*f.comments/max(f.product, 1)), "")
	row("Go of the release's packaging, lines", f.release, "")
	row("test doubles and checkers that are not `_test.go`, lines", f.doubles, "4,300")
	row("Go tests, lines", f.tests, "")
	row("TypeScript of the page, lines", f.page, "")
	row("exported names of package `secret`", f.exported["handler/internal/secret"], "50")
	circle := "none"
	if found := f.circle(); found != nil {
		circle = strings.Join(found, " -> ")
	}
	row("circle of imports in the page", circle, "none")
}

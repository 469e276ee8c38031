package main

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tree is the repository.
var tree = os.DirFS("..")

func text(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// filesNamed returns the paths of all files with one of these base names, except
// those that are installed or built.
func filesNamed(t *testing.T, names ...string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist" || d.Name() == ".git" || d.Name() == ".tools" || d.Name() == ".build"):
			return fs.SkipDir
		case slices.Contains(names, d.Name()):
			paths = append(paths, p)
		}
		return nil
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%q: %d files, %v", names, len(paths), err)
	}
	return paths
}

func TestPythonPackagesHaveHashes(t *testing.T) {
	requirement := regexp.MustCompile(`^\S+==\S+( --hash=sha256:[0-9a-f]{64})+$`)
	for _, name := range filesNamed(t, "requirements.txt") {
		for line := range strings.Lines(strings.ReplaceAll(text(t, name), " \\\n   ", "")) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !requirement.MatchString(line) {
				t.Errorf("%s: no version or no hash: %.60s", name, line)
			}
		}
	}
	if !strings.Contains(text(t, "tools/tools.mk"), "--require-hashes") {
		t.Error("pip is not told to require hashes")
	}
}

func workflows(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(tree, ".github/workflows/*")
	if err != nil || len(names) == 0 {
		t.Fatal("no workflows", err)
	}
	all := map[string]string{}
	for _, name := range names {
		all[name] = text(t, name)
	}
	return all
}

func TestWorkflowsPinActionsAndGo(t *testing.T) {
	pinned, releases := regexp.MustCompile(`^\S+@[0-9a-f]{40} # v`), map[string]bool{}
	for name, workflow := range workflows(t) {
		for _, m := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(workflow, -1) {
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s: not pinned by a commit: %s", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`go-version: (.*)`).FindAllStringSubmatch(workflow, -1) {
			releases[m[1]] = true
			if !regexp.MustCompile(`^"\d+\.\d+\.\d+"$`).MatchString(m[1]) {
				t.Errorf("%s: not one release of Go: %s", name, m[1])
			}
		}
		if strings.Contains(workflow, "check-latest") {
			t.Errorf("%s takes the latest Go", name)
		}
	}
	if len(releases) != 1 {
		t.Errorf("the workflows use these releases of Go: %v", slices.Sorted(maps.Keys(releases)))
	}
}

func TestGoToolsAreInstalledAtAVersion(t *testing.T) {
	files := workflows(t)
	for _, name := range []string{"Makefile", "tools/tools.mk"} {
		files[name] = text(t, name)
	}
	for name, content := range files {
		for _, m := range regexp.MustCompile(`(?:gobuild,|go run |go install )(\S+\.\S+/[^\s,]+)`).FindAllStringSubmatch(content, -1) {
			if !regexp.MustCompile(`@v\d+\.\d+\.\d+$`).MatchString(m[1]) {
				t.Errorf("%s: no version: %s", name, m[1])
			}
		}
	}
}

// TestImagesArePinnedByDigest finds the images that are pulled from a registry. Those
// without a digest are a known gap, which the threat model must name.
func TestImagesArePinnedByDigest(t *testing.T) {
	image := regexp.MustCompile(`(?:image:|--image|docker run|docker pull) +["']?([\w./-]+:[\w.-]+(?:@sha256:[0-9a-f]{64})?)`)
	found := 0
	for _, name := range append(filesNamed(t, "compose.yaml", "deploy.sh", "deploy.md", "self-hosting.md"), slices.Collect(maps.Keys(workflows(t)))...) {
		for _, m := range image.FindAllStringSubmatch(text(t, name), -1) {
			if strings.HasPrefix(m[1], "secret-sharer:") { // built here, loaded from the release
				continue
			}
			found++
			if !strings.Contains(m[1], "@sha256:") && !strings.Contains(text(t, "docs/threat-model.md"), "`"+m[1]+"`") {
				t.Errorf("%s: %s has no digest, and the threat model does not say so", name, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no image found")
	}
}

func TestEveryReleasedFileHasAChecksum(t *testing.T) {
	workflow := text(t, ".github/workflows/release.yml")
	_, sums, _ := strings.Cut(text(t, "release/package.sh"), "&& sha256sum ")
	sums, _, _ = strings.Cut(sums, " |")
	want := append(strings.Fields(sums), "SHA256SUMS")
	_, upload, _ := strings.Cut(workflow, "upload-artifact")
	upload, _, _ = strings.Cut(upload, "\n\n")
	var uploaded []string
	for _, m := range regexp.MustCompile(`dist/(\S+)\n`).FindAllStringSubmatch(upload+"\n", -1) {
		uploaded = append(uploaded, m[1])
	}
	if len(want) < 5 || !slices.Equal(uploaded, want) {
		t.Errorf("uploaded %q, want those with a checksum: %q", uploaded, want)
	}
	for _, name := range want {
		if strings.HasSuffix(name, ".cdx.json") { // an SBOM is an attestation itself
			continue
		}
		if _, attested, _ := strings.Cut(workflow, "subject-path: |"); !strings.Contains(attested, "dist/"+name+"\n") {
			t.Errorf("%s is not attested", name)
		}
	}
}

// TestFilesAreFixedBeforeTests checks that the job that makes the files of a release
// runs no test, and that others compare the files with its output.
func TestFilesAreFixedBeforeTests(t *testing.T) {
	jobs := strings.Split(text(t, ".github/workflows/release.yml"), "\n  build:\n")
	build, others, _ := strings.Cut(jobs[len(jobs)-1], "\n  test:\n")
	if regexp.MustCompile(`make (selfhost|test|e2e)|go test`).MatchString(build) || !strings.Contains(build, "make package") {
		t.Error("the job that builds runs tests")
	}
	if n := strings.Count(others, "needs.build.outputs.sums"); n != 3 {
		t.Errorf("%d jobs compare the files with those that were built, want test, attest and publish", n)
	}
}

func TestUpdatesAreProposedForEveryLockFile(t *testing.T) {
	dependabot := text(t, ".github/dependabot.yml")
	for _, name := range filesNamed(t, "go.mod", "package-lock.json", "requirements.txt", "Cargo.lock", "compose.yaml") {
		folder := path.Join("/", path.Dir(name))
		if !regexp.MustCompile(`director(y|ies): \[?([^\]\n]*, )?` + regexp.QuoteMeta(folder) + `[,\]\n]`).MatchString(dependabot) {
			t.Errorf("nobody proposes updates for %s", name)
		}
	}
}

// TestTheThreatModelNamesTests checks that every test in the threat model exists.
func TestTheThreatModelNamesTests(t *testing.T) {
	var all strings.Builder
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && p != "."):
			return fs.SkipDir
		case strings.HasSuffix(p, "_test.go"), strings.HasSuffix(p, ".test.ts"), path.Base(path.Dir(p)) == "storetest" && !d.IsDir():
			data, err := fs.ReadFile(tree, p)
			all.Write(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _ := strings.Cut(text(t, "docs/threat-model.md"), "## The promises")
	named := 0
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`|\"([a-z][^\"\n]{15,})\"").FindAllStringSubmatch(tables, -1) {
		named++
		if m[1] != "" && !strings.Contains(all.String(), "\nfunc "+m[1]+"(") || m[2] != "" && !strings.Contains(all.String(), `"`+m[2]+`"`) {
			t.Errorf("there is no test %s%s", m[1], m[2])
		}
	}
	if named < 100 {
		t.Errorf("found only %d tests", named)
	}
}

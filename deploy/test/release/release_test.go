// Package release tests .goreleaser.yml: GoReleaser's own loader reads it, and nfpm, which GoReleaser uses, builds the
// packages that it describes, around a binary that stands in for Foresight.
package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the format
)

const root = "../../.."

// collected is the folder that make licenses fills before a release.
const collected = "licenses/"

func project(t *testing.T) config.Project {
	t.Helper()
	p, err := config.Load(filepath.Join(root, ".goreleaser.yml")) // strict: an unknown field is an error
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConfiguration(t *testing.T) {
	p := project(t)
	if len(p.Builds) != 1 || len(p.Archives) != 1 || len(p.NFPMs) != 1 || len(p.SBOMs) != 1 {
		t.Fatalf("%d builds, %d archives, %d packages, %d bills of materials", len(p.Builds), len(p.Archives), len(p.NFPMs), len(p.SBOMs))
	}
	b := p.Builds[0]
	if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") || b.ModTimestamp == "" {
		t.Errorf("the build is neither static nor reproducible: %v %v", b.Env, b.Flags)
	}
	if _, err := os.Stat(filepath.Join(root, b.Main)); err != nil {
		t.Error(err)
	}
	for _, f := range p.Archives[0].Files {
		if strings.HasPrefix(f.Source, collected) {
			continue
		}
		if found, err := filepath.Glob(filepath.Join(root, f.Source)); err != nil || len(found) == 0 {
			t.Errorf("archive: no file %s", f.Source)
		}
	}
	if got := slices.Sorted(slices.Values(p.NFPMs[0].Formats)); !slices.Equal(got, []string{"deb", "rpm"}) {
		t.Errorf("packages: %v", got)
	}
}

// pack builds a package as GoReleaser does.
func pack(t *testing.T, format string) []byte {
	t.Helper()
	n := project(t).NFPMs[0]
	binary := filepath.Join(t.TempDir(), "foresight")
	if err := os.WriteFile(binary, []byte("a binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	contents := files.Contents{{Source: binary, Destination: filepath.Join(n.Bindir, "foresight"), FileInfo: &files.ContentFileInfo{Mode: 0o755}}}
	licenses := t.TempDir()
	if err := os.WriteFile(filepath.Join(licenses, "LICENSE"), []byte("a licence"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range n.Contents {
		source := filepath.Join(root, c.Source)
		if c.Source == collected {
			source = licenses
		}
		contents = append(contents, &files.Content{Source: source, Destination: c.Destination, Type: c.Type})
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: n.PackageName, Arch: "amd64", Platform: "linux", Version: "1.2.3", Maintainer: n.Maintainer, Description: n.Description,
		Vendor: n.Vendor, Homepage: n.Homepage, License: n.License, Section: n.Section, MTime: time.Unix(1, 0),
		Overridables: nfpm.Overridables{
			Contents: contents,
			Scripts: nfpm.Scripts{
				PostInstall: filepath.Join(root, n.Scripts.PostInstall), PreRemove: filepath.Join(root, n.Scripts.PreRemove),
			},
		},
	})
	if err := nfpm.Validate(info); err != nil {
		t.Fatal(err)
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := packager.Package(info, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDeb(t *testing.T) {
	deb := pack(t, "deb")
	data := tarball(t, member(t, deb, "data.tar.gz"))
	names := slices.Sorted(maps.Keys(data))
	for _, want := range []string{
		"./usr/bin/foresight", "./usr/lib/systemd/system/foresight.service", "./etc/foresight/foresight.yml",
		"./usr/share/foresight/dashboards/foresight-fleet.json", "./usr/share/doc/foresight/copyright",
		"./usr/share/doc/foresight/licenses/LICENSE", "./usr/share/bash-completion/completions/foresight", "./usr/share/foresight/foresight.schema.json",
	} {
		if data[want] == "" {
			t.Errorf("no %s among %q", want, names)
		}
	}
	control := tarball(t, member(t, deb, "control.tar.gz"))
	if got := strings.TrimSpace(control["./conffiles"]); got != "/etc/foresight/foresight.yml" {
		t.Errorf("conffiles: %q", got)
	}
	if !strings.Contains(control["./postinst"], "systemctl daemon-reload") || !strings.Contains(control["./prerm"], "disable --now") {
		t.Error("the scripts are missing")
	}
}

// TestRPM checks that there is a package; what is in it comes of the same list as the Debian one's.
func TestRPM(t *testing.T) {
	if rpm := pack(t, "rpm"); !bytes.HasPrefix(rpm, []byte{0xed, 0xab, 0xee, 0xdb}) || len(rpm) < 1000 {
		t.Errorf("%d bytes are no RPM package", len(rpm))
	}
}

// member gives a file of an ar archive.
func member(t *testing.T, ar []byte, name string) []byte {
	t.Helper()
	const magic, head = "!<arch>\n", 60
	for rest := bytes.TrimPrefix(ar, []byte(magic)); len(rest) >= head; {
		size := 0
		for _, c := range strings.TrimSpace(string(rest[48:58])) {
			size = 10*size + int(c-'0')
		}
		if strings.TrimRight(string(rest[:16]), " /") == name {
			return rest[head : head+size]
		}
		rest = rest[head+size+size%2:]
	}
	t.Fatalf("no %s in the package", name)
	return nil
}

func tarball(t *testing.T, compressed []byte) map[string]string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[h.Name] = string(text)
	}
}

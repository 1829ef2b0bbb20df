package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// golden compares with a file beside the test data.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files, %v", pattern, err)
	}
	return names
}

// TestLoadInvalid: each invalid file has exactly the errors beside it.
func TestLoadInvalid(t *testing.T) {
	for _, name := range files(t, "invalid-*.yml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			c, err := Load(name)
			if err == nil {
				t.Fatalf("got %+v, want an error", c)
			}
			text := strings.ReplaceAll(err.Error(), filepath.ToSlash(name), filepath.Base(name)) + "\n"
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is told:\n%s", text)
			}
			golden(t, strings.TrimSuffix(name, ".yml")+".err", text)
		})
	}
}

// TestLoadValid: each valid file gives exactly the complete configuration and the warnings beside it.
func TestLoadValid(t *testing.T) {
	for _, name := range files(t, "valid-*.yml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			c, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := c.Redacted()
			if err != nil {
				t.Fatal(err)
			}
			text := string(b)
			for _, w := range c.Warnings {
				text += "# " + strings.ReplaceAll(w, filepath.ToSlash(name), filepath.Base(name)) + "\n"
			}
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is shown:\n%s", text)
			}
			golden(t, strings.TrimSuffix(name, ".yml")+".golden", text)
		})
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load("testdata/missing.yml")
	if want := "reading the configuration: open testdata/missing.yml: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadMakesPathsRelativeToTheFile(t *testing.T) {
	c, err := Load("testdata/valid-full.yml")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Source.HTTP.TLSConfig.CAFile, "testdata/ca.pem"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAliasesAreBounded: nested merges, which grow without bound, are refused soon.
func TestAliasesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("source: {url: 'http://x'}\nrules:\n  labels: &l0 {a: b}\ntasks:\n")
	for i := range 12 {
		at, last := string(rune('a'+i)), "l0"
		if i > 0 {
			last = string(rune('a' + i - 1))
		}
		b.WriteString("  - &" + at + "\n    <<: [" + strings.Repeat("*"+last+", ", 20) + "]\n    name: " + at + "\n    expr: up\n")
	}
	if c, err := Parse("bomb.yml", []byte(b.String())); err == nil {
		t.Errorf("got %+v, want an error", c)
	}
}

// TestManyTasks: a long file is not taken for a bomb.
func TestManyTasks(t *testing.T) {
	var b strings.Builder
	b.WriteString("source: {url: 'http://x'}\ntasks:\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "  - {name: t%d, expr: up, by: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r]}\n", i)
	}
	if _, err := Parse("long.yml", []byte(b.String())); err != nil {
		t.Errorf("%.200s", err)
	}
}

func TestParseGivesNeighboursTheirOwnValues(t *testing.T) {
	c, err := Parse("x.yml", []byte("source: {url: 'http://x'}\ntasks: [{name: a, expr: up}, {name: b, expr: up}]"))
	if err != nil {
		t.Fatal(err)
	}
	*c.Tasks[0].QueryOffset = 7
	c.Tasks[0].Outputs[0] = "changed"
	if *c.Tasks[1].QueryOffset == 7 || c.Defaults.QueryOffset == 7 || c.Tasks[1].Outputs[0] == "changed" {
		t.Error("tasks share what should be their own")
	}
}

// FuzzParse: whatever the bytes, there is a configuration that can be shown and used, or an error with file and line.
func FuzzParse(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.yml")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse("x.yml", b)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "x.yml:") && !strings.HasPrefix(line, "presets/") {
					t.Errorf("no line is named in %q", line)
				}
			}
			return
		}
		if _, err := c.Redacted(); err != nil {
			t.Error(err)
		}
		for _, task := range c.Tasks {
			if o := task.ModelOptions(); o.Step <= 0 || len(o.Horizons) == 0 {
				t.Errorf("task %q: unusable options %+v", task.Name, o)
			}
		}
	})
}

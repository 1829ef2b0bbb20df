package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages gives the pages for users, README among them.
func pages(t *testing.T) []string {
	t.Helper()
	all := []string{"../README.md"}
	for _, pattern := range []string{"*.md", "presets/*.md", "runbooks/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

// TestPlainWords: phrases that readers of another first language have to read twice don't come back.
func TestPlainWords(t *testing.T) {
	odd := regexp.MustCompile(`(?i)\bspeaks? (of|against|for)\b|\bhardly (before|after)\b|\bas of late\b`)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if found := odd.FindString(line); found != "" {
				t.Errorf("%s:%d: %q", page, i+1, found)
			}
		}
	}
}

// TestLinks: links between pages lead to a file and, where they name one, to a heading.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ +(.*)$`)
	code := regexp.MustCompile("(?s)```.*?```")
	n := 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			n++
			path, anchor, _ := strings.Cut(m[1], "#")
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), path)
			}
			target, err := os.ReadFile(to)
			if err != nil {
				if info, err := os.Stat(to); err != nil || !info.IsDir() {
					t.Errorf("%s: no %s", page, m[1])
				}
				continue
			}
			if anchor == "" || filepath.Ext(to) != ".md" {
				continue
			}
			known := false
			for _, h := range heading.FindAllStringSubmatch(string(target), -1) {
				known = known || slug(h[1]) == anchor
			}
			if !known {
				t.Errorf("%s: %s has no heading %q", page, to, anchor)
			}
		}
	}
	if n < 200 {
		t.Errorf("%d links, want 200 at least", n)
	}
}

// slug is how GitHub names a heading in addresses.
func slug(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			b.WriteRune(r)
		}
	}
	return b.String()
}

package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Write writes the files into a directory, which it makes, and removes unit tests that Foresight has generated there
// for groups that are no more.
func Write(dir string, files []File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := replace(filepath.Join(dir, f.Name), f.Data); err != nil {
			return err
		}
	}
	left, err := leftovers(dir, files)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// replace puts a file in place as a whole, so that a Prometheus that reloads never reads half of it.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".foresight-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Check compares the files with those in a directory and gives what differs as a diff, "" where nothing does. Comments
// at the head, which name the version, do not count.
func Check(dir string, files []File) (string, error) {
	var b strings.Builder
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(dir, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(&b, "%s: missing\n", f.Name)
		case err != nil:
			return "", err
		case !bytes.Equal(body(have), body(f.Data)):
			fmt.Fprintf(&b, "--- %s (on disk)\n+++ %s (generated)\n", f.Name, f.Name)
			diff(&b, lines(body(have)), lines(body(f.Data)))
		}
	}
	left, err := leftovers(dir, files)
	if err != nil {
		return "", err
	}
	for _, name := range left {
		fmt.Fprintf(&b, "%s: of no group any more\n", name)
	}
	return b.String(), nil
}

// leftovers are generated unit tests in a directory that are not among the files. Without unit tests among the files,
// as with objects, those of the other format are left alone.
func leftovers(dir string, files []File) ([]string, error) {
	isTest := func(name string) bool {
		return strings.HasPrefix(name, testPrefix) && strings.HasSuffix(name, testSuffix)
	}
	if !slices.ContainsFunc(files, func(f File) bool { return isTest(f.Name) }) {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if !isTest(e.Name()) || slices.ContainsFunc(files, func(f File) bool { return f.Name == e.Name() }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(text, []byte(generated)) {
			out = append(out, e.Name())
		}
	}
	return out, err
}

// body is a file without the comments at its head.
func body(text []byte) []byte {
	for bytes.HasPrefix(text, []byte("#")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text
}

func lines(text []byte) []string { return strings.SplitAfter(string(text), "\n") }

// diff writes the lines that differ, by the longest common subsequence between the common head and tail, with the
// number of the line on disk.
func diff(b *strings.Builder, old, now []string) {
	head := 0
	for head < min(len(old), len(now)) && old[head] == now[head] {
		head++
	}
	tail := 0
	for tail < min(len(old), len(now))-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	a, c := old[head:len(old)-tail], now[head:len(now)-tail]
	if len(a)*len(c) > 4<<20 { // too much for a table: all of it
		fmt.Fprintf(b, "@@ line %d @@\n", head+1)
		printLines(b, "-", a)
		printLines(b, "+", c)
		return
	}
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(c)+1)
	}
	for i := range slices.Backward(a) {
		for j := range slices.Backward(c) {
			if a[i] == c[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	inHunk := false
	for i, j := 0, 0; i < len(a) || j < len(c); {
		if i < len(a) && j < len(c) && a[i] == c[j] {
			i, j, inHunk = i+1, j+1, false
			continue
		}
		if !inHunk {
			fmt.Fprintf(b, "@@ line %d @@\n", head+i+1)
			inHunk = true
		}
		if j == len(c) || i < len(a) && common[i+1][j] >= common[i][j+1] {
			printLines(b, "-", a[i:i+1])
			i++
		} else {
			printLines(b, "+", c[j:j+1])
			j++
		}
	}
}

func printLines(b *strings.Builder, sign string, lines []string) {
	for _, l := range lines {
		b.WriteString(sign + strings.TrimSuffix(l, "\n") + "\n")
	}
}

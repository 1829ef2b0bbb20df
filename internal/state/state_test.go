package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func write(t *testing.T, path string, records ...Record) {
	t.Helper()
	err := Write(path, "sig", []byte("head"), func(w func(Record) error) error {
		for _, r := range records {
			if err := w(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(path, signature string) (header string, fields []string, err error) {
	err = Read(path, signature, func(b []byte) error { header = string(b); return nil }, func(r Record) error {
		for _, b := range r {
			fields = append(fields, string(b))
		}
		return nil
	})
	return header, fields, err
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "task.state")
	write(t, path, Record{[]byte("one"), nil}, Record{[]byte("two"), []byte("three"), []byte("x")})
	header, fields, err := read(path, "sig")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "", "two", "three", "x"}; header != "head" || !slices.Equal(fields, want) {
		t.Errorf("read %q %q, want head %q", header, fields, want)
	}
	write(t, path)
	if _, fields, err = read(path, "sig"); err != nil || fields != nil {
		t.Errorf("the replaced file has %q (%v), want nothing", fields, err)
	}
}

func TestReadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "task.state")
	if _, _, err := read(path, "sig"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	write(t, path, Record{[]byte("one")}, Record{[]byte("two")})
	if _, fields, err := read(path, "other"); !errors.Is(err, ErrForeign) || fields != nil {
		t.Errorf("other signature: %v, %q", err, fields)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A file cut at any place, as by a kill in the middle of a copy, and one with any byte changed hands nothing over.
	for i := range whole {
		for name, damaged := range map[string][]byte{"cut": whole[:i], "changed": slices.Concat(whole[:i], []byte{whole[i] ^ 0x40}, whole[i+1:])} {
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, fields, err := read(path, "sig"); err == nil || fields != nil {
				t.Fatalf("%s at %d: read %q, error %v", name, i, fields, err)
			}
		}
	}
}

func TestFailedWriteKeepsTheOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "task.state")
	write(t, path, Record{[]byte("old")})
	want := errors.New("disk full")
	if err := Write(path, "sig", nil, func(func(Record) error) error { return want }); !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if _, fields, err := read(path, "sig"); err != nil || len(fields) != 1 {
		t.Errorf("the old file: %q, %v", fields, err)
	}
	if left, _ := filepath.Glob(path + ".tmp*"); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, _ = read(path, "sig")
	})
}

func TestLeftoversAreRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.state")
	if err := os.WriteFile(path+".tmp1", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "b.state.tmp1")
	if err := os.WriteFile(other, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Read(path, "", nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v", err)
	}
	if _, err := os.Stat(path + ".tmp1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the leftover is still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("that of another file is not: %v", err)
	}
}

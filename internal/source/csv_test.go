package source

import (
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadCSV(t *testing.T) {
	const text = "timestamp,value\r\n100,1.5\n160.5,-0\n\n220,\n280,NaN\n340,+Inf\n100,1e300\n400,1e999\n"
	nan := math.NaN()
	want := []Sample{{100000, 1.5}, {160500, 0}, {220000, nan}, {280000, nan}, {340000, nan}, {100000, 1e300}, {400000, nan}}
	dir := t.TempDir()
	plain, zipped := filepath.Join(dir, "a.csv"), filepath.Join(dir, "a.csv.gz")
	if err := os.WriteFile(plain, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(zipped)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{plain, zipped} {
		got, err := ReadCSV(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, want %d", path, len(got), len(want))
		}
		for i, w := range want {
			if got[i].T != w.T || got[i].V != w.V && !(math.IsNaN(got[i].V) && math.IsNaN(w.V)) {
				t.Errorf("%s: row %d is %v, want %v", path, i, got[i], w)
			}
		}
		if name := SeriesName(path); name != "a" {
			t.Errorf("the series of %s is named %q", path, name)
		}
	}
}

func TestReadCSVErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "a.csv:1: the file is empty, want the header \"timestamp,value\"",
		"time,value\n":                  "a.csv:1: the header is \"time,value\", want \"timestamp,value\"",
		"timestamp,value\n1,2\nx,2\n":   "a.csv:3: \"x,2\" is not a row of Unix seconds and a value",
		"timestamp,value\n1\n":          "a.csv:2: \"1\" is not a row of Unix seconds and a value",
		"timestamp,value\n1,two\n":      "a.csv:2: \"two\" is not a number",
		"timestamp,value\n1e300,2\n":    "a.csv:2: \"1e300,2\" is not a row of Unix seconds and a value",
		"timestamp,value\n1,2\nNaN,2\n": "a.csv:3: \"NaN,2\" is not a row of Unix seconds and a value",
		"timestamp,value\n1,2,3\n":      "a.csv:2: \"2,3\" is not a number",
	} {
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadCSV(path)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func FuzzParseCSV(f *testing.F) {
	f.Add("timestamp,value\n1,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseCSV(strings.NewReader(text))
		if err != nil && rows != nil {
			t.Errorf("rows beside the error %v", err)
		}
		for _, r := range rows {
			if math.IsInf(r.V, 0) {
				t.Errorf("the infinity %v", r)
			}
		}
	})
}

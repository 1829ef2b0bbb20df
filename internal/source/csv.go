package source

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Sample is one value of a series; T is in Unix milliseconds.
type Sample struct {
	T int64
	V float64
}

// ReadCSV reads the samples of a CSV file, gzipped if its name ends in .gz: a header `timestamp,value`, then Unix
// seconds and a value in each row. An empty value, NaN or an infinity is a missing sample (NaN). Rows are given in the
// order of the file. Errors name the file and the line.
func ReadCSV(path string) ([]Sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bufio.NewReader(f))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		defer z.Close()
		r = z
	}
	s, err := parseCSV(r)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return s, nil
}

func parseCSV(r io.Reader) ([]Sample, error) {
	var out []Sample
	sc := bufio.NewScanner(r)
	line := 0
	for sc.Scan() {
		line++
		text := strings.TrimSpace(sc.Text())
		if line == 1 {
			if strings.TrimPrefix(text, "\ufeff") != "timestamp,value" {
				return nil, fmt.Errorf("1: the header is %q, want \"timestamp,value\"", text)
			}
			continue
		}
		if text == "" {
			continue
		}
		left, right, ok := strings.Cut(text, ",")
		t, err := strconv.ParseFloat(left, 64)
		if !ok || err != nil || math.IsNaN(t) || math.Abs(t) > 1e12 {
			return nil, fmt.Errorf("%d: %q is not a row of Unix seconds and a value", line, text)
		}
		v := math.NaN()
		if right != "" {
			v, err = strconv.ParseFloat(right, 64)
			if errors.Is(err, strconv.ErrSyntax) {
				return nil, fmt.Errorf("%d: %q is not a number", line, right)
			}
			if math.IsInf(v, 0) {
				v = math.NaN()
			}
		}
		out = append(out, Sample{T: int64(math.Round(t * 1000)), V: v})
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", line+1, err)
	}
	if line == 0 {
		return nil, errors.New("1: the file is empty, want the header \"timestamp,value\"")
	}
	return out, nil
}

// SeriesName names a series by its file: the base name without .csv and .gz.
func SeriesName(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".csv")
}

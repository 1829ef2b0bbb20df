package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// invoke runs a command and gives its exit code and what it wrote to standard output and standard error.
func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	read := func(f **os.File) func() string {
		old := *f
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		*f = w
		done := make(chan string)
		go func() {
			var b bytes.Buffer
			_, _ = io.Copy(&b, r)
			done <- b.String()
		}()
		return func() string {
			*f = old
			w.Close()
			return <-done
		}
	}
	out, err := read(&os.Stdout), read(&os.Stderr)
	code = run(args)
	return code, out(), err()
}

// writeCSV writes two weeks of hours with a daily season.
func writeCSV(t *testing.T, name string, hours int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	for i := range hours {
		fmt.Fprintf(&b, "%d,%v\n", 1_600_000_000+3600*i, 100+10*math.Sin(2*math.Pi*float64(i)/24)+float64(i%7))
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForecastCommand(t *testing.T) {
	path := writeCSV(t, "load.csv", 500)
	code, out, errs := invoke(t, "forecast", "--horizon=2d", "--level=0.8", "--level=0.95", "--origins=3", "--every=24h", path)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if want := "series,origin,timestamp,mean,lower_0.8,upper_0.8,lower_0.95,upper_0.95"; lines[0] != want {
		t.Errorf("the header is %s, want %s", lines[0], want)
	}
	if got, want := len(lines)-1, 3*48; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
	last := 1_600_000_000 + 3600*499
	if want := fmt.Sprintf("load,%d,%d,", last-3*86400, last-3*86400+3600); !strings.HasPrefix(lines[1], want) {
		t.Errorf("the first row is %s, want it to begin with %s", lines[1], want)
	}
}

func TestDetectCommand(t *testing.T) {
	path := writeCSV(t, "a,b.csv", 200)
	code, out, errs := invoke(t, "detect", path)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 201 || lines[0] != "series,timestamp,value,expected,lower,upper,score,onset" || !strings.HasPrefix(lines[1], `"a,b",1600000000,100,`) {
		t.Errorf("%d lines, first %q and %q", len(lines), lines[0], lines[1])
	}
}

func TestExhaustionCommand(t *testing.T) {
	path := writeCSV(t, "disk.csv", 200)
	code, out, errs := invoke(t, "exhaustion", "--limit=90", "--at=1600500000", "--at=1600400000", "--within=96h", path)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	want := "series,origin,seconds_p10,seconds_p50,seconds_p90,probability_96h\ndisk,1600500000,0,0,0,1\ndisk,1600400000,0,0,0,1\n"
	if out != want {
		t.Errorf("above the limit:\n%s\nwant\n%s", out, want)
	}
}

func TestUsage(t *testing.T) {
	path := writeCSV(t, "x.csv", 3)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"forecast", path}, 2, "required flag(s) '--horizon' not provided"},
		{[]string{"forecast", "--horizon=2d", "--level=1", path}, 2, "the level 1 is not between 0.2 and 0.99"},
		{[]string{"forecast", "--horizon=0s", path}, 1, "the horizon 0s is below the step 1h0m0s"},
		{[]string{"forecast", "--horizon=1h", "--origins=2", path}, 1, "--origins=N, above 0, and --every=D go together"},
		{[]string{"forecast", "--horizon=1h", "missing.csv"}, 1, "no such file"},
		{[]string{"detect", "--false-events-per-week=0", path}, 1, "must be above 0"},
		{[]string{"exhaustion", "--limit=NaN", path}, 1, "--limit must be a finite number"},
		{[]string{"exhaustion", "--limit=1", "--within=15d", path}, 1, "--within=15d is beyond the reach of 14d"},
		{[]string{"exhaustion", "--limit=1", "--at=NaN", path}, 1, "--at=NaN is not a moment"},
		{[]string{"detect"}, 1, "name CSV files, or --source.url and --expr"},
		{[]string{"detect", "--source.url=http://127.0.0.1:1", "--expr=up", path}, 1, "in their place"},
		{[]string{"detect", "--expr=up"}, 1, "go together"},
		{[]string{"detect", "--expr=up", "--source.url=file:///etc/passwd"}, 1, "begins with http://"},
		{[]string{"nonsense"}, 2, "nonsense"},
	} {
		code, out, errs := invoke(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%q: exit code %d, %q; want %d, %q", c.args, code, errs, c.code, c.want)
		}
		if c.code == 2 && out != "" {
			t.Errorf("%q writes to standard output: %q", c.args, out)
		}
	}
}

// One wrong time among the rows must not take all memory or go on for ever.
func TestWrongTimesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wrong.csv")
	text := "timestamp,value\n1600000000,1\n1600000300,2\n1600000600,3\n990000000000,4\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"forecast", "--horizon=1d"}, {"detect"}} {
		if code, _, errs := invoke(t, append(args, path)...); code != 1 || !strings.Contains(errs, "is a time wrong, or --step?") {
			t.Errorf("%q: exit code %d, %q", args, code, errs)
		}
	}
	few := writeCSV(t, "few.csv", 300)
	if code, _, errs := invoke(t, "forecast", "--horizon=250y", "--step=1s", few); code != 1 || !strings.Contains(errs, "the horizon") {
		t.Errorf("250 years by the second: exit code %d, %q", code, errs)
	}
}

func TestForecastOfNothingSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nan.csv")
	text := "timestamp,value\n1600000000,NaN\n1600003600,\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := invoke(t, "forecast", "--horizon=2h", path); code != 0 || !strings.Contains(errs, "nan: too few samples up to 1600003600") {
		t.Errorf("exit code %d, %q", code, errs)
	}
}

func TestOfflineCommandsAskASource(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := func(field string) int64 {
			v, _ := strconv.ParseInt(r.FormValue(field), 10, 64)
			return v
		}
		var b strings.Builder
		for t := at("start"); t <= at("end"); t += at("step") {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[%d,"%d"]`, t, 100+t/at("step")%24)
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"x"},"values":[%[1]s]},{"metric":{"a":"y"},"values":[%[1]s]}]}}`, &b)
	}))
	defer server.Close()
	ask := []string{"--source.url=" + server.URL, "--expr=up", "--source.history=7d", "--step=1h"}
	for _, c := range []struct {
		args []string
		rows int
	}{{[]string{"forecast", "--horizon=6h"}, 6}, {[]string{"detect"}, 168}, {[]string{"exhaustion", "--limit=200"}, 1}} {
		code, out, errs := invoke(t, append(c.args, ask...)...)
		x, y := strings.Count(out, `"{a=""x""}",`), strings.Count(out, `"{a=""y""}",`)
		if code != 0 || x < c.rows || x > c.rows+1 || y != x {
			t.Errorf("%q: exit code %d, %q, %d and %d rows; want %d of each", c.args, code, errs, x, y, c.rows)
		}
	}
}

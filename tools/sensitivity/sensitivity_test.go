package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		value  string
		factor float64
		want   string
		other  bool
	}{
		{"7", .5, "4", true},
		{"7", 2, "14", true},
		{"1", .5, "1", false},
		{"0.2", .5, "0.1", true},
		{".4", 2, "0.8", true},
		{"0.99", 2, "0.98", true},
		{"0.99", .5, "0.995", true},
		{"1e6", 2, "2e+06", true},
		{"1.0 / 3", 2, "(1.0 / 3) * 2", true},
	} {
		if got, other := (&constant{value: c.value}).times(c.factor); got != c.want || other != c.other {
			t.Errorf("%s times %v: got %s, %v, want %s, %v", c.value, c.factor, got, other, c.want, c.other)
		}
	}
}

// Each package says which of its constants are tuned, and another value in its place compiles.
func TestConstants(t *testing.T) {
	t.Chdir("../..")
	for _, p := range packages {
		constants, err := tuned(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(constants) == 0 {
			t.Errorf("models/%s: no constant is tuned", p)
		}
	}
	folder := t.TempDir()
	var rows strings.Builder
	rows.WriteString("timestamp,value\n")
	for i := range 30 * 24 {
		fmt.Fprintf(&rows, "%d,%v\n", 1_700_000_000+3600*i, 10+3*math.Sin(float64(i)*math.Pi/12)+float64(i*7919%100)/100)
	}
	if err := os.WriteFile(filepath.Join(folder, "wave.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bench{folder: folder, recordings: filepath.Join(folder, "recordings")}
	if found, taken, err := collect(folder, 5, b.recordings); err != nil || found != 1 || taken != 1 {
		t.Fatalf("found %d recordings, took %d, %v; want 1", found, taken, err)
	}
	constants, err := tuned("forecast")
	if err != nil {
		t.Fatal(err)
	}
	base, err := b.measure(t.Context(), "forecast", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range constants {
		if c.name != "slotPower" {
			continue
		}
		same, err := b.measure(t.Context(), "forecast", &change{&c, c.value})
		if err != nil || same != base {
			t.Errorf("with the same value: got %v, %v, want %v", same, err, base)
		}
		changed, err := b.measure(t.Context(), "forecast", &change{&c, "5"})
		if err != nil || changed == base {
			t.Errorf("with another value: got %v, %v, want other figures", changed, err)
		}
		if _, err := b.measure(t.Context(), "forecast", &change{&c, "nothing"}); err == nil {
			t.Error("what does not compile is no error")
		}
		return
	}
	t.Error("models/forecast has no constant slotPower")
}

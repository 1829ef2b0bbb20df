package replay

import (
	"math"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/source"
)

func TestFindStep(t *testing.T) {
	rows := func(seconds ...int64) (s []source.Sample) {
		for _, t := range seconds {
			s = append(s, source.Sample{T: t * 1000, V: 1})
		}
		return s
	}
	for _, c := range []struct {
		name string
		rows []source.Sample
		want time.Duration
	}{
		{"regular", rows(0, 300, 600, 900), 5 * time.Minute},
		{"a gap", rows(0, 300, 600, 6000, 6300), 5 * time.Minute},
		{"jitter", rows(0, 300, 599, 899, 1199), 300 * time.Second},
		{"repeats", rows(0, 0, 60, 60, 120), time.Minute},
	} {
		if got, err := FindStep(c.rows); err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	if _, err := FindStep(rows(5, 5)); err == nil {
		t.Error("one moment has a step")
	}
}

func TestGrid(t *testing.T) {
	nan := math.NaN()
	var rows []source.Sample
	for _, r := range [][2]int64{{0, 1}, {10_000, 2}, {25_000, 3}, {20_000, 4}, {61_000, 5}, {90_000, 9}} {
		rows = append(rows, source.Sample{T: r[0], V: float64(r[1])})
	}
	s := Grid(rows, 70_000, 10*time.Second)
	want := []float64{1, 2, 4, 3, nan, nan, nan, 5}
	if s.Start != 0 || s.Step != 10_000 || len(s.Values) != len(want) {
		t.Fatalf("grid %+v, want %v from 0", s, want)
	}
	for i, w := range want {
		if s.Values[i] != w && !(math.IsNaN(s.Values[i]) && math.IsNaN(w)) {
			t.Errorf("at %d s: %v, want %v", i*10, s.Values[i], w)
		}
	}
	if got := s.End(); got != 70_000 {
		t.Errorf("the grid ends at %d, want at the anchor", got)
	}
}

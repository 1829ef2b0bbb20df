package testkit

import (
	"bufio"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// History is one gauge, sampled at each multiple of a step.
type History struct {
	Name   string
	Labels labels.Labels
	Value  func(t time.Time) float64 // NaN: no sample
}

// CreateBlocks fills a Prometheus data directory with the histories in [from, to], through promtool's
// `tsdb create-blocks-from openmetrics`.
func CreateBlocks(t testing.TB, promtool, dataDir string, from, to time.Time, step time.Duration, histories []History) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.om")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	byName := map[string][]History{}
	for _, h := range histories {
		byName[h.Name] = append(byName[h.Name], h)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		fmt.Fprintf(w, "# TYPE %s gauge\n", name)
		for _, h := range byName[name] {
			series := name + openMetricsLabels(h.Labels)
			for at := from.Truncate(step); !at.After(to); at = at.Add(step) {
				if v := h.Value(at); !math.IsNaN(v) {
					fmt.Fprintf(w, "%s %g %d\n", series, v, at.Unix())
				}
			}
		}
	}
	fmt.Fprintln(w, "# EOF")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	Run(t, "", promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=31d", path, dataDir)
}

func openMetricsLabels(ls labels.Labels) string {
	var pairs []string
	ls.Range(func(l labels.Label) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", model.LabelName(l.Name), l.Value))
	})
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

package testkit

import (
	"math"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

func TestRoot(t *testing.T) {
	if _, err := os.Stat(filepath.Join(Root(), "go.mod")); err != nil {
		t.Fatal(err)
	}
}

func TestPrometheusKeepsHistoryOverRestart(t *testing.T) {
	promtool := FindTool(t, "promtool")
	now := time.Now().Truncate(time.Minute)
	p := StartPrometheus(t, FindTool(t, "prometheus"), "", func(dir string) {
		CreateBlocks(t, promtool, dir, now.Add(-2*24*time.Hour), now, time.Minute, []History{
			{Name: "demo", Labels: labels.FromStrings("pod", "a"), Value: func(at time.Time) float64 { return float64(at.Unix()) }},
			{Name: "bare", Value: func(time.Time) float64 { return 1 }},
		})
	})
	check := func() {
		t.Helper()
		at := now.Add(-24 * time.Hour)
		got := MustQuery(t, p.URL, "demo", at)
		if len(got) != 1 || got[0].Labels["pod"] != "a" || math.Abs(got[0].Value-float64(at.Unix())) > 60 {
			t.Errorf("demo a day ago is %v", got)
		}
		if got := MustQuery(t, p.URL, "bare", time.Time{}); len(got) != 1 || len(got[0].Labels) != 1 {
			t.Errorf("bare now is %v", got)
		}
	}
	check()
	p.Kill()
	if _, _, err := Get(t, p.URL); err == nil {
		t.Error("a killed server answers")
	}
	p.Start()
	WaitStatus(t, time.Minute, p.URL+"/-/healthy", http.StatusOK)
	check()
}

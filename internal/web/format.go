package web

import (
	"math"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/plot"
)

const unknown = "–"

// number is a value with three or four digits; unknown where it is NaN.
func number(v float64) string {
	if math.IsNaN(v) {
		return unknown
	}
	return plot.SI(v)
}

// score has two decimals, which is as much as it means.
func score(v float64) string {
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func percent(v float64) string {
	switch {
	case math.IsNaN(v):
		return unknown
	case v > 0 && v < 0.001:
		return "<0.1 %"
	case v > 0.999 && v < 1:
		return ">99.9 %"
	case v > 0 && v < 0.1 || v > 0.9 && v < 1:
		return strconv.FormatFloat(100*v, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(100*v, 'f', 0, 64) + " %"
}

// level is that of an interval.
func level(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) + " %" }

// seconds is a time to exhaustion.
func seconds(v float64) string {
	switch {
	case math.IsNaN(v):
		return unknown
	case math.IsInf(v, 1):
		return "not foreseen"
	case v <= 0:
		return "now"
	}
	return duration(time.Duration(v * float64(time.Second)))
}

// duration has two units at most: "1d 7h", "31m", "12s".
func duration(d time.Duration) string {
	units := []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.unit && i < len(units)-1 {
			continue
		}
		if i+1 >= len(units) || d >= 10*u.unit {
			return strconv.FormatInt(int64(d.Round(u.unit)/u.unit), 10) + u.name
		}
		next := units[i+1]
		d = d.Round(next.unit)
		text := strconv.FormatInt(int64(d/u.unit), 10) + u.name
		if rest := d % u.unit; rest > 0 {
			text += " " + strconv.FormatInt(int64(rest/next.unit), 10) + next.name
		}
		return text
	}
	return ""
}

// exact is a configured duration, as Prometheus writes it.
func exact(d time.Duration) string { return model.Duration(d).String() }

// ago is how long before now t was.
func ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	if d < time.Second {
		return "just now"
	}
	return duration(d) + " ago"
}

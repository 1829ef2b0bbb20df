package demo

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

var beginning = time.Date(2026, 3, 18, 14, 30, 0, 0, time.UTC)

func tell(t *testing.T, start time.Time, seed uint64) *story {
	t.Helper()
	location, err := time.LoadLocation(timeZone)
	if err != nil {
		t.Fatal(err)
	}
	return newStory(start, seed, location)
}

// find gives the series of a metric with the labels.
func (s *story) find(t *testing.T, name string, pairs ...string) func(time.Time) float64 {
	t.Helper()
	for _, m := range s.metrics {
		if m.name != name {
			continue
		}
		for _, v := range m.series {
			if want := labels.FromStrings(pairs...); v.labels.MatchLabels(true, names(want)...).String() == want.String() {
				return func(at time.Time) float64 { return v.value(s.moment(at)) }
			}
		}
	}
	t.Fatalf("no series %s%v", name, pairs)
	return nil
}

func names(ls labels.Labels) []string {
	var all []string
	ls.Range(func(l labels.Label) { all = append(all, l.Name) })
	return all
}

// every gives the values of a series in [from, to] around the start, each minute.
func every(v func(time.Time) float64, start time.Time, from, to time.Duration) []float64 {
	var all []float64
	for d := from; d <= to; d += time.Minute {
		all = append(all, v(start.Add(d)))
	}
	return all
}

func TestEndings(t *testing.T) {
	for _, start := range []time.Time{beginning, beginning.Add(7 * time.Hour), beginning.Add(83 * time.Hour)} {
		for seed := range uint64(4) {
			s := tell(t, start, seed)
			avail := s.find(t, "node_filesystem_avail_bytes", "instance", "db-1:9100", "mountpoint", "/data")
			left := every(avail, start, -History, dataFull+time.Hour)
			if got := time.Duration(slices.Index(left, 0))*time.Minute - History; got < dataFull-10*time.Minute || got > dataFull+time.Minute {
				t.Errorf("seed %d: /data is full after %v, want %v", seed, got, dataFull)
			}
			avail = s.find(t, "node_filesystem_avail_bytes", "instance", "web-1:9100", "mountpoint", "/var/log")
			if least := slices.Min(every(avail, start, -History, 14*24*time.Hour)) / (50 * gib); least < 0.09 || least > 0.2 {
				t.Errorf("seed %d: /var/log has at least %.2f left, want about a tenth", seed, least)
			}
			used := s.find(t, "container_memory_working_set_bytes", "pod", "recommender-0")
			before, after := used(start.Add(leakRestart-5*time.Minute)), used(start.Add(leakRestart+5*time.Minute))
			if before < 0.97*2*gib || after > 0.25*2*gib {
				t.Errorf("seed %d: recommender-0 uses %.3g before the restart and %.3g after it", seed, before, after)
			}
			budget := s.find(t, "slo:period_error_budget_remaining:ratio", "sloth_service", "checkout")
			if before, after := budget(start.Add(budgetSpent-6*time.Hour)), budget(start.Add(budgetSpent+6*time.Hour)); before <= 0 || after > 0 {
				t.Errorf("seed %d: the error budget is %g before it is spent and %g after", seed, before, after)
			}
		}
	}
}

func TestIncident(t *testing.T) {
	s := tell(t, beginning, 1)
	for _, c := range []struct {
		name   string
		labels []string
		at     time.Duration
		least  float64
		most   float64 // times the value of a week before
	}{
		{"http_requests_total", []string{"pod", "checkout-0", "code", "500"}, 0, 10, 200},
		{"http_requests_total", []string{"pod", "checkout-0", "code", "500"}, incidentEnds + time.Hour, 0.05, 10},
		{"http_requests_total", []string{"pod", "search-2", "code", "200"}, 0, 0.1, 0.2},
		{"http_requests_total", []string{"pod", "search-1", "code", "200"}, 0, 0.7, 1.4},
		{"shop_orders_per_minute", nil, 0, 0.3, 0.8},
		{"rabbitmq_queue_messages", []string{"queue", "orders"}, queueFreed, 10, 1000},
		{"rabbitmq_queue_messages", []string{"queue", "orders"}, 0, 0.3, 3},
	} {
		v := s.find(t, c.name, c.labels...)
		now, before := v(beginning.Add(c.at)), v(beginning.Add(c.at-7*24*time.Hour))
		if ratio := now / before; ratio < c.least || ratio > c.most {
			t.Errorf("%s%v at %v is %.3g times that of a week before, want %g to %g", c.name, c.labels, c.at, ratio, c.least, c.most)
		}
	}
}

func TestStoryIsReproducibleAndFinite(t *testing.T) {
	one, two, other := tell(t, beginning, 1), tell(t, beginning, 1), tell(t, beginning, 2)
	differ := false
	for i, m := range one.metrics {
		for j, v := range m.series {
			for d := -History; d < 10*24*time.Hour; d += 7*time.Hour + 13*time.Second {
				at := beginning.Add(d)
				a, b := v.value(one.moment(at)), two.metrics[i].series[j].value(two.moment(at))
				if a != b {
					t.Fatalf("%s at %v is %g and %g", v.labels, at, a, b)
				}
				if math.IsNaN(a) || math.IsInf(a, 0) || a < 0 {
					t.Fatalf("%s at %v is %g", v.labels, at, a)
				}
				differ = differ || a != other.metrics[i].series[j].value(other.moment(at))
			}
		}
	}
	if !differ {
		t.Error("the seed changes nothing")
	}
}

func TestBusinessAveragesOne(t *testing.T) {
	s := tell(t, beginning, 1)
	var sum, n, least, most float64 = 0, 0, math.Inf(1), 0
	for d := time.Duration(0); d < 7*24*time.Hour; d += 5 * time.Minute {
		b := s.moment(beginning.Add(d)).busy
		sum, n, least, most = sum+b, n+1, min(least, b), max(most, b)
	}
	if mean := sum / n; math.Abs(mean-1) > 0.05 || least < 0.1 || most > 3 {
		t.Errorf("mean %.3f, least %.3f, most %.3f; want 1, above 0.1, below 3", mean, least, most)
	}
}

func TestNoise(t *testing.T) {
	n := newNoise(1, "x", 60)
	var sum, squares, count float64
	for at := 0.0; at < 1e6; at += 7 {
		v := n.at(at)
		sum, squares, count = sum+v, squares+v*v, count+1
		if math.Abs(n.at(at+1e-6)-v) > 1e-5 {
			t.Fatalf("noise jumps at %g", at)
		}
	}
	if mean, variance := sum/count, squares/count; math.Abs(mean) > 0.05 || math.Abs(variance-1) > 0.05 {
		t.Errorf("mean %.3f and variance %.3f, want 0 and 1", mean, variance)
	}
}

func TestCycles(t *testing.T) {
	c := newCycles(newNoise(1, "x", 60), 0, 1000, 500, 70, 0.2)
	if !slices.Contains(c, 500) || c[0] > 0 || c[len(c)-1] < 1000 {
		t.Fatalf("cycles %v lack 500 or do not span [0, 1000]", c)
	}
	for i := range c[1:] {
		if length := c[i+1] - c[i]; length < 56 || length > 84 {
			t.Errorf("cycle %d is %g long, want 70 ± 14", i, length)
		}
	}
	for _, at := range []float64{0, 499.9, 500, 700, 999} {
		k, f := c.phase(at)
		if got := c[k-1] + f*(c[k]-c[k-1]); math.Abs(got-at) > 1e-9 || f < 0 || f >= 1 {
			t.Errorf("phase of %g is %d, %g", at, k, f)
		}
	}
}

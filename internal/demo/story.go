package demo

import (
	"math"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

const (
	hour = 3600.0
	day  = 24 * hour
	week = 7 * day

	mib = 1 << 20
	gib = 1 << 30
)

// What is about to happen, counted from the start of the demo.
const (
	dataFull     = 31 * time.Hour     // /data on db-1
	leakRestart  = 9 * time.Hour      // recommender-0 reaches its memory limit and is restarted
	budgetSpent  = 4 * 24 * time.Hour // the error budget of checkout
	incident     = -20 * time.Minute  // checkout is slow and fails since then
	incidentEnds = 2 * time.Hour
	queueStuck   = 4 * time.Minute // nobody takes from the queue of orders
	queueFreed   = 50 * time.Minute
)

// History is how much of the past the demo holds when it starts.
const History = 28 * 24 * time.Hour

// span is how long the story lasts; after it, cycles no longer start over.
const span = 90 * 24 * time.Hour

// moment is a point of time, with what is the same for all series.
type moment struct {
	t    float64 // Unix seconds
	busy float64 // see business
}

// metric is a metric family of the story.
type metric struct {
	name, kind, help string
	series           []series
}

// series is one series of the story. value is a pure function: of a gauge, its value; of a counter, its rate; of the
// bucket of a histogram, the rate of what is in it and not in the one before.
type series struct {
	labels  labels.Labels // with the name
	rate    bool
	stacked bool // on the series before: not the first bucket
	value   func(moment) float64
}

// story is a small company: a shop of four services behind two web servers, a database, a build machine.
type story struct {
	start    float64 // of the demo, Unix seconds
	seed     uint64
	location *time.Location
	metrics  []metric
}

// newStory tells the story that is at its beginning at start. The company's customers live in location.
func newStory(start time.Time, seed uint64, location *time.Location) *story {
	s := &story{start: float64(start.Unix()), seed: seed, location: location}
	s.requests()
	s.latency()
	s.disks()
	s.memory()
	s.machines()
	s.queues()
	s.budgets()
	s.orders()
	return s
}

func (s *story) moment(t time.Time) moment {
	return moment{t: float64(t.UnixMilli()) / 1000, busy: business(t.In(s.location))}
}

// in gives the Unix time of a moment counted from the start of the demo.
func (s *story) in(d time.Duration) float64 { return s.start + d.Seconds() }

func (s *story) noise(name string, spacing time.Duration) noise {
	return newNoise(s.seed, name, spacing.Seconds())
}

func (s *story) add(name, kind, help string) *metric {
	s.metrics = append(s.metrics, metric{name: name, kind: kind, help: help})
	return &s.metrics[len(s.metrics)-1]
}

// with adds a series; pairs are names and values of its labels.
func (m *metric) with(value func(moment) float64, pairs ...string) {
	m.series = append(m.series, series{
		labels: labels.FromStrings(append(pairs, model.MetricNameLabel, m.name)...),
		rate:   m.kind == "counter" || m.kind == "histogram",
		value:  value,
	})
}

type service struct {
	name    string
	pods    int
	traffic float64 // requests a second on average
	median  float64 // of the latency, seconds
}

var services = [...]service{
	{"catalog", 2, 180, 0.035},
	{"checkout", 3, 42, 0.080},
	{"search", 3, 95, 0.055},
	{"recommender", 2, 60, 0.025},
}

// load gives the requests a second of a service.
func (s *story) load(v service) func(moment) float64 {
	slow, fast := s.noise("load/"+v.name, 40*time.Minute), s.noise("jitter/"+v.name, time.Minute)
	return func(m moment) float64 {
		return v.traffic * m.busy * math.Exp(0.05*slow.at(m.t)+0.03*fast.at(m.t))
	}
}

// failing gives the share of failing requests of a service.
func (s *story) failing(v service) func(moment) float64 {
	n := s.noise("failing/"+v.name, 10*time.Minute)
	return func(m moment) float64 {
		share := 0.0006 * math.Exp(0.5*n.at(m.t))
		if v.name == "checkout" {
			share += 0.03 * s.trouble(m.t)
		}
		return share
	}
}

// trouble is 1 during the incident.
func (s *story) trouble(t float64) float64 {
	return episode(t, s.in(incident), s.in(incidentEnds), 5*60)
}

func (s *story) requests() {
	total := s.add("http_requests_total", "counter", "Requests answered.")
	for _, v := range services {
		load, failing := s.load(v), s.failing(v)
		for i := range v.pods {
			pod := v.name + "-" + strconv.Itoa(i)
			n := s.noise("pod/"+pod, 5*time.Minute)
			share := func(m moment) float64 {
				f := (1 + 0.03*n.at(m.t)) / float64(v.pods)
				if pod == "search-2" { // its readiness probe fails
					f *= 1 - 0.85*ramp(m.t, s.in(-40*time.Minute), 60)
				}
				return max(f, 0)
			}
			instance := pod + ":8080"
			total.with(func(m moment) float64 { return load(m) * share(m) * (1 - failing(m)) },
				"job", v.name, "instance", instance, "service", v.name, "pod", pod, "code", "200")
			total.with(func(m moment) float64 { return load(m) * share(m) * failing(m) },
				"job", v.name, "instance", instance, "service", v.name, "pod", pod, "code", "500")
		}
	}
}

var bounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, math.Inf(1)}

// latency is a log-normal law whose median grows with the load.
func (s *story) latency() {
	const sigma = 0.5
	share := func(median, le float64) float64 {
		return 0.5 * math.Erfc(-(math.Log(le)-math.Log(median))/(sigma*math.Sqrt2))
	}
	buckets := s.add("http_request_duration_seconds_bucket", "histogram", "Time to answer requests.")
	for _, v := range services {
		load, n := s.load(v), s.noise("latency/"+v.name, 2*time.Minute)
		for i, le := range bounds {
			text := "+Inf"
			if !math.IsInf(le, 1) {
				text = strconv.FormatFloat(le, 'g', -1, 64)
			}
			buckets.with(func(m moment) float64 {
				median := v.median * (0.85 + 0.15*m.busy) * math.Exp(0.04*n.at(m.t))
				if v.name == "checkout" {
					median *= 1 + 3*s.trouble(m.t)
				}
				below := 0.0
				if i > 0 {
					below = share(median, bounds[i-1])
				}
				return load(m) * (share(median, le) - below)
			}, "job", v.name, "service", v.name, "le", text)
			buckets.series[len(buckets.series)-1].stacked = i > 0
		}
	}
}

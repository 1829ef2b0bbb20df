package incident

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// Weights of what speaks for an owner. Their sizes were compared on recorded faults of two systems; half and double of
// any one moves the share of faults whose owner comes first by at most one fault in 24.
const (
	explained = .8  // of a symptom, at most, is explained by an anomalous callee
	leastPart = .2  // of a symptom counts however small its share of the alerting series' excess
	ofTraffic = .25 // traffic is seldom a cause, ...
	ofDrop    = .4  // ... and less of it is what others cause
	ofClient  = .3  // what an owner sees of those that it calls
	ofRest    = .25 // of what speaks besides the strongest
	ofEdge    = .7  // of the ends of calls that disagree
	ofView    = .4  // an owner that is known only through its peer is a view
	ofTarget  = .6  // the alerting owner is where it shows
	ofOutside = .3  // an owner that the alerting one does not call
	ofHost    = .3  // a host shows what those on it do
	quiet     = .7  // evidence below which an owner shows nothing

	moments  = 16  // of the past at which the same is read, evenly spread
	ordinary = .25 // of them show less than an ordinary moment, since some may be incidents themselves
	named    = 2.2 // times what an ordinary moment shows: may be named
)

// Suspect is an owner at which an incident may have begun.
type Suspect struct {
	Owner string
	// Score is 1 and above where the owner may be named: far more speaks for it than for the first suspect of an ordinary
	// moment.
	Score    float64
	Kind     Kind   // of the evidence that weighs most
	Metric   string // that shows it; of an edge "client>server|metric"
	Evidence Evidence
	raw      float64
}

// Suspects returns the owners by what speaks for each at time `at`, the most likely first; none where nothing was
// recorded by then. Only samples up to `at` are used. target is the series whose alert opened the incident, nil where
// that is not known.
func (r *Recording) Suspects(g *Graph, at int64, target *Series) []Suspect {
	end := r.Until(at)
	if end == 0 {
		return nil
	}
	j := newJudge(r, g, end, target)
	all := j.rank(end)
	bar := j.ordinary(end)
	for i := range all {
		if bar > 0 {
			all[i].Score = all[i].raw / (named * bar)
		}
	}
	return all
}

// judge reads the evidence of all series at any moment, by what is usual up to one.
type judge struct {
	*Recording
	graph  *Graph
	target *Series
	owners []string
	index  map[string]int // of owners
	inside map[string]bool
	series []learntSeries
	edges  []learntEdge
}

type learntSeries struct {
	*Series
	values []float64 // up to the end; of errors that are told as a share that is well, what is missing to it
	bad    Direction
	usual  usual
}

type learntEdge struct {
	client, server int // of owners; -1: owns nothing
	metric         string
	gap            []float64
	usual          usual
}

func newJudge(r *Recording, g *Graph, end int, target *Series) *judge {
	j := &judge{Recording: r, graph: g, target: target, owners: r.Owners(), index: map[string]int{}}
	for i, o := range j.owners {
		j.index[o] = i
	}
	if target != nil && len(g.calls) > 0 {
		j.inside = g.reach(target.Owner)
	}
	buf := make([]float64, 0, end)
	for i := range r.Series {
		s := learntSeries{Series: &r.Series[i], values: r.Series[i].Values[:end], bad: r.Series[i].Bad}
		if s.Kind == Errors && s.Bad == Down {
			s.values, s.bad = shortfall(s.values), Up
		}
		s.usual = learn(s.values, buf)
		j.series = append(j.series, s)
	}
	for _, c := range r.Calls {
		if c.LatencyClient == nil {
			continue
		}
		e := learntEdge{client: j.owner(c.Client), server: j.owner(c.Server), metric: c.Client + ">" + c.Server + "|latency_client", gap: c.LatencyClient[:end]}
		if c.LatencyServer != nil {
			e.gap = make([]float64, end)
			for i := range e.gap {
				e.gap[i] = c.LatencyClient[i] - c.LatencyServer[i]
			}
		}
		e.usual = learn(e.gap, buf)
		j.edges = append(j.edges, e)
	}
	return j
}

func (j *judge) owner(name string) int {
	if i, ok := j.index[name]; ok {
		return i
	}
	return -1
}

// shortfall returns how far values are below the largest of them: a share of 99.9 % that falls to 99 % is ten times worse.
func shortfall(values []float64) []float64 {
	most := math.Inf(-1)
	for _, v := range values {
		if v > most {
			most = v
		}
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = most - v
	}
	return out
}

// ordinary returns what speaks for the first suspect at an ordinary moment before the window that ends at index end.
func (j *judge) ordinary(end int) float64 {
	first, last := max(local+window, end/4), end-2*window
	if last <= first {
		return 0
	}
	var stands []float64
	for k := range moments {
		if s := j.rank(first + (last-first)*k/(moments-1)); s[0].raw > 0 {
			stands = append(stands, s[0].raw)
		}
	}
	if len(stands) < moments/2 {
		return 0
	}
	slices.Sort(stands)
	return stat.Quantile(ordinary, stat.LinInterp, stands, nil)
}

// shown is what an owner shows at one moment.
type shown struct {
	of     [parts]float64  // the strongest evidence of each part
	series [parts]int      // that shows it; -1: none
	what   [parts]Evidence //
	target Evidence        // of its metric of the target's name
	alike  bool            // it has one
	volume float64         // requests, where told
}

// parts of what speaks for an owner.
const (
	partOwn     = iota // resource, saturation and other: its own
	partSymptom        // latency and errors
	partClient         // latency that it sees of others
	partTraffic
	partEdge
	parts
)

// rank returns the owners by the evidence of the window that ends before index end, scores not yet set.
func (j *judge) rank(end int) []Suspect {
	seen := make([]shown, len(j.owners))
	for i := range seen {
		for p := range parts {
			seen[i].series[p] = -1
		}
	}
	for i := range j.series {
		j.see(&seen[j.index[j.series[i].Owner]], i, end)
	}
	all := make([]Suspect, len(j.owners))
	votes := j.votes(seen, end)
	excess := 0.
	if j.target != nil {
		if i := j.owner(j.target.Owner); i >= 0 && seen[i].alike {
			excess = seen[i].target.Excess() * seen[i].volume
		}
	}
	for i, name := range j.owners {
		all[i] = j.suspect(name, seen, i, votes[i], excess)
	}
	slices.SortStableFunc(all, func(a, b Suspect) int { return cmp.Compare(b.raw, a.raw) })
	return all
}

// see notes what a series shows of its owner.
func (j *judge) see(o *shown, i, end int) {
	s := &j.series[i]
	e, ok := s.usual.evidence(s.values, end, s.bad)
	if s.Kind == Traffic && o.volume == 0 {
		now := present(nil, s.values[max(0, end-window):end])
		if len(now) > 0 {
			o.volume = max(0, stat.Mean(now, nil))
		}
	}
	if !ok {
		return
	}
	if j.target != nil && s.Metric == j.target.Metric {
		o.target, o.alike = e, true
	}
	part, weight := partOwn, 1.
	switch s.Kind {
	case Latency, Errors:
		if part = partSymptom; s.ofClient() {
			part = partClient
		}
	case Traffic:
		if part = partTraffic; !e.Up {
			weight = ofDrop
		}
	}
	if v := weight * e.Score; v > o.of[part] {
		o.of[part], o.series[part], o.what[part] = v, i, e
	}
}

// votes returns for each owner how much the calls that touch it speak of a fault of its own network: the gap between
// what client and server see of a call, times the share of all gaps that is its, times the share of its calls that gape.
func (j *judge) votes(seen []shown, end int) []float64 {
	votes := make([]float64, len(j.owners))
	if len(j.edges) == 0 {
		return votes
	}
	type touch struct {
		sum, clipped, most float64
		n                  int
	}
	touches := make([]touch, len(j.owners))
	total := 0.
	for i := range j.edges {
		e := &j.edges[i]
		v, ok := e.usual.evidence(e.gap, end, Up)
		if !ok || !v.Up {
			v.Score = 0
		}
		total += v.Score
		for _, o := range [...]int{e.client, e.server} {
			if o < 0 || !ok {
				continue
			}
			t := &touches[o]
			t.sum += v.Score
			t.clipped += min(1, v.Score)
			t.n++
			if v.Score > t.most {
				t.most = v.Score
				seen[o].of[partEdge], seen[o].series[partEdge], seen[o].what[partEdge] = v.Score, i, v
			}
		}
	}
	for o, t := range touches {
		if t.n > 0 && total > 0 {
			votes[o] = t.most * t.sum / total * t.clipped / float64(t.n)
		}
	}
	return votes
}

// suspect weighs what speaks for an owner. excess is that of the target, times its requests.
func (j *judge) suspect(name string, seen []shown, i int, vote, excess float64) Suspect {
	o := &seen[i]
	share, part := 1., 0.
	silent := func(n string) bool { c := j.owner(n); return c < 0 || j.symptom(&seen[c]) < quiet }
	callees := j.graph.callees(name, silent)
	if excess > 0 {
		own := 0.
		if o.alike && o.target.Score > 0 {
			own = o.target.Excess() * o.volume
		}
		share = leastPart + (1-leastPart)*min(1, own/excess)
		for _, n := range callees {
			if c := j.owner(n); c >= 0 && seen[c].alike && seen[c].target.Score > quiet && own > 0 {
				part = max(part, j.weightOfView(n, .5)*min(1, seen[c].target.Excess()*seen[c].volume/own))
			}
		}
	} else if s := o.of[partSymptom]; s > 0 {
		for _, n := range callees {
			if c := j.owner(n); c >= 0 {
				part = max(part, min(1, seen[c].of[partSymptom]/s))
			}
		}
	}
	left := 1 - explained*part
	v := o.of
	if j.graph.hosts[name] {
		v[partOwn] *= ofHost
	}
	v[partSymptom] *= left * share
	v[partClient] *= left * ofClient
	v[partTraffic] *= left * ofTraffic
	v[partEdge] = ofEdge * vote
	strongest, sum := 0, 0.
	for p := range parts {
		if p != partEdge {
			sum += v[p]
		}
		if v[p] > v[strongest] {
			strongest = p
		}
	}
	most := max(v[partOwn], v[partSymptom], v[partClient], v[partTraffic])
	s := Suspect{Owner: name, raw: most + ofRest*(sum-most) + v[partEdge], Kind: Other, Evidence: o.what[strongest]}
	if k := o.series[strongest]; k >= 0 && strongest == partEdge {
		s.Kind, s.Metric = Edge, j.edges[k].metric
	} else if k >= 0 {
		s.Kind, s.Metric = j.series[k].Kind, j.series[k].Metric
		s.Evidence = j.inUnit(k, s.Evidence)
	}
	s.raw *= j.weightOfView(name, ofView)
	switch {
	case j.target != nil && name == j.target.Owner:
		s.raw *= ofTarget
	case j.inside != nil && !j.inside[name] && !j.graph.hosts[name]:
		s.raw *= ofOutside
	}
	return s
}

// symptom returns the strongest evidence of an owner that its callers may see.
func (j *judge) symptom(o *shown) float64 { return o.of[partSymptom] }

func (j *judge) weightOfView(name string, weight float64) float64 {
	if j.graph.views[name] {
		return weight
	}
	return 1
}

// inUnit returns evidence of a shortfall in the unit of the series itself.
func (j *judge) inUnit(i int, e Evidence) Evidence {
	s := &j.series[i]
	if s.bad == s.Bad {
		return e
	}
	most := math.Inf(-1)
	for _, v := range s.Series.Values[:len(s.values)] {
		if v > most {
			most = v
		}
	}
	e.Before, e.After, e.Up = most-e.Before, most-e.After, false
	return e
}

// ofClient reports whether a latency is what the owner sees of those that it calls, by the metric's name.
func (s *Series) ofClient() bool { return strings.Contains(strings.ToLower(s.Metric), "client") }

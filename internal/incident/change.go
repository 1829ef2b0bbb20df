package incident

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	together   = int64(10 * time.Minute / time.Millisecond) // changes of one owner within which are one
	fades      = 45 * time.Minute                           // in which a change is half forgotten, about
	ofTheOwner = 1.                                         // weight of a change of the alerting owner, ...
	ofCallee   = .5                                         // ... of one that it calls or, where no calls are known, may, ...
	ofStranger = .2                                         // ... and of any other
	offBefore  = .3                                         // weight where the series was off before the change
)

// Change is an event that may have done something: a deploy, a restart, a new version.
type Change struct {
	Time  int64 // Unix milliseconds
	Owner string
	What  string
	ID    string
}

// Candidate is a change with what its time, its owner and its effect speak for.
type Candidate struct {
	Change
	Score  float64 // 1 and above: may be named as what changed before the onset
	Metric string  // whole column of the series that it shows in most
	Onset  int     // grid index at which that series left its usual range; -1: none did
	Effect Effect
}

// Changes returns the changes up to time `at`, the likeliest first. Changes of one owner within ten minutes count as one
// and follow each other. A change is never called the cause: it came before the onset.
func (r *Recording) Changes(g *Graph, at int64, target *Series, changes []Change) []Candidate {
	end := r.Until(at)
	var known []Change
	for _, c := range changes {
		if c.Time <= at {
			known = append(known, c)
		}
	}
	slices.SortStableFunc(known, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Time, b.Time))
	})
	var all []Candidate
	for i := 0; i < len(known); {
		last := i + 1
		for last < len(known) && known[last].Owner == known[i].Owner && known[last].Time-known[last-1].Time <= together {
			last++
		}
		c := r.candidate(g, end, target, known[i])
		for _, one := range known[i:last] {
			c.Change = one
			all = append(all, c)
		}
		i = last
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	return all
}

// candidate looks at what a change did to the series of its owner and to the one that alerts.
func (r *Recording) candidate(g *Graph, end int, target *Series, change Change) Candidate {
	best := Candidate{Change: change, Onset: -1}
	from := r.Until(change.Time)
	weight := relation(g, target, change.Owner)
	for i := range r.Series {
		s := &r.Series[i]
		if s.Owner != change.Owner && s != target || from >= end {
			continue
		}
		score, onset, ok := r.since(s, from, end)
		if !ok {
			continue
		}
		part := weight
		if s.Owner != change.Owner {
			part *= ofCallee
		}
		if onset >= 0 {
			lag := time.Duration(r.Time(onset)-change.Time) * time.Millisecond
			if lag < 0 {
				part *= offBefore
				lag = 0
			}
			part *= math.Exp(-lag.Minutes() / fades.Minutes())
		}
		if score *= part; best.Metric == "" || score > best.Score {
			best.Score, best.Metric, best.Onset = score, s.Owner+"|"+s.Metric, onset
			best.Effect = Measure(s.Values[:end], r.Step, from, end)
		}
	}
	return best
}

// since returns the evidence of a series from index from on by what was usual before, and where it left its usual
// range; -1: it did not. It reports false where too little is known of before.
func (r *Recording) since(s *Series, from, end int) (score float64, onset int, known bool) {
	values, bad := s.Values[:end], s.Bad
	if s.Kind == Errors && bad == Down {
		values, bad = shortfall(values), Up
	}
	u := learn(values[:min(end, from+window)], nil)
	onset = -1
	for i := from + 1; i <= end; i++ {
		e, ok := u.evidence(values, i, bad)
		known = known || ok
		if ok && e.Score > score {
			score = e.Score
		}
		if ok && e.Score >= 1 && onset < 0 {
			onset = e.Onset
		}
	}
	return score, onset, known
}

// relation returns the weight of a change of an owner for an incident that shows at the target.
func relation(g *Graph, target *Series, owner string) float64 {
	switch {
	case target == nil || target.Owner == owner:
		return ofTheOwner
	case len(g.calls) == 0 || g.reach(target.Owner)[owner]:
		return ofCallee
	}
	return ofStranger
}

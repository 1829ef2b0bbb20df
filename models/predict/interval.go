package predict

import (
	"math"
	"slices"
)

const (
	keptErrors  = 960  // errors that intervals are read from
	ageDecay    = 0.95 // of an error's weight, a day
	spreadPower = 0.3  // by which the members' disagreement widens
	rankWidth   = 0.2
	rankFloor   = 0.1
	numRanks    = 16
	maxAge      = 15
)

// law is what is known of the errors of the combination: the backtest's, each over a scale, sorted, with where it was
// made, so that an interval is read from those most like it: conformal prediction, local in lead, time of day and level
// (Vovk et al. 2005; Guan 2023).
type law struct {
	unit    float64  // of the codes
	codes   []uint16 // errors over their scale, ascending
	lead    []uint8  // bucket << 4 | rank of the forecast
	when    []uint8  // slot << 3 | age/3
	spread  float64  // mean disagreement
	bucket  [numBuckets]float32
	centres [numRanks - 1]float32 // quantiles of the forecasts
}

// learn takes over the errors of trials, of which a moment has perDay a day.
func (l *law) learn(trials []trial, perDay float64, newest int) {
	*l = law{codes: l.codes[:0], lead: l.lead[:0], when: l.when[:0]}
	var all tally
	var bucket [numBuckets]tally
	usable := make([]*trial, 0, len(trials))
	for i := range trials {
		t := &trials[i]
		if math.IsNaN(t.centre) || math.IsNaN(t.y) {
			continue
		}
		usable = append(usable, t)
		l.spread += t.spread
	}
	if len(usable) == 0 {
		return
	}
	l.spread /= float64(len(usable))
	centres := make([]float64, len(usable))
	for i, t := range usable {
		centres[i] = t.centre
		e := math.Abs(t.y - t.centre)
		all.add(e, 1)
		bucket[t.bucket].add(e, 1)
	}
	slices.Sort(centres)
	for i := range l.centres {
		l.centres[i] = float32(centres[(i+1)*len(centres)/numRanks])
	}
	mean := all.sum / all.weight
	if mean == 0 {
		mean = 1
	}
	for b := range bucket {
		l.bucket[b] = float32(bucket[b].mean(mean, 10))
	}
	for b := range bucket { // what was never tried is at least as wide as what is nearer
		if bucket[b].weight == 0 && b > 0 {
			l.bucket[b] = l.bucket[b-1] * 1.1
		}
	}
	type sample struct {
		u          float64
		lead, when uint8
	}
	stride := float64(len(usable)) / keptErrors
	kept := make([]sample, 0, keptErrors)
	for at := 0.0; int(at) < len(usable) && len(kept) < keptErrors; at += max(stride, 1) {
		t := usable[int(at)]
		age := min(maxAge, int(float64(newest-t.origin)/perDay/2))
		kept = append(kept, sample{
			u:    (t.y - t.centre) / l.width(t.spread, int(t.bucket)),
			lead: t.bucket<<4 | uint8(l.rank(t.centre)), when: t.slot<<3 | uint8(age/2),
		})
	}
	slices.SortFunc(kept, func(a, b sample) int {
		switch {
		case a.u < b.u:
			return -1
		case a.u > b.u:
			return 1
		}
		return int(a.when) - int(b.when)
	})
	for _, s := range kept {
		l.unit = max(l.unit, math.Abs(s.u))
	}
	for _, s := range kept {
		l.codes = append(l.codes, encodeFloat(s.u/max(l.unit, 1e-300), 0))
		l.lead = append(l.lead, s.lead)
		l.when = append(l.when, s.when)
	}
}

// width is the scale of an error.
func (l *law) width(spread float64, bucket int) float64 {
	e := 0.1*l.spread + 1e-12
	return float64(l.bucket[bucket]) * math.Pow((spread+e)/(l.spread+e), spreadPower)
}

// rank tells where a forecast stands among the backtest's.
func (l *law) rank(centre float64) int {
	lo, hi := 0, len(l.centres)
	for lo < hi {
		if mid := (lo + hi) / 2; float64(l.centres[mid]) < centre {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// edges fills lower and upper, one for each ascending level, with the interval around centre; they nest.
func (l *law) edges(lower, upper []float64, levels []float64, centre, spread float64, bucket, slot int) {
	var weights [keptErrors]float64
	var byLead [numBuckets << 4]float64
	var byWhen [numSlots << 3]float64
	rank := l.rank(centre)
	for b := range numBuckets {
		var w float64
		switch b - bucket {
		case 0:
			w = 1
		case -1, 1:
			w = 0.4
		case -2, 2:
			w = 0.15
		default:
			w = 0.05
		}
		for r := range numRanks {
			d := float64(r-rank) / (numRanks * rankWidth)
			d *= d
			byLead[b<<4|r] = w * (1/(1+d*d) + rankFloor)
		}
	}
	for s := range numSlots {
		w := 0.3
		switch d := s - slot; d {
		case 0:
			w = 1.1
		case 1, -1, numSlots - 1, 1 - numSlots:
			w = 0.6
		}
		age := 1.0
		for a := range 8 {
			byWhen[s<<3|a] = w * age
			age *= ageDecay * ageDecay * ageDecay * ageDecay
		}
	}
	total, squares := 0.0, 0.0
	w := weights[:len(l.codes)]
	for i := range w {
		x := byLead[l.lead[i]] * byWhen[l.when[i]]
		w[i] = x
		total += x
		squares += x * x
	}
	scale := l.width(spread, bucket) * l.unit
	n := total * total / squares
	lo, hi := centre, centre
	for i, level := range levels {
		if len(w) > 0 {
			lo = min(lo, centre+scale*l.quantile(w, total, ((1-level)/2*(n+1)-0.5)/n))
			hi = max(hi, centre+scale*l.quantile(w, total, ((1+level)/2*(n+1)-0.5)/n))
		}
		lower[i], upper[i] = lo, hi
	}
}

// quantile interpolates the weighted errors between the middles of their weights.
func (l *law) quantile(w []float64, total, q float64) float64 {
	if q > 0.5 {
		after, sum := 0.0, 0.0
		for i := len(w) - 1; i >= 0; i-- {
			middle := sum + w[i]/2
			if middle >= (1-q)*total {
				v := decodeFloat(l.codes[i], 0)
				if i == len(w)-1 {
					return v
				}
				return v + (middle-(1-q)*total)/(middle-after)*(decodeFloat(l.codes[i+1], 0)-v)
			}
			after = middle
			sum += w[i]
		}
		return decodeFloat(l.codes[0], 0)
	}
	before, sum := 0.0, 0.0
	for i := range w {
		middle := sum + w[i]/2
		if middle >= q*total {
			v := decodeFloat(l.codes[i], 0)
			if i == 0 {
				return v
			}
			return v - (middle-q*total)/(middle-before)*(v-decodeFloat(l.codes[i-1], 0))
		}
		before = middle
		sum += w[i]
	}
	return decodeFloat(l.codes[len(w)-1], 0)
}

package anomaly

import "math"

const (
	totalRows = 24   // of a block of the sum
	least     = .5   // slope of the sum's law
	usualSum  = 1.7  // that half of the blocks exceed, ...
	rarerSum  = 2.8  // ... and by so much more a tenth: noise of all kinds and real series nearly agree on it, ...
	sumBlocks = 200  // ... and one that has larger sums is believed half by so many blocks
	highest   = 5.   // score
	sums      = .9   // of the promise goes to the sum, ...
	mostSums  = .36  // ... up to so much a week: what is promised beyond is for ...
	singles   = 1.1  // ... single samples so far off that they need no other part; times the promise squared, a week
	commonest = .013 // probability of an event in a block: what is more frequent is no anomaly, whatever the promise
	stale     = .7   // of the evidence of a shape comes from the rows before
)

// verdict is what speaks against one sample by itself.
type verdict struct {
	Score         // 1 where an event of that size is expected as often as promised
	fresh float64 // the score without what neighbouring rows share anyway
	now   float64 // the score without what only the hours before say
}

// judge adds up the evidence of the parts, as Fisher (1925) combines independent tests, and calibrates the sum, which it
// notes in the reading, by what sums are usual, in general and for the series.
func (s *Scorer) judge(r *reading) (v verdict) {
	k := &s.learnt
	var parts [PartShape + 1]float64
	var over float64 // what only the last hours say of the level
	for i, kind := range kinds() {
		c := &k.Calibrator[i]
		if r.z[i] > 0 && c.blocks() >= .5 {
			g := c.evidence(r.z[i], c.shrunk())
			if i == statLasting {
				over = max(0, g-parts[kind.part])
			}
			parts[kind.part] = max(parts[kind.part], g)
		}
	}
	for p, g := range parts {
		r.sum += g
		if g > parts[v.Part] {
			v.Part = Part(p)
		}
	}
	f := s.options.FalseEventsPerWeek
	bar := s.bar(min(sums*f, mostSums), totalRows)
	l := k.Total.atLeast(law{Mid: usualSum, Slope: rarerSum}, sumBlocks)
	score := func(sum float64) float64 { return min(k.Total.evidence(sum, l)/bar, highest) }
	v.Value = score(r.sum)
	v.fresh = score(r.sum - parts[PartSpread] - stale*parts[PartShape])
	v.now = score(r.sum - over - stale*parts[PartShape])
	either := s.bar(singles*f*f/2, kinds()[statAbove].rows) // above and below are calibrated apart
	if point := min(parts[PartPoint]/either, highest); point > v.Value {
		v.Value, v.Part, v.now = point, PartPoint, point
	}
	toward := float64(k.Level)
	if v.Part == PartPoint {
		toward = r.surprise
	}
	switch {
	case v.Part == PartPoint && math.Abs(r.error) < math.Abs(r.surprise)/4: // back where it is expected
	case toward < 0:
		v.Direction = -1
	default:
		v.Direction = 1
	}
	return v
}

// wants tells whether a deviation lies on a side that the user asked for.
func (o *Options) wants(deviation float64) bool {
	return o.Above == o.Below || o.Above && deviation > 0 || o.Below && deviation < 0
}

// bar is the evidence that a block of that many rows exceeds rate times a week.
func (s *Scorer) bar(rate float64, rows int) float64 {
	return math.Log(.5 / min(rate*float64(rows)*float64(s.step)/(7*day), commonest))
}

// counts tells whether a deviation is one the user asked for.
func (o *Options) counts(t int64, v float64, direction int8, expected float64) bool {
	if !o.wants(float64(direction)) {
		return false
	}
	if o.Active != nil && !o.Active(t) {
		return false
	}
	d := math.Abs(v - expected)
	return d >= o.MinimumDeviation && d >= o.MinimumRelativeDeviation*math.Abs(expected)
}

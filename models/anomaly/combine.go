package anomaly

import "math"

const (
	totalRows   = 24   // of a block of the sum
	shapeBlocks = 300  // at which the measured shape of a part's law weighs as much as an exponential one
	sumBlocks   = 400  // the same for the points of the sum's law, ...
	sumShapes   = 1000 // ... and its shape
	least       = .5   // slope of the sum's law
	highest     = 5.   // score
	commonest   = .015 // probability of an event in a block: what is more frequent is no anomaly, whatever the promise
	bursts      = .35  // samples a week whose sum is beyond the bar, for a promise of 1: ...
	accrual     = .2   // ... persistence makes more events than the bar alone, the more the lower it is
	singles     = 1.3  // single samples a week so far off that they need no other part, for a promise of 1: ...
	keenness    = 2    // ... who asks for more events wants the short ones above all
	stale       = 2. / 3
)

// usualSum is the law of the sum where nothing is known of a series. It is nearly the same for noise of all kinds and
// for real series, since what goes into the sum is calibrated already.
func usualSum() law { return law{Mid: 1.7, Slope: 2.8} }

// judge adds up the evidence of the parts, as Fisher (1925) combines independent tests, and calibrates the sum by the
// series' own sums. It gives the sum with the score, which is 1 where an event of that size is expected as often as
// promised, and fresh, the score without what neighbouring rows share anyway.
func (s *Scorer) judge(r *reading) (sum, fresh float64, v Score) {
	k := &s.learnt
	var parts [PartShape + 1]float64
	for i, kind := range kinds() {
		c := &k.Calibrator[i]
		if r.z[i] > 0 && c.blocks() >= .5 {
			parts[kind.part] = max(parts[kind.part], c.evidence(r.z[i], c.toward(law{Mid: c.Mid, Slope: c.Slope}, 0, shapeBlocks)))
		}
	}
	for p, g := range parts {
		sum += g
		if g > parts[v.Part] {
			v.Part = Part(p)
		}
	}
	f := s.options.FalseEventsPerWeek
	bar := s.bar(min(f, bursts*math.Pow(f, accrual)), totalRows)
	l := k.Total.toward(usualSum(), sumBlocks, sumShapes)
	v.Value = min(k.Total.evidence(sum, l)/bar, highest)
	fresh = v.Value
	if g := parts[PartSpread] + stale*parts[PartShape]; g > 0 { // means of the last rows themselves, and nearly so
		fresh = min(k.Total.evidence(sum-g, l)/bar, highest)
	}
	if point := min(parts[PartPoint]/s.bar(singles/2*math.Pow(f, keenness), kinds()[statAbove].rows), highest); point > v.Value {
		v.Value, v.Part = point, PartPoint
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
	return sum, fresh, v
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

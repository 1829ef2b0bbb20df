package anomaly

import "math"

// The statistics of a sample and its recent past, each 0 or above and the larger the less usual.
const (
	statAbove    = iota // error of the sample above what the errors before it let expect, in usual ones
	statBelow           // the same below
	statLevel           // mean error of the last rows
	statLasting         // mean error of the last hours
	statVolatile        // recent errors against those usual at this time
	statFlat            // recent movement against the movement usual at this time
	statShape           // distance of the last eight rows from the nearest shape met before
	stats
)

// kind is what sets a statistic apart.
type kind struct {
	rows  int     // of a calibrator's block
	least float64 // slope of its law
	part  Part    // of the score it belongs to
}

func kinds() *[stats]kind {
	return &[stats]kind{
		statAbove:    {12, .4, PartPoint},
		statBelow:    {12, .4, PartPoint},
		statLevel:    {36, .5, PartLevel},
		statLasting:  {144, .5, PartLevel},
		statVolatile: {36, .2, PartSpread},
		statFlat:     {36, .2, PartSpread},
		statShape:    {24, .1, PartShape},
	}
}

const (
	day      = 86_400_000 // milliseconds
	adjacent = 3.5        // rows apart, up to which samples are neighbours
	lost     = 12         // rows without a sample, after which nothing recent is known
	tame     = 4.5        // usual ones: what of an error may bend what is usual
	localRow = 72         // rows that the usual error at a time of day remembers
	modest   = 1.2        // usual ones: what of a surprise may bend the usual one, which so is one that most exceed
	normal   = 2.2        // usual ones make the mean one of normal noise
	doubtful = .5         // usual ones, by which an outage of a day makes any error less surprising, ...
	regained = day / 4    // ... and the time in which that is forgotten
)

// learnt is what a scorer knows, in fixed size. Values are kept as (value - Ref) / Unit.
type learnt struct {
	Ref, Unit float64
	First     int64
	Last      int64
	Rows      uint32
	Season    season
	Auto      autoregression

	Recent [width]float32 // the last values, oldest first
	Fresh  uint8          // how many of them there are since the last interruption

	Spread   float32        // usual |error after autoregression|: its mean, each counted up to modest ones
	SpreadAt [parts]float32 // the same by part of the period
	Move     float32        // usual |difference to the row before|
	MoveAt   [parts]float32
	Error    float32 // usual |error|
	Size     float32 // usual |value - level|
	Quantum  float32 // least difference seen
	Shape    float32 // usual distance from the nearest shape
	Doubt    float32 // usual errors that an outage explains

	Level, Lasting    float32 // mean errors of late
	NowSpread, NowMov float32 // Spread and Move of late

	Calibrator [stats]calibrator
	Recurrence recurrence
	Total      calibrator
	Dictionary dictionary
	Event      event
}

// reading is what one sample looks like before it is learnt.
type reading struct {
	x, gap          float64
	part            int
	forecast        [experts]float64
	expected, error float64 // and the error
	surprise        float64 // what of the error earlier ones do not explain
	moved           float64
	spread, move    float64 // usual ones at this time
	usual, size     float64 // usual error and extent
	z               [stats]float64
	sum             float64 // of the evidence of the parts
	nearest         int
	known           bool // at this time of day
	near, familiar  float64
}

// read measures the sample x of time t by what is known, which it brings up to t.
func (s *Scorer) read(t int64, v float64, told float64, past Past) (r reading) {
	k := &s.learnt
	if k.Unit == 0 && v != k.Ref {
		k.Unit = min(max(math.Abs(v-k.Ref), 1e-12*max(math.Abs(v), math.Abs(k.Ref))), math.MaxFloat64)
	}
	r.x, r.gap = k.scale(v), float64(t-k.Last)/float64(s.step)
	was, at := k.Season.At, floor(t, s.bin)
	r.part = int(modulo(at, parts))
	s.interrupt(r.gap)
	if r.gap > lost {
		k.Doubt = max(k.Doubt, float32(doubtful*math.Sqrt(r.gap*float64(s.step)/day))) // as a random walk would
	}

	k.Season.advance(at)
	k.Recurrence.advance(was, at)
	var ago [periods]float64
	for p := 1; p < periods; p++ {
		ago[p] = s.ago(t, p, past)
	}
	k.Season.forecasts(&r.forecast, &ago, s.agoSmooth(t, 1, past), s.agoSmooth(t, periods-1, past), k.scale(told), float64(k.Error))
	newest := float64(k.Recent[width-1])
	r.expected = k.Season.mix(&r.forecast)
	if r.expected != r.expected {
		r.expected = newest
	}
	r.error = r.x - r.expected
	r.surprise = r.error - k.Auto.predict()
	if r.gap < adjacent {
		r.moved = math.Abs(r.x - newest)
	}
	if r.moved > 0 && (k.Quantum == 0 || r.moved < float64(k.Quantum)) {
		k.Quantum = float32(r.moved)
	}

	least := max(float64(k.Quantum)/4, 1e-9)
	r.spread = max((float64(k.Spread)+float64(k.SpreadAt[r.part]))/2, .2*float64(k.Move), least)
	r.move = max((float64(k.Move)+float64(k.MoveAt[r.part]))/2, least)
	r.usual = max(float64(k.Error), r.spread)
	r.size = max(float64(k.Size), r.usual)

	// What is recent moves on with the sample itself; it is scored before it is learnt all the same.
	if r.known = k.Recurrence.knows(k.Season.At, r.error); r.known { // and not held against the hours after it
		approach(&k.Level, 0, 2./(3+1))
		approach(&k.Lasting, 0, s.lasting)
		approach(&k.NowSpread, normal*r.spread, 2./(12+1))
		approach(&k.NowMov, r.move, 2./(24+1))
	} else {
		approach(&k.Level, r.error, 2./(3+1))
		approach(&k.Lasting, r.error, s.lasting)
		approach(&k.NowSpread, min(math.Abs(r.surprise), 20*r.spread), 2./(12+1))
		approach(&k.NowMov, r.moved, 2./(24+1))
	}
	copy(k.Recent[:], k.Recent[1:])
	k.Recent[width-1] = float32(r.x)
	k.Fresh = min(k.Fresh+1, width)
	s.measure(&r)
	return r
}

// measure fills in the statistics.
func (s *Scorer) measure(r *reading) {
	k := &s.learnt
	r.z[statAbove] = r.surprise / (normal * r.spread)
	r.z[statBelow] = -r.z[statAbove]
	r.z[statLevel] = 2 * math.Abs(float64(k.Level)) / r.usual
	r.z[statLasting] = 2 * math.Abs(float64(k.Lasting)) / r.usual
	r.z[statVolatile] = 4 * math.Log((float64(k.NowSpread)+.1*r.spread)/(1.1*r.spread))
	r.z[statFlat] = -4 * math.Log((float64(k.NowMov)+.1*r.move)/(1.1*r.move))
	r.familiar = math.NaN()
	if k.Fresh == width {
		r.nearest, r.near, r.familiar = k.Dictionary.find(&k.Recent)
		r.z[statShape] = r.familiar / (float64(k.Shape) + .05*r.size)
	}
	for i := range r.z {
		if r.z[i] /= 1 + float64(k.Doubt); !(r.z[i] > 0) {
			r.z[i] = 0
		}
	}
}

// interrupt forgets what is recent where samples are missing.
func (s *Scorer) interrupt(gap float64) {
	k := &s.learnt
	if gap > adjacent {
		k.Auto.interrupt()
	}
	if gap > lost {
		k.Fresh, k.Level, k.Lasting = 0, 0, 0
		k.NowSpread, k.NowMov = k.Spread, k.Move
	}
}

// scale gives v in the scorer's unit.
func (k *learnt) scale(v float64) float64 {
	if k.Unit == 0 {
		return 0 * v
	}
	return clip((v-k.Ref)/k.Unit, 1e18)
}

// ago gives the value p periods before t, from the past or, where that does not reach, the mean of that part of the
// period; NaN if there is none.
func (s *Scorer) ago(t int64, p int, past Past) float64 {
	k := &s.learnt
	back := t - int64(p)*s.period
	lag := int((k.Last - back + s.step/2) / s.step)
	for _, l := range [...]int{lag, lag + 1, lag - 1} {
		if l < 0 {
			continue
		}
		if v := past.Lag(l); v-v == 0 {
			return k.scale(v)
		}
	}
	if at := floor(back, s.bin); k.Season.At-at < int64(len(k.Season.Bin)) {
		return float64(*k.Season.bin(at))
	}
	return math.NaN()
}

// agoSmooth is ago, of the median of three rows where there are.
func (s *Scorer) agoSmooth(t int64, p int, past Past) float64 {
	lag := int((s.learnt.Last - (t - int64(p)*s.period) + s.step/2) / s.step)
	if lag > 0 {
		a, b, c := past.Lag(lag+1), past.Lag(lag), past.Lag(lag-1)
		if m := max(min(a, b), min(max(a, b), c)); m-m == 0 {
			return s.learnt.scale(m)
		}
	}
	return s.ago(t, p, past)
}

func modulo(a, b int64) int64 { return a - floor(a, b)*b }

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

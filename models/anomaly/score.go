package anomaly

import (
	"math"

	"github.com/foresight-exporter/foresight/models/interval"
)

// score measures, judges, learns and gates one sample that has an expectation, in hour at.
func (s *Scorer) score(t int64, v float64, e interval.Interval, moved float64, at int64) (Score, Lesson) {
	y, k := &s.Yardstick, &s.Recent
	x, m := s.scale(v), s.scale(e.Mean)
	half := (s.scale(e.Upper) - s.scale(e.Lower)) / 2
	u := (x - m) / y.unit(m, x, half, k.Doubt > 0)
	rest := k.unexplained(u)
	k.push(u, rest, moved, s.Event.Start != 0)
	var stat [statistics]float64
	k.measure(&stat, rest, y.Move)

	score := s.judge(&stat)
	held := s.steady(score.Value)
	alone := score.Value >= held
	if alone {
		s.Spoke = score.Part
	} else {
		score = Score{Value: held, Part: s.Spoke, ReturnPeriod: s.returnPeriod(held * s.raised())}
	}
	lesson := Lesson{Anomalous: score.Value > 1, Missing: score.Value > 1 && math.Abs(u) > absurd}
	began := s.Event.Start
	s.Event.step(score.Value, t)
	s.Habit *= s.forget
	if began != 0 && s.Event.Start == 0 {
		s.Habit++
	}
	began = s.Event.Start
	if began != 0 && float64(t-began) >= min(s.settle, float64(began-s.First)/youngSettle) {
		lesson = Lesson{Accept: began}
		s.Event = event{}
		s.Habit++
		y.accept()
	}
	s.learn(&stat, at)
	if apart := x - m - k.Level; began != 0 {
		y.hold(apart, moved)
	} else {
		y.release()
		y.learn(m, x-m)
		y.move(moved)
		k.relate(u, max(rate, 1/float64(s.Rows)))
	}
	k.Level += 2. / (hourRows + 1) * (x - m - k.Level)
	k.Value, k.Error, k.Linked = v, float32(clip(u, math.MaxFloat32/2)), true

	score.Direction = s.direction(score.Part, u, alone)
	if !s.options.allows(t, v, score.Direction, e.Mean) {
		score = Score{}
	}
	score.Onset = s.Told.step(score.Value, t)
	if lesson.Accept != 0 {
		s.Told = event{}
	}
	score.Start = s.Told.Start
	return score, lesson
}

// direction returns the side on which things are wrong: that of the error, or, where the last rows speak rather than this
// one, that of the last one that was far off.
func (s *Scorer) direction(part Part, u float64, alone bool) int8 {
	if math.Abs(u) > 1 && (s.Side == 0 || alone && part != PartSpread) {
		s.Side = side(u)
	}
	switch {
	case part == PartLevel:
		return side(float64(s.Recent.Hour))
	case part == PartSpread || !alone:
		return s.Side
	}
	return side(u)
}

// steady returns a score, or the least of the three before: one row that is not as bad does not end what went on.
func (s *Scorer) steady(score float64) float64 {
	l := &s.Late
	most := max(score, float64(min(l[0], l[1], l[2])))
	*l = [3]float32{float32(score), l[0], l[1]}
	return most
}

// judge says what the statistics amount to: the evidence of their sum against the sums that are usual, or of the single
// sample alone, over the evidence at which the promise is met.
func (s *Scorer) judge(stat *[statistics]float64) Score {
	s.Rows += min(1, math.MaxUint32-s.Rows)
	if s.Rows <= warmUp || s.Blocks < warmBlocks {
		return Score{}
	}
	part, sum, single, unknown := s.add(stat)
	s.Sum.Peak, s.Single.Peak = max(s.Sum.Peak, float32(sum)), max(s.Single.Peak, float32(single))
	evidence, bar := s.evidence(sum, single), s.raised()
	score := Score{Value: evidence / bar, Part: part}
	if evidence <= bar && unknown > sum && s.Sum.evidence(unknown) > bar {
		score.Part = PartKnown
	}
	if score.Value > 0 {
		score.ReturnPeriod = s.returnPeriod(evidence)
	}
	return score
}

// raised returns the evidence at which the score is 1, after the events of late.
func (s *Scorer) raised() float64 { return s.bar * (1 + repeat*float64(s.Habit)) }

// evidence returns that of a sum or of a single sample, whichever is more.
func (s *Scorer) evidence(sum, single float64) float64 {
	return max(s.Sum.evidence(sum), s.Single.evidence(single))
}

// add counts by how many octaves each statistic exceeds half of what is usual, or what is known of this hour, and adds up
// the largest of each part. It returns the loudest part, the sum, what the single sample has of it, and what the sum would
// be if nothing were known of this hour.
func (s *Scorer) add(stat *[statistics]float64) (part Part, sum, single, unknown float64) {
	var e, all [statistics]float64
	for i, x := range stat {
		if !(x > 0) || i == statFlat && s.Usual[i].Most > float32(math.Log(.9/still)) { // as flat as can be is usual
			continue
		}
		x = math.Log(x)
		all[i] = max(0, 1+(x-float64(s.Usual[i].Most))/math.Ln2)
		e[i] = max(0, min(all[i], (x-float64(s.Recall[i]))/math.Ln2))
	}
	parts := func(e *[statistics]float64) [3]float64 {
		return [...]float64{max(e[statAbove], e[statBelow]), max(e[statHour], e[statLong]), spreadWeight * max(e[statVolatile], e[statFlat])}
	}
	most := 0.
	for i, v := range parts(&e) {
		sum += v
		if v > most {
			most, part = v, PartPoint+Part(i)
		}
	}
	for _, v := range parts(&all) {
		unknown += v
	}
	return part, sum, parts(&e)[0], unknown
}

// learn takes in the statistics of a row of hour at, and closes a block after hourRows of them.
func (s *Scorer) learn(stat *[statistics]float64, at int64) {
	s.Known.learn(at, stat)
	for i, x := range stat {
		s.Usual[i].Peak = max(s.Usual[i].Peak, float32(min(x, math.MaxFloat32)))
	}
	if s.BlockRows++; s.BlockRows < hourRows {
		return
	}
	s.BlockRows = 0
	s.Blocks += min(1, math.MaxUint32-s.Blocks)
	n := float64(s.Blocks)
	for i := range s.Usual {
		s.Usual[i].learn(n, s.blocks, math.Log(floors()[i]))
	}
	if n > 2*warmBlocks {
		s.Sum.learn(n, s.blocks)
		s.Single.learn(n, s.blocks)
	}
	s.Sum.Peak, s.Single.Peak = 0, 0
}

func side(x float64) int8 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// wants reports whether a deviation lies on a side that the user asked for.
func (o *Options) wants(deviation float64) bool {
	return o.Above == o.Below || o.Above && deviation > 0 || o.Below && deviation < 0
}

// allows reports whether a deviation is one the user asked for. It decides what is said, never what is learnt.
func (o *Options) allows(t int64, v float64, direction int8, expected float64) bool {
	if !o.wants(float64(direction)) || !o.wants(v-expected) || o.Active != nil && !o.Active(t) {
		return false
	}
	d := math.Abs(v - expected)
	return d >= o.MinimumDeviation && d >= o.MinimumRelativeDeviation*math.Abs(expected)
}

package anomaly

import "math"

const (
	parts   = 24 // of a period
	periods = 8  // remembered
	experts = 5
	contest = 6  // how sharply experts are told apart
	taught  = 24 // rows an expert is judged by before it has a say
)

// season forecasts one row ahead from whole periods (days): the mean of the last one, and what earlier ones were like
// at this time against their own means. Five experts vote, weighted by exp(-6 (error / least error - 1)).
type season struct {
	Bin   [parts * periods]float32 // means of the parts of periods, NaN where nothing was seen
	At    int64                    // the present part, counted from 1970
	Sum   float64                  // of the present part, and its rows
	N     float64
	Level [periods]float32 // mean over the period up to now, up to one period ago, ...; NaN where unknown
	Cost  [experts]float32 // mean absolute error
	Seen  [experts]uint16  // rows an expert was judged by
}

func newSeason(at int64) season {
	s := season{At: at}
	for i := range s.Bin {
		s.Bin[i] = float32(math.NaN())
	}
	for i := range s.Level {
		s.Level[i] = float32(math.NaN())
	}
	return s
}

// bin is the mean of part at, one of the last eight periods'.
func (s *season) bin(at int64) *float32 {
	return &s.Bin[modulo(at, int64(len(s.Bin)))]
}

// advance closes the present part and moves on to part at, which is not before it.
func (s *season) advance(at int64) {
	if at <= s.At {
		return
	}
	*s.bin(s.At) = *s.bin(s.At - parts)
	if s.N > 0 {
		*s.bin(s.At) = float32(s.Sum / s.N)
	}
	// What was missed is taken to have been as a week before, else as a period before.
	for b := max(s.At+1, at-int64(len(s.Bin))); b < at; b++ {
		v := *s.bin(b - (periods-1)*parts)
		if v != v {
			v = *s.bin(b - parts)
		}
		*s.bin(b) = v
	}
	s.At, s.Sum, s.N = at, 0, 0
	for k := range s.Level {
		var sum, n float64
		for j := int64(1); j <= parts; j++ {
			if v := float64(*s.bin(at - int64(k)*parts - j)); v == v {
				sum += v
				n++
			}
		}
		switch {
		case n > 0:
			s.Level[k] = float32(sum / n)
		case k > 0: // the newest stays as the best there is
			s.Level[k] = float32(math.NaN())
		}
	}
}

// learn adds the value x, cleared of what is unusual, to the present part.
func (s *season) learn(x float64) {
	s.Sum += x
	s.N++
}

// forecasts fills f with what each expert expects, NaN where it has nothing to go by: the last period's mean; that and
// the median of the last seven periods at this time; that and the period before six others; that and the last period;
// and what the caller was told. ago[k] is the value k periods ago; yesterday and week the medians of three rows one and
// seven periods ago, so that a single wild row does not echo; usual is the usual error.
func (s *season) forecasts(f *[experts]float64, ago *[periods]float64, yesterday, week, told, usual float64) {
	level := float64(s.Level[0])
	if level != level && s.N > 0 {
		level = s.Sum / s.N
	}
	f[0], f[1], f[4] = level, math.NaN(), told
	last, seventh := yesterday-float64(s.Level[1]), week-float64(s.Level[7])
	var d [periods]float64
	n := 0
	for k := 1; k < periods; k++ {
		v := ago[k] - float64(s.Level[k])
		if v != v {
			continue
		}
		j := n
		for ; j > 0 && d[j-1] > v; j-- {
			d[j] = d[j-1]
		}
		d[j] = v
		n++
	}
	if n == 1 && last == last {
		d[0] = last
	}
	if n > 0 {
		m := (d[(n-1)/2] + d[n/2]) / 2
		f[1] = level + m
		if n >= 3 {
			last = m + clip(last-m, echo*usual)
		}
	}
	f[2], f[3] = level+seventh, level+last
}

const echo = 4 // usual errors by which yesterday may differ from the median of days

// mix gives the weighted mean of the forecasts, NaN if there are none.
func (s *season) mix(f *[experts]float64) float64 {
	least := math.Inf(1)
	for i, v := range f {
		if v == v && s.Seen[i] >= taught {
			least = min(least, float64(s.Cost[i]))
		}
	}
	var sum, weights float64
	for i, v := range f {
		if v != v {
			continue
		}
		w := 0.0
		if s.Seen[i] >= taught {
			w = math.Exp(-contest * (float64(s.Cost[i])/max(least, 1e-12) - 1))
		} else if i == 0 {
			w = 1e-6
		}
		sum += w * v
		weights += w
	}
	return sum / weights
}

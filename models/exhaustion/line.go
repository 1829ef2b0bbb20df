package exhaustion

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// Lines through the newest stretches and buckets. One is a rise that is under way if it is straight, clear of the noise
// and still going on.
// fineLines and coarseLines are the lengths of lines, in stretches and in buckets: a half longer from one to the next.
var (
	fineLines   = [...]int{6, 9, 13, 18, 26, 36, 51, 72}
	coarseLines = [...]int{8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 672}
)

// line is a straight rise. Times are in buckets.
type line struct {
	length   float64
	slope    float64 // above 0
	err      float64 // relative standard error of the slope
	residual float64 // standard deviation
	level    float64 // of the line at its end
}

func (l *line) gain() float64 { return l.slope * l.length }

// penalty orders lines: the sharpest counts, and not the longest, which holds some of the calm before.
func (l *line) penalty() float64 { return l.err + short/l.length }

// fitLine fits a line to y, NaN where a point is missing. per is how many points a bucket has; noise that of a point.
func fitLine(y []float64, per, noise float64) (line, bool) {
	n := len(y)
	var count, sx, sy, sxx, sxy float64
	first, last, move := math.NaN(), math.NaN(), 0.0
	for i, v := range y {
		if v != v {
			continue
		}
		x := float64(i)
		count, sx, sy, sxx, sxy = count+1, sx+x, sy+v, sxx+x*x, sxy+x*v
		if first != first {
			first = v
		} else {
			move = max(move, v-last)
		}
		last = v
	}
	if count < leastShare*float64(n) || count < 4 || last-first <= 0 {
		return line{}, false
	}
	spread := sxx - sx*sx/count
	slope := (sxy - sx*sy/count) / spread
	gain := slope * float64(n-1)
	if slope <= 0 || gain < clearGain*noise || move > jump*gain {
		return line{}, false
	}
	start := (sy - slope*sx) / count
	var squares, lagged, before float64
	for i, v := range y {
		if v != v {
			continue
		}
		e := v - start - slope*float64(i)
		squares += e * e
		lagged += e * before
		before = e
	}
	residual := math.Sqrt(squares / (count - 2))
	if residual > max(straight*gain, restless*noise) {
		return line{}, false
	}
	phi := 0.0
	if squares > 0 {
		phi = max(0, min(0.95, lagged/squares))
	}
	err := residual / math.Sqrt(spread) * math.Sqrt((1+phi)/(1-phi)) / slope
	if err*certain > 1 {
		return line{}, false
	}
	quarter := max(1, min((n-1)/4, int(mostRecent*per)))
	if back := y[n-1-quarter]; back == back && last-back < goesOn*slope*float64(quarter)-doubt*noise {
		return line{}, false
	}
	return line{
		length: float64(n-1) / per, slope: slope * per, err: err, residual: residual,
		level: start + slope*float64(n-1),
	}, true
}

// noiseOf returns the noise of points of which the differences are those of y, their common drift left out, and not less
// than a third of the least step there is.
func noiseOf(y []float64, quantum float64) float64 {
	var moves [size]float64
	n := 0
	last := math.NaN()
	for _, v := range y {
		if d := v - last; d == d {
			moves[n] = d
			n++
		}
		if v == v {
			last = v
		}
	}
	if n == 0 {
		return quantum / 3
	}
	slices.Sort(moves[:n])
	drift := moves[n/2]
	for i := range moves[:n] {
		moves[i] = math.Abs(moves[i] - drift)
	}
	slices.Sort(moves[:n])
	return max(numeric.MADToDeviation*moves[n/2]/math.Sqrt2, quantum/3)
}

package anomaly

import "math"

const (
	infancy  = 24   // rows of a series that are learnt as they are
	littlest = .005 // weight of a block
)

// learn takes in what was read: the sum of evidence, whether the sample alarmed, and whether the series has settled
// at what it is now.
func (s *Scorer) learn(t int64, r *reading, alarm, near, settled bool) {
	k := &s.learnt
	if near {
		k.Recurrence.learn(k.Season.At, r.error)
	}
	weight := max(littlest, min(float64(t-k.First)/schooling, 1))
	blocks := func(rows int) float64 { return max(memory/float64(s.step)/float64(rows), 100) }
	if k.Fresh == width {
		k.Total.learn(r.sum, alarm, totalRows, blocks(totalRows), weight, least)
	}
	for i, kind := range kinds() {
		if kind.part != PartShape || k.Fresh == width {
			k.Calibrator[i].learn(r.z[i], alarm, kind.rows, blocks(kind.rows), weight, kind.least)
		}
	}

	rows := float64(k.Rows)
	slow, local, limit := max(1/rows, s.slow), max(1/rows, 1./localRow), tame*r.usual
	if rows < infancy || settled {
		limit = math.Inf(1)
	}
	tamed := clip(r.error, limit)
	for i, f := range r.forecast {
		if f == f {
			k.Season.Seen[i] += min(1, maxCount-k.Season.Seen[i])
			approach(&k.Season.Cost[i], min(math.Abs(r.x-f), tame*r.usual+math.Abs(r.error)), max(s.slow, 1/float64(k.Season.Seen[i])))
		}
	}
	k.Season.learn(r.expected + tamed)
	k.Auto.learn(r.error, tamed, s.slow)
	surprise, moved := math.Abs(r.surprise), r.moved
	if rows >= infancy {
		surprise, moved = min(surprise, modest*r.spread), min(moved, tame*r.move)
	}
	approach(&k.Spread, surprise, slow)
	approach(&k.SpreadAt[r.part], surprise, local)
	approach(&k.Move, moved, slow)
	approach(&k.MoveAt[r.part], moved, local)
	approach(&k.Error, math.Abs(tamed), slow)
	if d := math.Abs(r.x - r.forecast[0]); d == d {
		approach(&k.Size, min(d, tame*r.size), slow)
	}
	if k.Fresh == width {
		if r.familiar == r.familiar {
			approach(&k.Shape, min(r.familiar, tame*(float64(k.Shape)+.05*r.size)), slow)
		}
		k.Dictionary.learn(&k.Recent, r.nearest, r.near)
	}
	k.Rows += min(1, math.MaxUint32-k.Rows)
	k.Doubt *= float32(math.Exp(-float64(s.step) / regained))
	k.Last = t
}

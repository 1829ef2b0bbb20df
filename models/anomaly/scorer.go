package anomaly

import "math"

// The statistics of a sample and its recent past.
const (
	statUp = iota
	statDown
	statHour
	statHalf
	statVolatile
	statFlat
	statCoarse
	statFine
	stats
)

var (
	share = [stats]float64{8, 8, .5, 1, .5, .5, 3, 3}
	block = [stats]int{12, 12, 36, 144, 36, 36, 36, 24}
	floor = [stats]float64{.8, .8, .5, .5, .2, .2, .1, .1}
	part  = [stats]Part{PartPoint, PartPoint, PartLevel, PartLevel, PartSpread, PartSpread, PartShape, PartShape}
)

const shares = 24.5

type learnt struct {
	Ref, Unit float64
	Last      int64
	Seen      uint32
	Season    season
	AR        autoregression
	Recent    [24]float32
	Head      uint8
	Window    uint8 // rows in Recent since the last gap
	Spread    float32
	SpreadAt  [parts]float32
	Move      float32 // mean |dx|
	MoveAt    [parts]float32
	Error     float32 // mean |e|
	Size      float32 // mean |x - level|
	Quantum   float32
	Hour      float32
	Half      float32
	Now       float32 // recent mean |r|
	NowMove   float32
	Typical   [2]float32
	Calib     [stats]calibrator
	Coarse    dictionary
	Fine      dictionary
	Event     event
	KNN       knn
}

func ewma(p *float32, v, rate float64) { *p += float32(rate * (v - float64(*p))) }

func clip(v, c float64) float64 { return max(-c, min(v, c)) }

const day = 86400000

func (s *Scorer) row(t int64, v float64, past Past, learning bool) (sc Score) {
	st := &s.learnt
	if st.Seen == 0 {
		st.Ref = v
		st.Season.At = t / s.bin
		for i := range st.Season.Bin {
			st.Season.Bin[i] = nan32
		}
		for i := range st.Season.Level {
			st.Season.Level[i] = nan32
		}
		st.Recent[0] = 0
		st.Season.Sum, st.Season.N = 0, 1
		st.Seen, st.Last, st.Window = 1, t, 1
		return
	}
	if st.Unit == 0 && v != st.Ref {
		st.Unit = math.Abs(v - st.Ref)
	}
	x := s.unit(v)
	gap := float64(t-st.Last) / float64(s.step)
	rows := float64(st.Seen)
	if gap > 3.5 {
		st.AR.forget()
		if gap > 12 {
			st.Window = 0
			st.Now, st.NowMove = st.Spread, st.Move
			st.Hour, st.Half = 0, 0
		}
	}
	st.Season.advance(t / s.bin)
	var f [experts]float64
	st.Season.forecasts(&f, func(k int) float64 { return s.ago(t, k, past) })
	p := st.Season.mix(&f)
	if p != p {
		p = float64(st.Recent[st.Head])
	}
	e := x - p
	r := e - st.AR.predict()
	prev := float64(st.Recent[st.Head])
	dx := 0.0
	if gap < 3.5 {
		dx = math.Abs(x - prev)
	}
	if dx > 0 && (st.Quantum == 0 || dx < float64(st.Quantum)) {
		st.Quantum = float32(dx)
	}
	at := int(t % s.period * parts / s.period)
	if at < 0 {
		at += parts
	}
	quantum := float64(st.Quantum) / 4
	spread := max((float64(st.Spread)+float64(st.SpreadAt[at]))/2, .2*float64(st.Move), quantum, 1e-9)
	move := max((float64(st.Move)+float64(st.MoveAt[at]))/2, quantum, 1e-9)
	errs := max(float64(st.Error), spread)
	size := max(float64(st.Size), errs, spread)

	hour := float64(st.Hour) + (e-float64(st.Hour))*2/13
	half := float64(st.Half) + (e-float64(st.Half))*s.half
	now := float64(st.Now) + (min(math.Abs(r), 20*spread)-float64(st.Now))*2/13
	nowMove := float64(st.NowMove) + (dx-float64(st.NowMove))*2/25

	head := (st.Head + 1) % 24
	recent := st.Recent
	recent[head] = float32(x)
	window := min(st.Window+1, 24)
	var fine, coarse [width]float32
	for k := range width {
		fine[k] = recent[(int(head)+24-7+k)%24]
		a := (int(head) + 1 + 3*k) % 24
		coarse[k] = (recent[a] + recent[(a+1)%24] + recent[(a+2)%24]) / 3
	}
	var mf, mc match
	mf.distance, mc.distance = math.NaN(), math.NaN()
	if window >= 8 {
		mf = st.Fine.match(&fine, 96)
	}
	if window == 24 {
		if K[8] > 0 {
			mc = st.KNN.match(&coarse, 32, true)
		} else {
			mc = st.Coarse.match(&coarse, youngSteps)
		}
	}

	var z [stats]float64
	z[statUp] = r / spread
	z[statDown] = -r / spread
	z[statHour] = math.Abs(hour) / errs * 2
	z[statHalf] = math.Abs(half) / errs * 2
	z[statVolatile] = math.Log((now+.1*spread)/(1.1*spread)) * 4
	z[statFlat] = -math.Log((nowMove+.1*move)/(1.1*move)) * 4
	z[statCoarse] = mc.distance / (float64(st.Typical[0]) + .05*size)
	z[statFine] = mf.distance / (float64(st.Typical[1]) + .05*size)

	for i := range z {
		if K[i] == 0 {
			z[i] = 0
		}
	}
	best, which := 0.0, 0
	var channel [2]float64
	for i := range z {
		if !(z[i] > 0) {
			z[i] = 0
			continue
		}
		rate := K[20] * s.options.FalseEventsPerWeek * share[i] / shares * float64(block[i]) * float64(s.step) / (7 * day)
		rate = min(rate, .1)
		v := min(st.Calib[i].evidence(z[i])/math.Log(.5/rate), 5)
		ch := 0
		if i >= statCoarse {
			ch = 1
		}
		channel[ch] = max(channel[ch], v)
		if v > best {
			best, which = v, i
		}
	}
	alarm := best > 1
	if Dbg != nil {
		var ev [8]float64
		for i := range z {
			if z[i] > 0 {
				ev[i] = st.Calib[i].evidence(z[i])
			}
		}
		Dbg(z, ev, channel, p, x, spread)
	}
	out := st.Event.step(channel, gap, float64(s.step)/day)
	sc.Value = out
	if out > 0 {
		sc.Part = part[which]
		dir := e
		if which <= statDown {
			dir = r
		}
		sc.Direction = 1
		if dir < 0 {
			sc.Direction = -1
		}
	}

	if !learning {
		return
	}
	// learn
	weight := 1.0
	weight = max(.005, min(1, math.Pow(float64(t-s.first())/day/K[9], K[10])))
	for i := range z {
		if z[i] >= 0 && (i < statCoarse || window == 24) {
			memory := 28 * day / float64(s.step) / float64(block[i])
			st.Calib[i].learn(z[i], alarm, block[i], max(memory, 100), weight, floor[i])
		}
	}
	slow := max(1/rows, s.slow)
	limit := 5 * errs
	if rows < 24 {
		limit = math.Inf(1)
	}
	ce := clip(e, limit)
	for i, v := range f {
		if v == v {
			c := &st.Season
			if c.Seen[i] < 65535 {
				c.Seen[i]++
			}
			ewma(&c.Cost[i], min(math.Abs(x-v), 5*errs+math.Abs(e)), max(s.slow, 1/float64(c.Seen[i])))
		}
	}
	st.Season.Sum += p + ce
	st.Season.N++
	cr := math.Abs(r)
	if rows > 24 {
		cr = min(cr, 5*spread)
	}
	ewma(&st.Spread, cr, slow)
	ewma(&st.SpreadAt[at], cr, max(1/rows, 1./48))
	ewma(&st.Error, math.Abs(ce), slow)
	if d := math.Abs(x - f[0]); d == d {
		ewma(&st.Size, min(d, 5*size), slow)
	}
	cd := dx
	if rows > 24 {
		cd = min(dx, 5*move)
	}
	ewma(&st.Move, cd, slow)
	ewma(&st.MoveAt[at], cd, max(1/rows, 1./48))
	st.AR.learn(e, ce, s.slow)
	st.Hour, st.Half, st.Now, st.NowMove = float32(hour), float32(half), float32(now), float32(nowMove)
	st.Recent, st.Head, st.Window = recent, head, window
	if window >= 8 {
		if mf.distance == mf.distance {
			ewma(&st.Typical[1], min(mf.distance, 5*(float64(st.Typical[1])+.05*size)), slow)
		}
		st.Fine.learn(&fine, mf)
	}
	if window == 24 && st.Seen%3 == 0 {
		if mc.distance == mc.distance {
			ewma(&st.Typical[0], min(mc.distance, 5*(float64(st.Typical[0])+.05*size)), slow)
		}
		if K[8] == 0 {
			st.Coarse.learn(&coarse, mc)
		}
	}
	st.KNN.learn(float32(x))
	st.Seen++
	st.Last = t
	return
}

func (s *Scorer) first() int64 { return s.learnt.Last - int64(s.learnt.Seen)*s.step }

func (s *Scorer) unit(v float64) float64 {
	u := s.learnt.Unit
	if u == 0 {
		return 0
	}
	return clip((v-s.learnt.Ref)/u, 1e15)
}

// ago gives the value k periods before t.
func (s *Scorer) ago(t int64, k int, past Past) float64 {
	lag := int((s.learnt.Last - (t - int64(k)*s.period) + s.step/2) / s.step)
	if lag < 0 {
		return math.NaN()
	}
	for _, d := range [...]int{0, 1, -1} {
		if lag+d < 0 {
			continue
		}
		if v := past.Lag(lag + d); v-v == 0 {
			return s.unit(v)
		}
	}
	b := (t/s.bin - int64(k)*parts)
	if b < 0 || k >= periods {
		return math.NaN()
	}
	return float64(s.learnt.Season.Bin[b%int64(len(s.learnt.Season.Bin))])
}

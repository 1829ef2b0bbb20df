package predict

import (
	"math"
	"slices"
)

const (
	dailyDecay = 0.85 // of an error's weight in the members' scores
	minRows    = 100  // before a regression is solved
)

// trial is one forecast of the backtest and what came.
type trial struct {
	origin, target int // fine indices
	lead           int
	bucket, slot   uint8
	y, naive       float64
	centre, spread float64
	f              [maxPool]float64
}

// plan gives the leads tried from one origin: all near ones, ever fewer of the far ones, at offsets that change from
// origin to origin, since on minutes that never change a job's habits would hide.
func plan(dst []int, k, reach, seed int) []int {
	rnd := uint32(seed)*2654435761 + 12345
	pick := func(n int) int {
		rnd = rnd*1664525 + 1013904223
		return int(rnd>>8) % n
	}
	l := 1
	for ; l <= min(k, reach); l++ {
		dst = append(dst, l)
	}
	for l <= reach {
		hours := (l - 1) / k
		var gap int
		switch {
		case k > 1 && hours < 6:
			gap = max(1, k/4)
		case k > 1 && hours < 24:
			gap = max(1, k/3)
		case hours < 48:
			gap = k
		default:
			gap = 12 * k
		}
		if t := l + pick(gap); t <= reach {
			dst = append(dst, t)
		}
		l += gap
	}
	return dst
}

// farPlan gives the leads tried of hours that stand for minutes: from six hours on every six, from two days on every
// twelve, at offsets that change from origin to origin.
func farPlan(dst []int, reach, seed int) []int {
	rnd := uint32(seed)*2654435761 + 54321
	for l := farFrom; l <= reach; {
		gap := 6
		if l >= 48 {
			gap = 12
		}
		rnd = rnd*1664525 + 1013904223
		if t := l + int(rnd>>8)%gap; t <= reach {
			dst = append(dst, t)
		}
		l += gap
	}
	return dst
}

// farLessons adds to the scores by lead and by hour of a lesson on minutes how its members did on hours over all the
// weeks that are remembered: a few days of minutes have seen no weekend. The score over all stays: means of hours are
// easier to forecast than samples.
func (f *lesson) farLessons(ps *past) {
	hours := past{
		k: 1, p: ps.p, w: ps.w, x: ps.z, z: ps.z, zn: ps.zn, zb: ps.zb, seen: ps.zseen, zseen: ps.zseen,
		slot: ps.slot, part: ps.part, scale: ps.scale,
	}
	l := lesson{pool: f.pool, far: true, regs: f.regs}
	for i := range l.regs {
		l.regs[i].fitted = false
	}
	l.backtest(&hours)
	rate := -math.Log(dailyDecay) / float64(max(ps.p, 1))
	tried := (len(ps.x) - 1) / ps.k // hours that minutes cover
	for i := range l.trials {
		t := &l.trials[i]
		if age := len(ps.z) - t.target; age < tried && t.lead < ps.p {
			continue
		}
		w := math.Exp(rate*float64(t.target-len(ps.z))) * min(1, float64(ps.p)/float64(t.lead))
		for m, v := range t.f[:len(f.pool)] {
			if e := math.Abs(v - t.y); e == e {
				f.scores.bucket[t.bucket][m].add(e, w)
				f.scores.slot[t.slot][m].add(e, w)
			}
		}
	}
}

const farFrom = 6 // hours ahead, from where on minutes are judged by hours too

// lesson is what a backtest works with and leaves.
type lesson struct {
	pool     []kind
	short    bool
	far      bool // leads from six hours on only, of coarse values
	regs     [numRegressions]regression
	profiles [2]profiles // plain and bent
	trials   []trial
	scores   scores
	gain     gain
}

// origins tells where trials begin among n coarse values, and how far apart those of far and of near leads are: a season
// and a fifth of one where there are weeks, closer where there is less.
func origins(n, season int) (earliest, farEvery, nearEvery int) {
	farEvery = max(1, min(season, n/24))
	earliest = max(min(4, n-1), min(9*season, n/2), n-1-21*farEvery)
	if n < 4*season {
		earliest = min(4, n-1)
	} else {
		earliest = max(earliest, n/3)
	}
	return earliest, farEvery, max(1, min(season/5, farEvery))
}

// backtest walks the past once, learns the regressions as it goes and tries the pool at origins on the way: far leads
// every farEvery coarse steps back from the end, near ones every nearEvery.
func (f *lesson) backtest(ps *past) {
	n := len(ps.z)
	season := ps.p
	if season == 0 {
		season = 24
	}
	firstFine := slices.Index(ps.seen, true)
	// fine index of coarse index c's last sample
	fineOf := func(c int) int { return len(ps.x) - 1 - ps.k*(n-1-c) }
	firstCoarse := 0
	if ps.k == 1 {
		firstCoarse = firstFine
	}
	earliest, farEvery, nearEvery := origins(n-firstCoarse, season)
	if f.far {
		earliest, farEvery, nearEvery = 4*season, max(1, season/4), n
	}
	if ps.k > 1 {
		span := (len(ps.x)-firstFine)/ps.k - season*3/2
		earliest = n - firstCoarse - span
		farEvery, nearEvery = max(1, min(season/2, span/11)), max(1, min(season/8, span/11))
	}
	earliest += firstCoarse
	var v view
	v.past, v.pool, v.first, v.short = ps, f.pool, firstFine, f.short
	v.firstHour = max(0, slices.Index(ps.zseen, true))
	var grams [numRegressions]gram
	prof := &f.profiles
	for i := range prof {
		prof[i] = newProfiles(ps.p, ps.w)
	}
	for i := range grams {
		grams[i].n = f.regs[i].size()
		f.regs[i].profiles = &prof[b2i(f.regs[i].bent)]
	}
	uses := [numRegressions]bool{}
	for _, m := range f.pool {
		if m < numRegressions {
			uses[m] = true
		}
	}
	trials := make([]trial, 0, 2048)
	leads := make([]int, 0, 512)
	var row [maxTerms]float64
	rows := 0
	f.gain = newGain(ps.p, ps.w)
	slotOf := func(c int) int {
		s := ps.slot - (n - 1 - c)
		if ps.w > 0 {
			return int(modulo(int64(s), int64(ps.w)))
		}
		if ps.p > 0 {
			return int(modulo(int64(s), int64(ps.p)))
		}
		return 0
	}
	var before [2][2]float64
	for c := firstCoarse; c < n; c++ {
		s := slotOf(c)
		for b := range prof {
			y := ps.zn
			if b == 1 {
				y = ps.zb
			}
			short, long := prof[b].at(s, 0)
			if ps.zseen[c] {
				for i := range grams {
					r := &f.regs[i]
					if !uses[i] || b2i(r.bent) != b || c-firstCoarse < r.longest() {
						continue
					}
					r.fill(&row, y, c)
					r.season(&row, short, long, before[b][0], before[b][1])
					grams[i].add(&row, y[c], &r.beta, r.fitted)
				}
				if b == 1 {
					f.gain.add(y[c], short, long)
				}
				prof[b].learn(s, float32(y[c]))
			}
			before[b] = [2]float64{short, long}
		}
		rows++
		back := n - 1 - c
		if rows >= minRows && back%season == 0 || back == 0 {
			for i := range grams {
				if r := &f.regs[i]; uses[i] && c-firstCoarse-r.longest() >= fittedAfter*r.size() {
					r.fitted = grams[i].solve(&r.beta)
				}
			}
		}
		if back == 0 || c < earliest || back%farEvery != 0 && back%nearEvery != 0 {
			continue
		}
		o := origin{x: fineOf(c), z: c}
		reach := min(len(ps.x)-1-o.x, 7*season*ps.k)
		if back%farEvery != 0 {
			reach = min(reach, max(ps.k, 4))
		}
		if f.far {
			leads = farPlan(leads[:0], reach, back)
		} else {
			leads = plan(leads[:0], ps.k, reach, back)
		}
		v.look(o, reach, &f.regs)
		for _, l := range leads {
			if !ps.seen[o.x+l] {
				continue
			}
			trials = append(trials, trial{
				origin: o.x, target: o.x + l, lead: l, y: ps.x[o.x+l], naive: v.naive(l),
				bucket: uint8(bucketOf(l, ps.k)), slot: uint8(ps.slotAt(l + o.x - (len(ps.x) - 1))),
			})
			v.forecast(trials[len(trials)-1].f[:len(f.pool)], l)
		}
	}
	f.trials = trials
}

// slotAt gives the part of the short season that the moment l fine steps after the end of the past is in.
func (ps *past) slotAt(l int) int {
	if ps.p == 0 {
		return 0
	}
	c := ps.slot + int(floorDiv(int64(l+ps.k-1), int64(ps.k)))
	s := int(modulo(int64(c), int64(ps.p)))
	if ps.p > numSlots {
		s = s * numSlots / ps.p
	}
	return s
}

// score combines the trials in the order of their origins, each with weights from the errors known by then.
func (f *lesson) score(ps *past, worse bool) {
	trials := f.trials
	known := make([]int32, len(trials)) // by target
	for i := range known {
		known[i] = int32(i)
	}
	slices.SortFunc(known, func(a, b int32) int { return trials[a].target - trials[b].target })
	perDay := float64(ps.k * max(ps.p, 1))
	if ps.p == 0 {
		perDay = float64(ps.k * 24)
	}
	rate := -math.Log(dailyDecay) / perDay
	s := &f.scores
	s.n = len(f.pool)
	next := 0
	take := func(until int) {
		for ; next < len(known) && trials[known[next]].target <= until; next++ {
			t := &trials[known[next]]
			w := math.Exp(rate * float64(t.target-len(ps.x)))
			s.add(t.f[:s.n], t.y, int(t.bucket), int(t.slot), w*min(1, perDay/float64(t.lead)))
		}
	}
	var w [maxPool]float64
	for i := range trials {
		t := &trials[i]
		take(t.origin)
		s.weigh(w[:s.n], int(t.bucket), int(t.slot))
		t.centre, t.spread = combine(t.f[:s.n], w[:s.n])
		if next == 0 {
			t.centre = math.NaN()
		}
	}
	take(math.MaxInt)
	if worse {
		for i := range trials {
			trials[i].centre, trials[i].spread = trials[i].naive, 0
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

package forecast

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// forecastError is one forecast of the backtest and what came.
type forecastError struct {
	cutoff, target int // fine indices
	lead           int
	bucket, slot   uint8
	y, naive       float64
	centre, spread float64
	forecasts      [maxPool]float64
}

// crossValidation is what a backtest works with and leaves.
type crossValidation struct {
	ensemble    ensemble
	pool        pool
	members     []member
	short       bool
	far         bool // leads from six hours on only, of coarse values
	regressions [numRegressions]regression
	profiles    [2]profiles // plain and bent
	errors      []forecastError
	scores      scores
	skill       seasonalSkill
}

// cutoffs returns where cutoffs begin among n coarse values, and how far apart those of far and of near leads are: a season
// and a fifth of one where there are weeks, closer where there is less.
func cutoffs(n, season int) (earliest, farEvery, nearEvery int) {
	farEvery = max(1, min(season, n/24))
	earliest = max(min(4, n-1), min(9*season, n/2), n-1-21*farEvery)
	if n < 4*season {
		earliest = min(4, n-1)
	} else {
		earliest = max(earliest, n/3)
	}
	return earliest, farEvery, max(1, min(season/5, farEvery))
}

// walk walks the window once, learns the regressions as it goes and tries the pool at cutoffs on the way: far leads
// every farEvery coarse steps back from the end, near ones every nearEvery.
func (f *crossValidation) walk(ps *window) {
	n := len(ps.hourly)
	season := ps.period
	if season == 0 {
		season = 24
	}
	firstFine := slices.Index(ps.fineSeen, true)
	// fine index of coarse index c's last sample
	fineOf := func(c int) int { return len(ps.fine) - 1 - ps.perHour*(n-1-c) }
	firstCoarse := 0
	if ps.perHour == 1 {
		firstCoarse = firstFine
	}
	earliest, farEvery, nearEvery := cutoffs(n-firstCoarse, season)
	if f.far {
		earliest, farEvery, nearEvery = 4*season, max(1, season/3), n
	}
	if ps.perHour > 1 {
		span := (len(ps.fine)-firstFine)/ps.perHour - season*3/2
		earliest = n - firstCoarse - span
		farEvery, nearEvery = max(1, min(season/2, span/11)), max(1, min(season/8, span/11))
	}
	earliest += firstCoarse
	e := &f.ensemble
	f.members = e.roster.choose(f.pool)
	e.window, e.members, e.regressions, e.first, e.short = ps, f.members, &f.regressions, firstFine, f.short
	e.firstHourly = max(0, slices.Index(ps.hourlySeen, true))
	var grams [numRegressions]normalEquations
	prof := &f.profiles
	for i := range prof {
		prof[i] = newProfiles(ps.period, ps.longPeriod)
	}
	for i := range grams {
		grams[i].n = f.regressions[i].size()
		f.regressions[i].profiles = &prof[numeric.OneIf(f.regressions[i].bent)]
	}
	uses := regressionsOf(f.members)
	trials := make([]forecastError, 0, 2048)
	leads := make([]int, 0, 512)
	var row [maxTerms]float64
	rows := 0
	f.skill = newSeasonalSkill(ps.period, ps.longPeriod)
	slotOf := func(c int) int {
		s := ps.slot - (n - 1 - c)
		if ps.longPeriod > 0 {
			return int(numeric.Modulo(int64(s), int64(ps.longPeriod)))
		}
		if ps.period > 0 {
			return int(numeric.Modulo(int64(s), int64(ps.period)))
		}
		return 0
	}
	var before [2][2]float64
	for c := firstCoarse; c < n; c++ {
		s := slotOf(c)
		for b := range prof {
			y := ps.hourlyStandard
			if b == 1 {
				y = ps.hourlyBent
			}
			short, long := prof[b].at(s, 0)
			if ps.hourlySeen[c] {
				for i := range grams {
					r := &f.regressions[i]
					if !uses[i] || numeric.OneIf(r.bent) != b || c-firstCoarse < r.longest() {
						continue
					}
					r.fill(&row, y, c)
					r.season(&row, short, long, before[b][0], before[b][1])
					grams[i].add(&row, y[c], &r.beta, r.fitted)
				}
				if b == 0 { // a line is straight on the plain scale only
					f.skill.add(y[c], short, long)
				}
				prof[b].learn(s, float32(y[c]))
			}
			before[b] = [2]float64{short, long}
		}
		rows++
		back := n - 1 - c
		if rows >= minRows && back%season == 0 || back == 0 {
			for i := range grams {
				if r := &f.regressions[i]; uses[i] && c-firstCoarse-r.longest() >= fittedAfter*r.size() {
					r.fitted = grams[i].solve(&r.beta)
				}
			}
		}
		if back == 0 || c < earliest || back%farEvery != 0 && back%nearEvery != 0 {
			continue
		}
		o := cutoff{fine: fineOf(c), hourly: c}
		reach := min(len(ps.fine)-1-o.fine, 7*season*ps.perHour)
		if back%farEvery != 0 {
			reach = min(reach, max(ps.perHour, 4))
		}
		if f.far {
			leads = farLeads(leads[:0], reach, back)
		} else {
			leads = nearLeads(leads[:0], ps.perHour, reach, back)
		}
		e.prepare(o, reach)
		for _, l := range leads {
			if !ps.fineSeen[o.fine+l] {
				continue
			}
			trials = append(trials, forecastError{
				cutoff: o.fine, target: o.fine + l, lead: l, y: ps.fine[o.fine+l], naive: e.naive(l),
				bucket: uint8(bucketOf(l, ps.perHour)), slot: uint8(ps.slotAt(l + o.fine - (len(ps.fine) - 1))),
			})
			e.forecast(trials[len(trials)-1].forecasts[:len(f.members)], l)
		}
	}
	f.errors = trials
}

// score combines the trials in the order of their origins, each with weights from the errors known by then.
func (f *crossValidation) score(ps *window, worse bool) {
	trials := f.errors
	known := make([]int32, len(trials)) // by target
	for i := range known {
		known[i] = int32(i)
	}
	slices.SortFunc(known, func(a, b int32) int { return trials[a].target - trials[b].target })
	perDay := float64(ps.perHour * max(ps.period, 1))
	if ps.period == 0 {
		perDay = float64(ps.perHour * 24)
	}
	rate := -math.Log(dailyDecay) / perDay
	s := &f.scores
	s.n = len(f.members)
	next := 0
	take := func(until int) {
		for ; next < len(known) && trials[known[next]].target <= until; next++ {
			t := &trials[known[next]]
			w := math.Exp(rate * float64(t.target-len(ps.fine)))
			s.add(t.forecasts[:s.n], t.y, int(t.bucket), int(t.slot), w*min(1, perDay/float64(t.lead)))
		}
	}
	var w [maxPool]float64
	for i := range trials {
		t := &trials[i]
		take(t.cutoff)
		s.weigh(w[:s.n], int(t.bucket), int(t.slot))
		t.centre, t.spread = combine(t.forecasts[:s.n], w[:s.n])
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

// judgeFarByHours adds to the errors by lead and by hour of members on minutes how they did on hours over all the
// weeks that are remembered: a few days of minutes have seen no weekend. The score over all stays: means of hours are
// easier to forecast than samples.
func (f *crossValidation) judgeFarByHours(ps *window) {
	hours := window{
		perHour: 1, period: ps.period, longPeriod: ps.longPeriod, fine: ps.hourly, hourly: ps.hourly, hourlyStandard: ps.hourlyStandard, hourlyBent: ps.hourlyBent, fineSeen: ps.hourlySeen, hourlySeen: ps.hourlySeen,
		slot: ps.slot, phase: ps.phase, scale: ps.scale,
	}
	l := &crossValidation{pool: f.pool, far: true, regressions: f.regressions}
	for i := range l.regressions {
		l.regressions[i].fitted = false
	}
	l.walk(&hours)
	rate := -math.Log(dailyDecay) / float64(max(ps.period, 1))
	tried := (len(ps.fine) - 1) / ps.perHour // hours that minutes cover
	for i := range l.errors {
		t := &l.errors[i]
		if age := len(ps.hourly) - t.target; age < tried && t.lead < ps.period {
			continue
		}
		w := math.Exp(rate*float64(t.target-len(ps.hourly))) * min(1, float64(ps.period)/float64(t.lead))
		for m, v := range t.forecasts[:len(f.members)] {
			if e := math.Abs(v - t.y); e == e {
				f.scores.bucket[t.bucket][m].add(e, w)
				f.scores.slot[t.slot][m].add(e, w)
			}
		}
	}
}

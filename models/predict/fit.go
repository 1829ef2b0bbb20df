package predict

import (
	"math"
	"slices"
	"time"
)

// fit is what a refit learnt.
type fit struct {
	done     bool
	status   Status
	late     int64 // how far into a coarse step of local time the newest sample then was, milliseconds
	p, w     int   // seasons in coarse steps; 0: none
	pool     []kind
	regs     [numRegressions]regression
	profiles [2]profiles
	scores   scores
	law      law
	scale    scale
	seasons  []time.Duration
}

// gather builds the newest len(x) fine and len(z) coarse values from the rings, in local time, unscaled, missing ones
// NaN. Coarse values are means of k fine ones and end at the newest; where the fine ring does not reach, the clock's
// hours are shifted to that.
func (m *Model) gather(x, z []float64) {
	g := &m.grids
	c := clock{m.options.Location}
	m.fine.tail(x)
	if g.k > 1 {
		m.coarseTail(z)
		m.rebin(z, x)
		c.localise(z, m.end, g.coarseStep())
	}
	c.localise(x, m.end, g.step)
}

// seat sets where the newest coarse value stands in its seasons.
func (m *Model) seat(ps *past, f *fit) {
	ps.k, ps.p, ps.w = m.grids.k, f.p, f.w
	local := m.end + clock{m.options.Location}.offset(m.end) - f.late
	step := m.grids.coarseStep()
	slot := floorDiv(local, step)
	ps.part = float64(local-slot*step) / float64(step)
	switch {
	case f.w > 0:
		ps.slot = int(modulo(slot, int64(f.w)))
	case f.p > 0:
		ps.slot = int(modulo(slot, int64(f.p)))
	}
}

// Refit learns anew from what is remembered.
func (m *Model) Refit() {
	g := &m.grids
	f := &m.fit
	nf := min(m.fine.count(), g.fine)
	nc := nf
	if g.k > 1 {
		nc = max(nf/g.k, min(m.coarse.count(), g.coarse))
	}
	ps := &past{x: make([]float64, nf), k: g.k}
	ps.z = ps.x
	if g.k > 1 {
		ps.z = make([]float64, nc)
	}
	m.gather(ps.x, ps.z)
	ps.seen = present(ps.x)
	ps.zseen = ps.seen
	if g.k > 1 {
		ps.zseen = present(ps.z)
	}
	values := make([]float64, 0, nf)
	for _, v := range ps.x {
		if v == v {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return
	}
	f.done, f.status = true, OK
	f.scale = newScale(values, m.options)
	ps.scale = f.scale
	f.late = modulo(m.end+clock{m.options.Location}.offset(m.end), g.coarseStep())
	m.chooseSeasons(ps)
	m.seat(ps, f)
	for i := range ps.x {
		ps.x[i] = ps.in(ps.x[i])
	}
	if g.k > 1 {
		for i := range ps.z {
			ps.z[i] = ps.in(ps.z[i])
		}
		fill(ps.z, ps.zseen, ps.w, ps.p)
	}
	fill(ps.x, ps.seen, ps.w*g.k, ps.p*g.k)
	f.standardise(ps)
	f.pool = poolHours
	switch {
	case ps.p == 0:
		f.pool = poolFlat
	case g.k > 1:
		f.pool = poolMinutes
	}
	for i := range f.regs {
		f.regs[i] = regression{terms: newTerms(ps.p, ps.w, i == int(kindWeekly), i != int(kindPlain))}
	}
	trials := f.backtest(ps)
	f.law.learn(trials, float64(max(1, day/g.step)), len(ps.x)-1)
}

func present(v []float64) []bool {
	s := make([]bool, len(v))
	for i, x := range v {
		s[i] = x == x
	}
	return s
}

// standardise fills the standardised coarse values on both scales and remembers how.
func (f *fit) standardise(ps *past) {
	first := max(0, slices.Index(ps.zseen, true))
	ps.zn, ps.zb = make([]float64, len(ps.z)), make([]float64, len(ps.z))
	for i, y := range ps.z {
		ps.zb[i] = asinh(y / f.scale.bend)
	}
	f.scale.plain, f.scale.bent = standard(ps.z[first:]), standard(ps.zb[first:])
	for i, y := range ps.z {
		ps.zn[i] = f.scale.plain.in(y)
		ps.zb[i] = f.scale.bent.in(ps.zb[i])
	}
	ps.scale = f.scale
}

// chooseSeasons sets the seasons from the options or, where they leave it open, from the data.
func (m *Model) chooseSeasons(ps *past) {
	f := &m.fit
	step := m.grids.coarseStep()
	f.p, f.w = int(day/step), int(7*day/step)
	if f.p < 2 {
		f.p, f.w = f.w, 0
	}
}

// coarseTail fills z with coarse means that end where the fine ring ends, from the clock's hours on either side.
func (m *Model) coarseTail(z []float64) {
	k := int64(m.grids.k)
	bins := m.fine.next / k // whole clock hours finished
	late := m.fine.next - bins*k
	share := float64(late) / float64(k)
	newer := math.NaN()
	for i := len(z) - 1; i >= 0; i-- {
		older := m.coarse.lag(len(z) - 1 - i)
		switch {
		case math.IsNaN(newer) || share == 0:
			z[i] = older
		case math.IsNaN(older):
			z[i] = newer
		default:
			z[i] = older + share*(newer-older)
		}
		newer = older
	}
}

// rebin replaces the newest coarse values by means of the fine ones.
func (m *Model) rebin(z, x []float64) {
	k := m.grids.k
	for i := range min(len(z), len(x)/k) {
		if mean, n := meanOf(x[len(x)-(i+1)*k : len(x)-i*k]); n > 0 {
			z[len(z)-1-i] = mean
		} else {
			z[len(z)-1-i] = math.NaN()
		}
	}
}

func meanOf(v []float64) (float64, int) {
	s, n := 0.0, 0
	for _, x := range v {
		if x == x {
			s += x
			n++
		}
	}
	return s / float64(n), n
}

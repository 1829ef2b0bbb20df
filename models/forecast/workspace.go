package forecast

import (
	"sync"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// workspace is a fitted model's look ahead from its newest sample. It is large: take one from workspaces.
type workspace struct {
	m              *Model
	w              window
	ensemble       ensemble
	regressions    [numRegressions]regression
	profiles       [2]profiles
	slots          [2][hourlySize]float32
	fine           [fineSize]float64
	hourly         [fineSize]float64
	hourlyStandard [fineSize]float64
	hourlyBent     [fineSize]float64
	fineSeen       [fineSize]bool
	hourlySeen     [hourlySize]bool
	offsets        [2]offsets
	sparse         bool             // not all of the past is there
	follow         bool             // breaks are followed at once
	offNow         [maxPool]float64 // how far members are off where the series is now, in usual errors of theirs; at least 1
	outliers       [fineSize / 64 * 2]uint64
}

// workspaces keeps scratch memory; what is in it means nothing to the next user.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// prepare returns a look ahead at leads in medium steps, ascending; release it after use. Where it is to follow breaks, it sees
// anomalous samples that go on, and leaves members that do not start from where the series is.
func (m *Model) prepare(leads []float64, follow bool) *workspace {
	f, g := &m.fit, &m.grids
	s := workspaces.Get().(*workspace)
	s.follow = follow
	if follow && m.outliers.run >= followAfter {
		kept := m.outliers
		defer func() { m.outliers = kept }()
		m.outliers = kept.withoutRun(s.outliers[:])
	}
	ps := &s.w
	s.m = m
	ps.scale = f.scale
	last := int(leads[len(leads)-1]) + 2*f.perHour
	season := f.period * f.perHour
	n := m.reach()
	if f.perHour == 1 {
		n = min(n, max(longPast*f.longPeriod, medianPast*f.period, 192)+32)
	}
	ps.fine = s.fine[:n]
	ps.hourly = ps.fine
	if f.perHour > 1 {
		ps.hourly = s.hourly[:min(max(m.hourly.count(), n/f.perHour), g.hourlySize)]
	}
	m.alignSeason(ps)
	ps.fineSeen = s.fineSeen[:n]
	ps.hourlySeen = ps.fineSeen
	if f.perHour > 1 {
		ps.hourlySeen = s.hourlySeen[:len(ps.hourly)]
	}
	s.sparse = f.perHour > 1 && g.perMedium == 1 && len(leads) <= maxSparseLeads && season > 0 && m.options.Location == nil &&
		m.gatherSparse(ps, leads)
	if !s.sparse {
		m.gather(ps.fine, ps.hourly, f.perHour, g.exactSpan(n))
		markPresent(ps.fineSeen, ps.fine)
		markPresent(ps.hourlySeen, ps.hourly)
		ps.rescale()
		m.takeEvents(ps, true)
		ps.fillGaps()
	}
	ps.hourlyBent, ps.hourlyStandard = s.hourlyBent[:len(ps.hourly)], s.hourlyStandard[:len(ps.hourly)]
	from := max(0, len(ps.hourly)-max(200, medianPast*f.period+2*shiftSteps))
	for i := from; i < len(ps.hourly); i++ {
		ps.hourlyBent[i] = ps.bent(ps.hourly[i])
	}
	if f.perHour == 1 {
		for i := from; i < len(ps.hourly); i++ {
			ps.hourlyStandard[i] = ps.plainAffine.in(ps.hourly[i])
		}
	}
	s.unpackCoefficients()
	s.ensemble.window, s.ensemble.first = ps, 0
	s.ensemble.members = s.ensemble.roster.choose(f.pool)
	s.ensemble.regressions = &s.regressions
	for i := range s.offsets {
		s.offsets[i].lead = 0
	}
	if !s.sparse {
		s.ensemble.first = ps.untold()
	}
	s.ensemble.short = f.pool == poolShort || f.pool == poolFlat
	s.ensemble.firstHourly = 0
	for s.ensemble.firstHourly < len(ps.hourlySeen)-1 && !ps.hourlySeen[s.ensemble.firstHourly] {
		s.ensemble.firstHourly++
	}
	s.ensemble.prepare(cutoff{n - 1, len(ps.hourly) - 1}, last)
	if follow {
		s.measureBreak()
	}
	return s
}

func (s *workspace) release() { workspaces.Put(s) }

// unpackCoefficients unpacks the regressions.
func (s *workspace) unpackCoefficients() {
	f := &s.m.fit
	if f.pool != poolShort {
		s.regressions = f.regressions()
	}
	codes := f.profiles
	for b := range s.profiles {
		p := &s.profiles[b]
		store := s.slots[b][:]
		if f.period+f.longPeriod > len(store) {
			store = make([]float32, f.period+f.longPeriod)
		}
		*p = profiles{period: f.period, longPeriod: f.longPeriod, short: store[:f.period], long: store[f.period : f.period+f.longPeriod]}
		if len(codes) >= (2-b)*(f.period+f.longPeriod) && f.period > 0 {
			p.decode(codes)
			codes = codes[f.period+f.longPeriod:]
		}
	}
	for i := range s.regressions {
		r := &s.regressions[i]
		r.profiles = &s.profiles[numeric.OneIf(r.bent)]
		r.fitted = f.fitted[i]
		for j, b := range f.coefficients[i] {
			r.beta[j] = float64(b)
		}
	}
}

package forecast

import (
	"errors"
	"fmt"
	"math"
)

// stateVersion changes whenever what follows does.
const stateVersion = 4

var errState = errors.New("forecast: not a state of this model")

// AppendBinary appends the state of the model, for UnmarshalBinary on a model made with the same options.
func (m *Model) AppendBinary(b []byte) ([]byte, error) {
	c := coder{b: b, writing: true}
	m.code(&c)
	return c.b, nil
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	fresh := New(m.options)
	*m = *fresh
	c := coder{b: b}
	m.code(&c)
	if len(c.b) > 0 {
		c.fail()
	}
	if c.failed {
		*m = *New(m.options)
		return fmt.Errorf("%w: %d bytes", errState, len(b))
	}
	return nil
}

func (m *Model) code(c *coder) {
	g := &m.grids
	c.same(stateVersion)
	c.same(g.step)
	c.same(int64(len(m.tracker.horizons)))
	c.int64(&m.end)
	c.int(&m.since, 0, math.MaxInt32)
	m.fine.code(c)
	m.medium.code(c)
	m.hourly.code(c)
	c.int64(&m.hour.number)
	c.float64(&m.hour.sum)
	c.int(&m.hour.n, 0, g.perMedium*g.perHour)
	for i := range m.outliers.bits {
		m.outliers.bits[i] = c.word(m.outliers.bits[i], 8)
	}
	c.int(&m.outliers.run, 0, math.MaxInt32)
	c.int64(&m.outliers.newest)
	m.tracker.code(c)
	if m.months != nil {
		m.months.code(c)
	}
	if m.special != nil {
		m.special.code(c)
	}
	c.bool(&m.fit.done)
	if m.fit.done && !c.failed {
		m.fit.code(c, g)
		m.expected.code(c)
	}
	if c.failed {
		return
	}
	c.demand(m.fine.empty() || floorDiv(m.end, g.step) == m.fine.next-1)
	c.demand(!m.fit.done || !m.fine.empty() && m.expected.from < m.fine.next && m.expected.n > 0)
	if g.hourlySize > 0 && !m.fine.empty() && !m.hourly.empty() {
		c.demand(m.hourly.next <= floorDiv(m.fine.next, int64(g.perMedium*g.perHour)))
	}
	if g.mediumSize > 0 && !m.fine.empty() && !m.medium.empty() {
		c.demand(m.medium.next <= floorDiv(m.fine.next, int64(g.perMedium)))
	}
}

func (r *ring) code(c *coder) {
	c.int64(&r.next)
	c.int64(&r.first)
	c.demand(r.first <= r.next && r.next < math.MaxInt64/4 && (r.empty() && r.next == 0 || r.first > math.MinInt64/4))
	n := len(r.words)
	words(c, &r.words, n)
	c.demand(len(r.words) == n)
	if n == 0 {
		return
	}
	for i := range r.open {
		c.float64(&r.open[i])
	}
}

func (p *expectedHour) code(c *coder) {
	c.int64(&p.from)
	c.int(&p.n, 1, maxPath)
	for i := range p.points[:p.n] {
		q := &p.points[i]
		for _, v := range [...]*float32{&q.mean, &q.lower, &q.upper} {
			c.float32(v)
			c.demand(*v == *v)
		}
		c.demand(q.lower <= q.mean && q.mean <= q.upper)
	}
}

func (f *fit) code(c *coder, g *grids) {
	c.bool(&f.fallback)
	c.bool(&f.daily)
	c.bool(&f.weekly)
	status, chosen := int(f.status), int(f.pool)
	c.int(&status, 0, int(Gaps))
	c.int(&chosen, 0, int(numPools)-1)
	f.status, f.pool = Status(status), pool(chosen)
	members := new(roster).choose(f.pool)
	c.int(&f.best, 0, len(members)-1)
	f.bestName = members[f.best].name()
	c.int(&f.perHour, 1, g.perHour)
	c.demand(f.perHour == 1 || f.perHour == g.perHour)
	c.int(&f.period, 0, g.fineSize)
	c.int(&f.longPeriod, 0, g.fineSize)
	c.int(&f.inner, 0, f.period)
	c.demand(f.longPeriod == 0 || f.period > 0 && f.longPeriod%f.period == 0)
	c.int64(&f.phaseAtFit)
	c.demand(f.phaseAtFit >= 0 && f.phaseAtFit < g.mediumStep()*int64(f.perHour))
	s := &f.scale
	for _, v := range [...]*float64{&s.base, &s.unit, &s.low, &s.high, &s.bendAt, &s.plainAffine.mean, &s.plainAffine.deviation, &s.bentAffine.mean, &s.bentAffine.deviation} {
		c.finite(v)
	}
	for _, v := range [...]*float64{&s.least, &s.most} {
		c.float64(v)
		c.demand(*v == *v)
	}
	c.demand(s.unit > 0 && s.bendAt > 0 && s.low <= s.high && s.plainAffine.deviation > 0 && s.bentAffine.deviation > 0)
	c.bool(&s.same)
	for i := range f.coefficients {
		c.bool(&f.fitted[i])
		for j := range f.coefficients[i] {
			c.float32(&f.coefficients[i][j])
		}
	}
	words(c, &f.profiles, 2*(f.period+f.longPeriod))
	words(c, &f.memberErrors.codes, errorRows*maxPool)
	c.float32(&f.memberErrors.unit)
	c.demand(f.memberErrors.unit >= 0)
	f.memberErrors.members = len(members)
	c.demand(len(f.memberErrors.codes) == errorRows*f.memberErrors.members)
	f.conformal.code(c)
	f.events.code(c)
}

func (w *weeklyEvents) code(c *coder) {
	n := len(*w)
	if c.int(&n, 0, eventMostHours); !c.writing {
		*w = make(weeklyEvents, n)
	}
	for i := range *w {
		e := &(*w)[i]
		e.hour = uint8(c.word(uint64(e.hour), 1))
		c.float32(&e.size)
		c.float32(&e.doubt)
		c.demand(e.size == e.size && e.doubt >= 0)
	}
	c.demand(w.sortedByHour())
}

func (l *conformal) code(c *coder) {
	c.finite(&l.unit)
	c.finite(&l.spread)
	c.float32(&l.span)
	c.demand(l.span >= 0)
	for i := range l.bucket {
		c.float32(&l.bucket[i])
		c.demand(l.bucket[i] >= 0)
	}
	for i := range l.slot {
		c.float32(&l.slot[i])
		c.demand(l.slot[i] >= 0)
	}
	for i := range l.centres {
		c.float32(&l.centres[i])
	}
	words(c, &l.scores, keptErrors)
}

package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// stateVersion changes whenever what follows does.
const stateVersion = 5

// AppendBinary appends the state of the model, for UnmarshalBinary on a model made with the same options.
func (m *Model) AppendBinary(b []byte) ([]byte, error) { return codec.Append(b, stateVersion, m.code) }

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	*m = *New(m.options)
	if err := codec.Read(b, stateVersion, m.code); err != nil {
		*m = *New(m.options)
		return err
	}
	return nil
}

func (m *Model) code(c *codec.Coder) {
	g := &m.grids
	c.Same(g.step)
	c.Same(int64(len(m.tracker.horizons)))
	c.Int64(&m.end)
	c.Int(&m.since, 0, math.MaxInt32)
	m.fine.code(c)
	m.medium.code(c)
	m.hourly.code(c)
	c.Int64(&m.hour.number)
	c.Float64(&m.hour.sum)
	c.Int(&m.hour.n, 0, g.perMedium*g.perHour)
	for i := range m.outliers.bits {
		c.Uint64(&m.outliers.bits[i])
	}
	c.Int(&m.outliers.run, 0, math.MaxInt32)
	c.Int64(&m.outliers.newest)
	m.tracker.code(c)
	if m.months != nil {
		m.months.code(c)
	}
	if m.special != nil {
		m.special.code(c)
	}
	c.Bool(&m.fit.done)
	if m.fit.done && !c.Failed() {
		m.fit.code(c, g)
		m.expected.code(c)
	}
	if c.Failed() {
		return
	}
	c.Demand(m.fine.empty() || numeric.FloorDiv(m.end, g.step) == m.fine.next-1)
	c.Demand(!m.fit.done || !m.fine.empty() && m.expected.from < m.fine.next && m.expected.n > 0)
	if g.hourlySize > 0 && !m.fine.empty() && !m.hourly.empty() {
		c.Demand(m.hourly.next <= numeric.FloorDiv(m.fine.next, int64(g.perMedium*g.perHour)))
	}
	if g.mediumSize > 0 && !m.fine.empty() && !m.medium.empty() {
		c.Demand(m.medium.next <= numeric.FloorDiv(m.fine.next, int64(g.perMedium)))
	}
}

func (r *ring) code(c *codec.Coder) {
	c.Int64(&r.next)
	c.Int64(&r.first)
	c.Demand(r.first <= r.next && r.next < math.MaxInt64/4 && (r.empty() && r.next == 0 || r.first > math.MinInt64/4))
	n := len(r.words)
	codec.Words(c, &r.words, n)
	c.Demand(len(r.words) == n)
	if n == 0 {
		return
	}
	for i := range r.open {
		c.Float64(&r.open[i])
	}
}

func (p *expectedHour) code(c *codec.Coder) {
	c.Int64(&p.from)
	c.Int(&p.n, 1, maxPath)
	for i := range p.points[:p.n] {
		q := &p.points[i]
		for _, v := range [...]*float32{&q.mean, &q.lower, &q.upper} {
			c.Float32(v)
			c.Demand(*v == *v)
		}
		c.Demand(q.lower <= q.mean && q.mean <= q.upper)
	}
}

func (f *fit) code(c *codec.Coder, g *grids) {
	c.Bool(&f.fallback)
	c.Bool(&f.daily)
	c.Bool(&f.weekly)
	status, chosen := int(f.status), int(f.pool)
	c.Int(&status, 0, int(Gaps))
	c.Int(&chosen, 0, int(numPools)-1)
	f.status, f.pool = Status(status), pool(chosen)
	members := new(roster).choose(f.pool)
	c.Int(&f.best, 0, len(members)-1)
	f.bestName = members[f.best].name()
	c.Int(&f.perHour, 1, g.perHour)
	c.Demand(f.perHour == 1 || f.perHour == g.perHour)
	c.Int(&f.period, 0, g.fineSize)
	c.Int(&f.longPeriod, 0, g.fineSize)
	c.Int(&f.inner, 0, f.period)
	c.Demand(f.longPeriod == 0 || f.period > 0 && f.longPeriod%f.period == 0)
	c.Int64(&f.phaseAtFit)
	c.Demand(f.phaseAtFit >= 0 && f.phaseAtFit < g.mediumStep()*int64(f.perHour))
	s := &f.scale
	for _, v := range [...]*float64{&s.base, &s.unit, &s.low, &s.high, &s.bendAt, &s.plainAffine.mean, &s.plainAffine.deviation, &s.bentAffine.mean, &s.bentAffine.deviation} {
		c.Finite(v)
	}
	for _, v := range [...]*float64{&s.least, &s.most} {
		c.Float64(v)
		c.Demand(*v == *v)
	}
	c.Demand(s.unit > 0 && s.bendAt > 0 && s.low <= s.high && s.plainAffine.deviation > 0 && s.bentAffine.deviation > 0)
	c.Bool(&s.same)
	for i := range f.coefficients {
		c.Bool(&f.fitted[i])
		for j := range f.coefficients[i] {
			c.Float32(&f.coefficients[i][j])
		}
	}
	codec.Words(c, &f.profiles, 2*(f.period+f.longPeriod))
	codec.Words(c, &f.memberErrors.codes, errorRows*maxPool)
	c.Float32(&f.memberErrors.unit)
	c.Demand(f.memberErrors.unit >= 0)
	f.memberErrors.members = len(members)
	c.Demand(len(f.memberErrors.codes) == errorRows*f.memberErrors.members)
	f.conformal.code(c)
	f.events.code(c)
}

func (w *weeklyEvents) code(c *codec.Coder) {
	n := len(*w)
	if c.Int(&n, 0, eventMostHours); c.Reading() {
		*w = make(weeklyEvents, n)
	}
	for i := range *w {
		e := &(*w)[i]
		c.Uint8(&e.hour)
		c.Float32(&e.size)
		c.Float32(&e.doubt)
		c.Demand(e.size == e.size && e.doubt >= 0)
	}
	c.Demand(w.sortedByHour())
}

func (l *conformal) code(c *codec.Coder) {
	c.Finite(&l.unit)
	c.Finite(&l.spread)
	c.Float32(&l.span)
	c.Demand(l.span >= 0)
	for i := range l.bucket {
		c.Float32(&l.bucket[i])
		c.Demand(l.bucket[i] >= 0)
	}
	for i := range l.slot {
		c.Float32(&l.slot[i])
		c.Demand(l.slot[i] >= 0)
	}
	for i := range l.centres {
		c.Float32(&l.centres[i])
	}
	codec.Words(c, &l.scores, keptErrors)
}

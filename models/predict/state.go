package predict

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// stateVersion changes whenever what follows does.
const stateVersion = 1

var errState = errors.New("predict: not a state of this model")

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

// coder writes or reads a state, field by field in the same order.
type coder struct {
	b       []byte
	writing bool
	failed  bool
}

func (c *coder) fail() { c.failed = true }

// demand fails a state read that breaks what the code relies on.
func (c *coder) demand(ok bool) {
	if !ok {
		c.fail()
	}
}

func (c *coder) word(v uint64, size int) uint64 {
	if c.writing {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], v)
		c.b = append(c.b, w[:size]...)
		return v
	}
	if len(c.b) < size {
		c.fail()
		c.b = nil
		return 0
	}
	var w [8]byte
	copy(w[:], c.b[:size])
	c.b = c.b[size:]
	return binary.LittleEndian.Uint64(w[:])
}

func (c *coder) same(v int64) {
	if int64(c.word(uint64(v), 8)) != v {
		c.fail()
	}
}

func (c *coder) int64(v *int64)     { *v = int64(c.word(uint64(*v), 8)) }
func (c *coder) float64(v *float64) { *v = math.Float64frombits(c.word(math.Float64bits(*v), 8)) }
func (c *coder) float32(v *float32) {
	*v = math.Float32frombits(uint32(c.word(uint64(math.Float32bits(*v)), 4)))
}

func (c *coder) int(v *int, low, high int) {
	*v = int(int32(c.word(uint64(uint32(int32(*v))), 4)))
	c.demand(*v >= low && *v <= high)
	if c.failed {
		*v = low
	}
}

func (c *coder) bool(v *bool) {
	*v = c.word(uint64(b2i(*v)), 1) == 1
}

// finite reads or writes a float that has to be a number.
func (c *coder) finite(v *float64) {
	c.float64(v)
	c.demand(!math.IsNaN(*v) && !math.IsInf(*v, 0))
}

// words reads or writes a list of up to most entries.
func words[T ~uint16 | ~uint32](c *coder, v *[]T, most int) {
	n := len(*v)
	c.int(&n, 0, most)
	size := 2
	if uint64(^T(0)) > math.MaxUint16 {
		size = 4
	}
	if !c.writing {
		if c.failed || len(c.b) < n*size {
			c.fail()
			return
		}
		*v = make([]T, n)
	}
	for i := range *v {
		(*v)[i] = T(c.word(uint64((*v)[i]), size))
	}
}

func (m *Model) code(c *coder) {
	g := &m.grids
	c.same(stateVersion)
	c.same(g.step)
	c.same(int64(len(m.record.horizons)))
	c.int64(&m.end)
	c.int(&m.since, 0, math.MaxInt32)
	m.fine.code(c)
	m.medium.code(c)
	m.coarse.code(c)
	c.int64(&m.bin.number)
	c.float64(&m.bin.sum)
	c.int(&m.bin.n, 0, g.r*g.k)
	for i := range m.odd.bits {
		m.odd.bits[i] = c.word(m.odd.bits[i], 8)
	}
	c.int(&m.odd.run, 0, math.MaxInt32)
	c.int64(&m.odd.newest)
	m.record.code(c)
	if m.months != nil {
		m.months.code(c)
	}
	if m.special != nil {
		m.special.code(c)
	}
	c.bool(&m.fit.done)
	if m.fit.done && !c.failed {
		m.fit.code(c, g)
		m.path.code(c)
	}
	if c.failed {
		return
	}
	c.demand(m.fine.empty() || floorDiv(m.end, g.step) == m.fine.next-1)
	c.demand(!m.fit.done || !m.fine.empty() && m.path.from < m.fine.next && m.path.n > 0)
	if g.coarse > 0 && !m.fine.empty() && !m.coarse.empty() {
		c.demand(m.coarse.next <= floorDiv(m.fine.next, int64(g.r*g.k)))
	}
	if g.medium > 0 && !m.fine.empty() && !m.medium.empty() {
		c.demand(m.medium.next <= floorDiv(m.fine.next, int64(g.r)))
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

func (r *record) code(c *coder) {
	for _, v := range [...]*float32{&r.near, &r.far, &r.missed} {
		c.float32(v)
		c.demand(*v >= -10 && *v <= 10)
	}
	for i := range r.horizons {
		h := &r.horizons[i]
		for _, v := range [...]*float32{&h.weight, &h.inside, &h.err, &h.naive, &h.own} {
			c.float32(v)
			c.demand(*v == *v)
		}
		c.int64(&h.issued)
		for j := range h.pending {
			p := &h.pending[j]
			c.int64(&p.at)
			for _, v := range [...]*float32{&p.mean, &p.lower, &p.upper, &p.naive, &p.own} {
				c.float32(v)
			}
		}
	}
}

func (p *path) code(c *coder) {
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
	status, best, pool := int(f.status), int(f.best), int(f.pool)
	c.int(&status, 0, int(Gaps))
	c.int(&best, 0, int(numKinds)-1)
	c.int(&pool, 0, int(numPools)-1)
	f.status, f.best, f.pool = Status(status), kind(best), pools(pool)
	c.int(&f.k, 1, g.k)
	c.demand(f.k == 1 || f.k == g.k)
	c.int(&f.p, 0, g.samples)
	c.int(&f.w, 0, g.samples)
	c.int(&f.inner, 0, f.p)
	c.demand(f.w == 0 || f.p > 0 && f.w%f.p == 0)
	c.int64(&f.late)
	c.demand(f.late >= 0 && f.late < g.mediumStep()*int64(f.k))
	s := &f.scale
	for _, v := range [...]*float64{&s.base, &s.unit, &s.low, &s.high, &s.bend, &s.plain.mean, &s.plain.deviation, &s.bent.mean, &s.bent.deviation} {
		c.finite(v)
	}
	c.demand(s.unit > 0 && s.bend > 0 && s.low <= s.high && s.plain.deviation > 0 && s.bent.deviation > 0)
	c.bool(&s.same)
	for i := range f.betas {
		c.bool(&f.fitted[i])
		for j := range f.betas[i] {
			c.float32(&f.betas[i][j])
		}
	}
	words(c, &f.profiles, 2*(f.p+f.w))
	words(c, &f.table.codes, tableRows*maxPool)
	f.table.n = len(f.pool.kinds())
	c.demand(len(f.table.codes) == tableRows*f.table.n)
	f.law.code(c)
}

func (l *law) code(c *coder) {
	c.finite(&l.unit)
	c.finite(&l.spread)
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
	words(c, &l.errors, keptErrors)
}

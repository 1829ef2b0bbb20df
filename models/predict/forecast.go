package predict

import (
	"math"
	"time"
)

// Forecast fills dst, one for each lead (ascending multiples of the step, above 0), with intervals at the levels
// (ascending), and returns it; dst and its slices are reused where they are large enough. All values are finite and
// the intervals nested. Before the first fit nothing is returned.
func (m *Model) Forecast(dst []Forecast, leads []time.Duration, levels []float64) []Forecast {
	if !m.fit.done || len(leads) == 0 {
		return dst[:0]
	}
	if cap(dst) < len(leads) {
		dst = append(dst[:cap(dst)], make([]Forecast, len(leads)-cap(dst))...)
	}
	dst = dst[:len(leads)]
	f, g := &m.fit, &m.grids
	var x [longSamples + 400]float64
	var z [hourSamples]float64
	ps := past{scale: f.scale}
	ps.x = x[:min(m.fine.count(), len(x), g.fine)]
	ps.z = ps.x
	if g.k > 1 {
		ps.z = z[:max(len(ps.x)/g.k, min(m.coarse.count(), len(z)))]
	}
	m.gather(ps.x, ps.z)
	var seen [longSamples + 400]bool
	var zseen [hourSamples]bool
	ps.seen = seen[:len(ps.x)]
	for i, v := range ps.x {
		ps.seen[i] = v == v
		ps.x[i] = ps.in(v)
	}
	m.seat(&ps, f)
	fill(ps.x, ps.seen, ps.w*g.k, ps.p*g.k)
	ps.zseen = ps.seen
	if g.k > 1 {
		ps.zseen = zseen[:len(ps.z)]
		for i, v := range ps.z {
			ps.zseen[i] = v == v
			ps.z[i] = ps.in(v)
		}
		fill(ps.z, ps.zseen, ps.w, ps.p)
	}
	var zb, zn [longSamples]float64
	ps.zb, ps.zn = zb[:len(ps.z)], zn[:len(ps.z)]
	for i, y := range ps.z {
		ps.zb[i] = ps.bend1(y)
		ps.zn[i] = ps.plain.in(y)
	}
	var v view
	v.past, v.pool = &ps, f.pool
	for v.first < len(ps.seen)-1 && !ps.seen[v.first] {
		v.first++
	}
	last := int(leads[len(leads)-1].Milliseconds() / g.step)
	v.look(origin{len(ps.x) - 1, len(ps.z) - 1}, last, &f.regs)
	var forecasts, w [maxPool]float64
	n := len(f.pool)
	for i, lead := range leads {
		d := &dst[i]
		d.Lead = lead
		d.Lower, d.Upper = resize(d.Lower, len(levels)), resize(d.Upper, len(levels))
		l := int(lead.Milliseconds() / g.step)
		bucket, slot := bucketOf(l, g.k), f.slotOf(&ps, l)
		v.forecast(forecasts[:n], l)
		f.scores.weigh(w[:n], bucket, slot)
		centre, spread := combine(forecasts[:n], w[:n])
		if math.IsNaN(centre) {
			centre, spread = ps.x[len(ps.x)-1], 0
		}
		f.law.edges(d.Lower, d.Upper, levels, centre, spread, bucket, slot)
		d.Mean = f.scale.out(centre)
		for j := range levels {
			d.Lower[j] = f.scale.out(f.scale.clamp(d.Lower[j]))
			d.Upper[j] = f.scale.out(f.scale.clamp(d.Upper[j]))
		}
	}
	return dst
}

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

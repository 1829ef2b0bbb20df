// Package disks compares the alerts on exhaustion that people use with Foresight's, over simulated disks: false alarms,
// missed exhaustions and lead time, with every rule evaluated by Prometheus's own engine on the same series.
//
// Read shapes.go (the disks), rules.go (the alerts), alarms.go (what they would have done, over the samples of
// storage.go) and table.go (the comparison).
package disks

import (
	"math"
	"math/rand/v2"
	"time"
)

const (
	step     = 5 * time.Minute
	perHour  = int(time.Hour / step)
	perDay   = 24 * perHour
	weeks    = 6 // that rules are evaluated for, or until the disk is full
	length   = weeks * 7 * perDay
	beyond   = 8 * perDay // more, so that it is known what comes within twice the longest time a rule speaks of
	gigabyte = 1e9
)

// Disk is what one volume holds over time, a value every five minutes.
type Disk struct {
	Used, Size []float64 // bytes
	Full       int       // first value at which it is full; -1: never
}

// Shape is a way in which disks fill.
type Shape struct {
	Name string
	draw func(r *rand.Rand, d *Disk)
}

// Draw simulates one disk; a seed gives the same disk always.
func (s Shape) Draw(seed uint64) Disk {
	d := Disk{Used: make([]float64, length+beyond), Size: make([]float64, length+beyond), Full: -1}
	for i := range d.Size {
		d.Size[i] = 100
	}
	s.draw(rand.New(rand.NewPCG(seed, 7)), &d)
	for i := range d.Used {
		d.Used[i] = gigabyte * max(0, min(d.Used[i], d.Size[i]))
		d.Size[i] *= gigabyte
		if d.Full < 0 && d.Used[i] >= d.Size[i] {
			d.Full = i
		}
	}
	return d
}

// Shapes are the simulated ones, in percent of the first size.
func Shapes() []Shape {
	return []Shape{
		{"steady fill", steadyFill},
		{"weekly fill", weeklyFill},
		{"rotation", func(r *rand.Rand, d *Disk) { rotation(r, d, 0, between(r, 86, 95)) }},
		{"rotation with growth", func(r *rand.Rand, d *Disk) { rotation(r, d, between(r, 26, 40), 100) }},
		{"image garbage collection", imageCollection},
		{"compaction every 2 h", compaction},
		{"backups", backups},
		{"resize", resize},
		{"cold start", coldStart},
		{"leak with restarts", func(r *rand.Rand, d *Disk) { leak(r, d, 0, between(r, 75, 93)) }},
		{"leak outgrowing restarts", func(r *rand.Rand, d *Disk) { leak(r, d, between(r, 28, 41), 100) }},
		{"daily cycle near the limit", dailyCycle},
		{"new disk", newDisk},
		{"sudden fill", suddenFill},
		{"stopped cleaning", stoppedCleaning},
	}
}

func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

// days is the time of a value.
func days(i int) float64 { return float64(i) / float64(perDay) }

// wander is slow noise: an autoregression of one hour's memory and this standard deviation.
func wander(r *rand.Rand, sigma float64) func() float64 {
	const keep = 11.0 / 12
	v := sigma * r.NormFloat64()
	return func() float64 {
		v = keep*v + sigma*math.Sqrt(1-keep*keep)*r.NormFloat64()
		return v
	}
}

// writes is a positive noise of mean 1: how much of the mean rate is written in a step.
func writes(r *rand.Rand) float64 { return -math.Log(1 - r.Float64()) }

// fill draws a path from one level to the limit on a day, by weights that say when is written.
func fill(r *rand.Rand, d *Disk, from, day float64, weight func(i int) float64) {
	end, sum := int(day*float64(perDay)), 0.0
	for i := range end {
		sum += weight(i)
	}
	v := from
	for i := range d.Used {
		d.Used[i] = v
		v += (100 - from) * weight(i) / sum * writes(r)
	}
}

func steadyFill(r *rand.Rand, d *Disk) {
	fill(r, d, between(r, 15, 45), between(r, 24, 40), func(int) float64 { return 1 })
	w := wander(r, 0.2)
	for i := range d.Used {
		d.Used[i] += w()
	}
}

func weeklyFill(r *rand.Rand, d *Disk) {
	phase := r.IntN(7)
	fill(r, d, between(r, 15, 45), between(r, 24, 40), func(i int) float64 {
		hour, weekday := i%perDay/perHour, (i/perDay+phase)%7
		if weekday < 5 && hour >= 8 && hour < 20 {
			return 1
		}
		return 0.03
	})
}

// rotation grows through the day by what is logged and falls when the logs are packed; the floor rises so that the
// peak is at the limit on a day, or stays so that it is always where it is told to be.
func rotation(r *rand.Rand, d *Disk, day, peak float64) {
	logs, hour := between(r, 8, 25), r.IntN(24)
	from, growth := peak-logs, 0.0
	if day > 0 {
		from = between(r, 20, 50)
		growth = (peak - logs - from) / day
	}
	w := wander(r, 0.15)
	today, busy := 0.0, 1.0
	for i := range d.Used {
		if i%perDay == hour*perHour {
			today, busy = 0, between(r, 0.85, 1)
		}
		today += logs * busy / float64(perDay) * writes(r)
		d.Used[i] = from + growth*days(i) + today + w()
	}
}

func imageCollection(r *rand.Rand, d *Disk) {
	v, every := between(r, 55, 75), between(r, 3, 20)*float64(perHour)
	w := wander(r, 0.05)
	for i := range d.Used {
		if r.Float64() < 1/every {
			v += between(r, 0.2, 2.5)
		}
		if v >= 85 {
			v = between(r, 79, 80)
		}
		d.Used[i] = v + w()
	}
}

func compaction(r *rand.Rand, d *Disk) {
	floor, logs := between(r, 70, 86), between(r, 3, 8)
	drift := between(r, 0, 0.03)
	w := wander(r, 0.1)
	for i := range d.Used {
		part := float64(i%(2*perHour)) / float64(2*perHour)
		d.Used[i] = floor + drift*days(i) + logs*part + w()
	}
}

// backups are written at night over an hour or two and taken away some hours later; every week there is a larger one.
func backups(r *rand.Rand, d *Disk) {
	base, amount := between(r, 58, 70), between(r, 8, 15)
	start, writing, kept := r.IntN(12)*perHour, perHour+r.IntN(perHour), (3+r.IntN(6))*perHour
	w := wander(r, 0.1)
	for i := range d.Used {
		here, size := i%perDay-start, amount
		if i/perDay%7 == 6 {
			size *= 1.6
		}
		v := base
		if here >= 0 && here < kept {
			v += size * min(1, float64(here)/float64(writing))
		}
		d.Used[i] = v + w()
	}
}

// resize grows steadily; the volume is made larger long before it is full, and fills all the same.
func resize(r *rand.Rand, d *Disk) {
	from, would, to := between(r, 30, 45), between(r, 20, 23), between(r, 130, 140)
	fill(r, d, from, would, func(int) float64 { return 1 })
	when := int(between(r, 9, 11.5) * float64(perDay))
	for i := when; i < len(d.Size); i++ {
		d.Size[i] = to
	}
	w := wander(r, 0.2)
	for i := range d.Used {
		d.Used[i] += w()
	}
}

// newDisk is full before there is much of a history.
func newDisk(r *rand.Rand, d *Disk) {
	fill(r, d, between(r, 2, 10), between(r, 4, 10), func(int) float64 { return 1 })
	w := wander(r, 0.2)
	for i := range d.Used {
		d.Used[i] += w()
	}
}

// suddenFill is quiet for weeks and then fills at 5 to 80 % a day.
func suddenFill(r *rand.Rand, d *Disk) {
	level, slope := between(r, 30, 60), 5*math.Pow(16, r.Float64())
	onset := between(r, 21, 30)
	w := wander(r, 0.1)
	for i := range d.Used {
		d.Used[i] = level + slope*max(0, days(i)-onset) + w()
	}
}

// stoppedCleaning is a saw tooth of a day to half a week that is no longer cleaned from some moment on.
func stoppedCleaning(r *rand.Rand, d *Disk) {
	top, depth, period := between(r, 80, 92), between(r, 12, 30), between(r, 1, 3.5)
	stop := between(r, 25, 32)
	v, w := top-depth*r.Float64(), wander(r, 0.1)
	for i := range d.Used {
		v += depth / period / float64(perDay)
		if v >= top && days(i) < stop {
			v = top - depth*between(r, 0.95, 1.05)
		}
		d.Used[i] = v + w()
	}
}

func coldStart(r *rand.Rand, d *Disk) {
	from, to, tau := between(r, 2, 10), between(r, 60, 92), between(r, 1, 4)
	w := wander(r, 0.15)
	for i := range d.Used {
		d.Used[i] = to - (to-from)*math.Exp(-days(i)/tau) + w()
	}
}

// leak grows until a restart every week; day is when it is full before the restart, since it leaks the faster the
// longer it runs, and 0 where the peak stays.
func leak(r *rand.Rand, d *Disk, day, peak float64) {
	floor, phase := between(r, 10, 25), r.IntN(7*perDay)
	w := wander(r, 0.3)
	week, faster := -1, 1.0
	for i := range d.Used {
		at := i + phase
		if n := at / (7 * perDay); n != week {
			week, faster = n, between(r, 0.93, 1)
		}
		top := peak
		if day > 0 {
			top = peak * (0.62 + 0.38*days(i)/day)
			faster = 1
		}
		part := float64(at%(7*perDay)) / float64(7*perDay)
		if day > 0 {
			part /= 0.9
		}
		d.Used[i] = floor + (top-floor)*faster*part + w()
	}
}

func dailyCycle(r *rand.Rand, d *Disk) {
	mean, swing := between(r, 68, 75), between(r, 12, 18)
	w := wander(r, 0.6)
	for i := range d.Used {
		d.Used[i] = mean + swing*math.Sin(2*math.Pi*days(i)) + w()
	}
}

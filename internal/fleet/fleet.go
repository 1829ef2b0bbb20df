// Package fleet follows the series of a task: it joins what the source names into series, learns them moment by moment,
// and keeps what was learnt. The live engine, the backtest and the check drive it in the same way: what a fleet knows
// depends on the samples it was given and on the moment at which it began, not on how they were cut into reads.
//
// A fleet is cut into [Partitions]. One goroutine hands samples over ([Fleet.Take], slice by slice) and has them learnt
// ([Fleet.Reach]); the work on partitions is done concurrently, each by one worker. Between the calls a fleet is at rest
// and may be read; curves and saving may be asked for at any time.
package fleet

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

const (
	day         = 24 * time.Hour
	warmUp      = day / 2   // of a first history, followed by every series as live samples are, and at most twice as long
	refitTurn   = time.Hour // within which series whose refits fall due together take turns
	listedFor   = day       // for which a series that went stale is still listed as such
	forgetAfter = 7 * day   // after which what was learnt of it is dropped
)

// Sample is one sample of a source series.
type Sample = source.Sample

// Shard is the part of all series that one of several processes owns: the partitions whose number is Index modulo Count.
type Shard struct{ Index, Count uint64 }

// Of returns how many shards there are.
func (s Shard) Of() int { return int(max(s.Count, 1)) }

func (s Shard) owns(partition uint64) bool { return s.Count < 2 || partition%s.Count == s.Index }

// Options of a fleet.
type Options struct {
	Task   *config.Task
	Pool   *Pool
	Shard  Shard
	Fitted func(time.Duration) // told how long each fit took; nil: nobody is
}

// Fleet is the series of one task. Its methods must not be called concurrently, except Save and Interrupt; curves may be
// asked for at any time.
type Fleet struct {
	Options
	models     *models.Options
	step       int64    // milliseconds
	staleAfter int64    // milliseconds
	by         []string // labels that make the identity, sorted; nil: all but the name
	groupBy    []string // labels of the source that make a group, sorted
	shownGroup []string // the same as exported, with task
	compares   bool     // siblings are compared
	limits     *Limits  // nil: the task has none
	signature  func() (string, error)

	parts       [Partitions]partition
	size        int
	origin      atomic.Int64 // up to which all was read
	interrupted atomic.Bool
	hold        int64  // before which nothing is fitted
	slice       uint64 // of the samples that are pending
	newest      int64  // sample taken

	ordered []*Series // by labels; nil: to be put in order anew
	listed  []*Series
	groups  []*Group
	numbers int                 // given to series
	joined  int                 // series, since Begin
	refused map[uint64]struct{} // identities left out by series_limit since Begin
	leaving []leaving
	buf     []byte
}

// leaving is a series that may make place for another.
type leaving struct {
	part *partition
	key  string
	seen int64
}

// New returns a fleet without series.
func New(o Options) *Fleet {
	t := o.Task
	f := &Fleet{
		Options: o, models: t.ModelOptions(), step: time.Duration(t.Step).Milliseconds(),
		staleAfter: StaleAfter(time.Duration(t.Step)).Milliseconds(),
		by:         identity.Labels(t.By, t.GroupBy), groupBy: identity.Sorted(t.GroupBy), shownGroup: []string{"task"},
		compares: len(t.GroupBy) > 0 && t.Exports(board.GroupAnomaly), limits: NewLimits(t), refused: map[uint64]struct{}{},
		signature: sync.OnceValues(func() (string, error) { return signature(t) }),
	}
	for _, name := range f.groupBy {
		f.shownGroup = append(f.shownGroup, board.ExportedLabel(name))
	}
	slices.Sort(f.shownGroup)
	f.Reset()
	return f
}

// StaleAfter returns how long a series of that step is exported without a new sample.
func StaleAfter(step time.Duration) time.Duration { return max(5*time.Minute, 2*step) }

// Reset forgets all series.
func (f *Fleet) Reset() {
	for i := range f.parts {
		p := &f.parts[i]
		done := p.change()
		p.series, p.index, p.groups, p.compared = nil, nil, nil, never
		done()
	}
	f.size, f.ordered, f.newest, f.hold, f.slice = 0, nil, never, never, 1
	f.origin.Store(never)
}

// Origin returns the moment up to which all was read; ok is false where nothing was.
func (f *Fleet) Origin() (t int64, ok bool) {
	t = f.origin.Load()
	return t, t != never
}

// Size returns how many series there are.
func (f *Fleet) Size() int { return f.size }

// Numbers returns how many numbers were given to series.
func (f *Fleet) Numbers() int { return f.numbers }

// Dropped returns how many series were left out by series_limit since Begin.
func (f *Fleet) Dropped() int { return len(f.refused) }

// Begin starts a read with a hold; it ends with Reach or BreakOff.
func (f *Fleet) Begin(hold int64) {
	f.Hold(hold)
	f.joined = 0
	clear(f.refused)
}

// HoldOf returns the hold of the first read of a history of (from, origin]: its end is followed as live samples are, with
// the models fitted, so that how good the forecasts are is known before anything is exported.
func HoldOf(from, origin int64) int64 {
	if origin-from <= day.Milliseconds() {
		return NoHold
	}
	return origin - warmUp.Milliseconds()
}

// Hold has nothing fitted before a moment, or as much as half a day earlier, until the read ends. Each series has its own
// moment, so that the fits of all are spread for good, and a long history is learnt with one fit of each series instead
// of one a day.
func (f *Fleet) Hold(moment int64) { f.hold = moment }

// NoHold is the hold of a read in which all is fitted when it is due.
const NoHold int64 = never

// Interrupt has nothing fitted any more, so that learning ends soon: it stays due.
func (f *Fleet) Interrupt() { f.interrupted.Store(true) }

// Reach learns all that was taken, up to a moment, the new origin.
func (f *Fleet) Reach(origin int64) {
	f.learn(math.MaxInt64)
	f.hold = never
	f.origin.Store(origin)
	f.enforce(origin)
}

// BreakOff learns what was taken before a read failed: slices arrive whole, so that all is known up to the newest sample.
func (f *Fleet) BreakOff() {
	f.learn(math.MaxInt64)
	f.hold = never
	if f.newest > f.origin.Load() {
		f.origin.Store(f.newest)
	}
}

// learn has all series learn what is pending before a moment, and ends the slice.
func (f *Fleet) learn(before int64) {
	f.slice++
	f.leaving = nil
	f.arrange()
	f.each(func(p *partition) { p.learn(f, before) })
	for i := range f.parts {
		if f.parts[i].renamed {
			f.parts[i].renamed, f.ordered = false, nil
		}
	}
}

// Each calls work for every series, concurrently, those of a partition one after the other, each of them locked.
func (f *Fleet) Each(work func(s *Series)) {
	f.each(func(p *partition) {
		for i := range p.series {
			p.mu.Lock()
			work(&p.series[i])
			p.mu.Unlock()
		}
	})
}

func (f *Fleet) each(work func(p *partition)) {
	f.Pool.Each(Partitions, func(i int) {
		if p := &f.parts[i]; len(p.series) > 0 {
			work(p)
		}
	})
}

// turn reports whether a fit of a series that is due at a moment is made then: the first at once, the others at the
// series' own moment of an hour. It depends on nothing but the identity and the moment.
func (f *Fleet) turn(s *Series, t int64) bool {
	own := int64(s.hash >> 32)
	switch {
	case t < f.hold-own%max(1, warmUp.Milliseconds()/f.step)*f.step:
		return false
	case s.Info.Status == models.WarmingUp:
		return true
	}
	turns := max(1, refitTurn.Milliseconds()/f.step)
	return (t/f.step-own)%turns == 0
}

func (f *Fleet) fit(s *Series) {
	if f.interrupted.Load() {
		return
	}
	start := time.Now()
	s.Forecaster.Refit()
	s.inform()
	if f.Fitted != nil {
		f.Fitted(time.Since(start))
	}
}

func (f *Fleet) scored(s *Series, at int64) bool { return s.State(at, f.staleAfter).Scored() }

// Listed returns the series by labels, each with its Index, without those that are gone for a day, and forgets those
// that the source has not had for a week. at is the moment that is due (Unix milliseconds): where the source is away
// since long nothing is forgotten. The result is valid until the next call.
func (f *Fleet) Listed(at int64) []*Series {
	origin := f.origin.Load()
	for i := range f.parts {
		p := &f.parts[i]
		for k := len(p.series) - 1; k >= 0; k-- {
			if f.gone(&p.series[k], origin) > forgetAfter.Milliseconds() {
				f.remove(p, p.series[k].key)
			}
		}
	}
	f.arrange()
	f.listed = f.listed[:0]
	for _, s := range f.ordered {
		s.Index = -1
		if f.gone(s, at) <= listedFor.Milliseconds() {
			s.Index = len(f.listed)
			f.listed = append(f.listed, s)
		}
	}
	return f.listed
}

// Groups returns the groups of the series, by labels, each with its Index. The result is valid until the next read.
func (f *Fleet) Groups() []*Group { return f.groups }

// gone is for how long a series was not there at all, beyond the time after which it is stale, in milliseconds.
func (f *Fleet) gone(s *Series, at int64) int64 { return at - s.seen() - f.staleAfter }

func (f *Fleet) remove(p *partition, key string) {
	p.remove(key)
	f.size--
	f.ordered = nil
}

// arrange puts the series and groups in order where they have changed.
func (f *Fleet) arrange() {
	if f.ordered != nil {
		return
	}
	f.ordered = make([]*Series, 0, f.size)
	for i := range f.parts {
		p := &f.parts[i]
		for k := range p.series {
			f.ordered = append(f.ordered, &p.series[k])
		}
	}
	slices.SortFunc(f.ordered, func(a, b *Series) int {
		return cmp.Or(labels.Compare(a.Labels, b.Labels), cmp.Compare(a.key, b.key))
	})
	if len(f.groupBy) > 0 {
		f.group()
	}
}

// group finds the groups of the series, which are in order.
func (f *Fleet) group() {
	f.groups = f.groups[:0]
	byKey := map[string]*Group{}
	for i := range f.parts {
		p := &f.parts[i]
		p.groups = p.groups[:0]
		for k := range p.series {
			s := &p.series[k]
			f.buf = s.Labels.BytesWithLabels(f.buf, f.shownGroup...)
			g := byKey[string(f.buf)]
			if g == nil {
				g = &Group{Labels: s.Labels.MatchLabels(true, f.shownGroup...)}
				byKey[string(f.buf)] = g
				f.groups, p.groups = append(f.groups, g), append(p.groups, g)
			}
			s.Group, g.members = g, append(g.members, int32(k))
		}
	}
	slices.SortFunc(f.groups, func(a, b *Group) int { return labels.Compare(a.Labels, b.Labels) })
	for i, g := range f.groups {
		g.Index = i
	}
}

// partitionOf returns the partition of a source series and its number; its identity is in f.buf then.
func (f *Fleet) partitionOf(ls labels.Labels) (p *partition, number, hash uint64) {
	if len(f.groupBy) > 0 {
		f.buf = ls.BytesWithLabels(f.buf, f.groupBy...)
		number = xxhash.Sum64(f.buf) % Partitions
	}
	f.buf = identity.Key(f.buf, f.by, ls)
	hash = xxhash.Sum64(f.buf)
	if len(f.groupBy) == 0 {
		number = hash % Partitions
	}
	return &f.parts[number], number, hash
}

package fleet

import (
	"cmp"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Take keeps samples of one source series, oldest first, until their slice of time is whole: it is once the same source
// series comes again, and with Reach. Labels and samples are the caller's.
func (f *Fleet) Take(ls labels.Labels, samples []Sample) error {
	if len(samples) == 0 {
		return nil
	}
	p, number, hash := f.partitionOf(ls)
	s := p.find(f.buf)
	if s == nil {
		s = f.add(p, number, hash, ls, samples[0].T)
	}
	if s != nil {
		f.take(s, ls, samples)
	}
	return nil
}

// take hands samples to a series; those of another slice are learnt before.
func (f *Fleet) take(s *Series, ls labels.Labels, samples []Sample) {
	hash := ls.Hash()
	m := s.members.find(hash)
	if t := samples[0].T; m != nil && m.slice == f.slice && t > f.learnt {
		f.learn(t)
		f.learnt = t
		m = s.members.find(hash)
	}
	if m == nil {
		m = s.members.add(f.member(hash, ls))
	}
	m.slice = f.slice
	s.take(m, samples)
	f.newest = max(f.newest, samples[len(samples)-1].T)
}

func (f *Fleet) member(hash uint64, ls labels.Labels) member {
	return member{hash: hash, labels: board.ExportedLabels(f.Task.Name, ls), limitKey: f.limits.Key(ls)}
}

// add returns a new series for the identity in f.buf, nil where the shard or series_limit does not allow one.
func (f *Fleet) add(p *partition, number, hash uint64, ls labels.Labels, at int64) *Series {
	if !f.Shard.owns(number) {
		return nil
	}
	if limit := f.Task.SeriesLimit; limit > 0 && f.size >= limit && !f.evict(at) {
		f.refused[hash] = struct{}{}
		return nil
	}
	s := newSeries(string(f.buf), hash, f.models)
	s.Number = f.numbers
	f.numbers++
	first := f.member(ls.Hash(), ls)
	s.Labels, s.limitKey = first.labels, first.limitKey
	s.members.add(first)
	f.size++
	f.joined++
	f.ordered = nil
	return p.add(s, f.step)
}

// evict drops the series that, at a moment (Unix milliseconds), is gone for longest, to make place for another. It
// reports whether there was one. Candidates are looked for once a slice.
func (f *Fleet) evict(at int64) bool {
	if f.leaving == nil {
		f.leaving = []leaving{}
		for i := range f.parts {
			p := &f.parts[i]
			for k := range p.series {
				if s := &p.series[k]; len(s.pending) == 0 && at-s.seen() > f.staleAfter {
					f.leaving = append(f.leaving, leaving{p, s.key, s.seen()})
				}
			}
		}
		slices.SortFunc(f.leaving, func(a, b leaving) int { return cmp.Or(cmp.Compare(b.seen, a.seen), cmp.Compare(b.key, a.key)) })
	}
	for n := len(f.leaving); n > 0; n = len(f.leaving) {
		l := f.leaving[n-1]
		f.leaving = f.leaving[:n-1]
		if s := l.part.find([]byte(l.key)); s != nil && len(s.pending) == 0 {
			f.remove(l.part, l.key)
			return true
		}
	}
	return false
}

// Joined returns how many series joined since Begin.
func (f *Fleet) Joined() int { return f.joined }

// Fresh reports whether the series of a source series has learnt nothing yet.
func (f *Fleet) Fresh(ls labels.Labels) bool {
	p, _, _ := f.partitionOf(ls)
	s := p.find(f.buf)
	return s != nil && s.seen() == never
}

// TakePast takes samples that are older than those taken since Begin, of the series that are there. What is pending stays
// so until the past is learnt.
func (f *Fleet) TakePast(ls labels.Labels, samples []Sample) error {
	if p, _, _ := f.partitionOf(ls); len(samples) > 0 {
		if s := p.find(f.buf); s != nil {
			f.take(s, ls, samples)
		}
	}
	return nil
}

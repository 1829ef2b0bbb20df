package fleet

import (
	"math"
	"slices"
	"sync"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/models"
)

// Partitions is into how many parts a task's series are cut: by their group where the task has groups, else by their
// identity. A part is learnt by one worker at a time, kept as one file, and belongs to one shard, so that what is
// compared with each other is never cut apart. It is a constant since files and shards hang on it: enough for as many
// shards and cores, few enough that a small task does not drown in files.
const Partitions = 64

// partition is one part of a task's series, in one slab.
type partition struct {
	learning sync.Mutex // held while a slice is learnt: outside of it, all series are as of one moment
	mu       sync.Mutex // held while one series, or the slab itself, is used

	series   []Series
	index    map[string]int32 // in series, by identity
	groups   []*Group         // of its series
	compared int64            // the moment up to which siblings are
	renamed  bool             // a series has other labels than when they were put in order
	changed  bool             // since it was saved

	values, scores, buffer []float64 // for comparing
	peers                  []models.Peer
}

// Group is what a task's `group_by` makes of its series.
type Group struct {
	Labels  labels.Labels // those of group_by, with task
	Index   int           // among the task's groups, by labels
	members []int32       // in the slab
}

func (p *partition) find(key []byte) *Series {
	if i, ok := p.index[string(key)]; ok {
		return &p.series[i]
	}
	return nil
}

// change has neither learning, saving nor reading go on until what it returns is called.
func (p *partition) change() (done func()) {
	p.learning.Lock()
	p.mu.Lock()
	p.changed = true
	return func() {
		p.mu.Unlock()
		p.learning.Unlock()
	}
}

// add puts a series into the slab. Pointers to others are no longer valid.
func (p *partition) add(s Series, step int64) *Series {
	defer p.change()()
	if p.index == nil {
		p.index = map[string]int32{}
	}
	s.part = p
	s.Ahead = &ahead{p, s.key, step}
	p.index[s.key] = int32(len(p.series))
	p.series = append(p.series, s)
	return &p.series[len(p.series)-1]
}

// remove takes a series out of the slab. Pointers to others are no longer valid.
func (p *partition) remove(key string) {
	defer p.change()()
	i, last := p.index[key], int32(len(p.series)-1)
	delete(p.index, key)
	if i != last {
		p.series[i] = p.series[last]
		p.index[p.series[i].key] = i
	}
	p.series[last] = Series{}
	p.series = p.series[:last]
}

// learn has the series learn what is pending before a moment: one after the other, or moment by moment where they are
// compared with each other.
func (p *partition) learn(f *Fleet, before int64) {
	p.learning.Lock()
	defer p.learning.Unlock()
	for {
		until, next := before, int64(math.MaxInt64)
		for i := range p.series {
			next = min(next, p.series[i].due())
		}
		if next >= before {
			break
		}
		if f.compares {
			until = next + 1
		}
		for i := range p.series {
			if s := &p.series[i]; s.due() < until {
				s.learn(f, until)
			}
		}
		p.changed = true
		if f.compares && next > p.compared {
			p.compare(f, next)
		}
	}
	for i := range p.series {
		p.renamed = p.series[i].settle() || p.renamed
	}
}

// compare moves on what is remembered of each series among its siblings, and scores it, as of a moment.
func (p *partition) compare(f *Fleet, at int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.compared = at
	for _, g := range p.groups {
		p.values, p.peers = p.values[:0], p.peers[:0]
		there := false
		for _, i := range g.members {
			s := &p.series[i]
			there = there || s.seen() == at
			if !f.scored(s, at) {
				continue
			}
			p.values, p.peers = append(p.values, s.Value(at)), append(p.peers, s.peer)
		}
		if !there {
			continue
		}
		n := len(p.values)
		p.scores, p.buffer = slices.Grow(p.scores[:0], n)[:n], slices.Grow(p.buffer[:0], n)[:n]
		models.PeerScores(p.scores, p.values, p.peers, p.buffer)
		k := 0
		for _, i := range g.members {
			s := &p.series[i]
			s.PeerScore = math.NaN()
			if f.scored(s, at) {
				s.peer, s.PeerScore = p.peers[k], p.scores[k]
				k++
			}
		}
	}
}

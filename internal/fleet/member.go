package fleet

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// member is one source series of an identity.
type member struct {
	hash     uint64 // of its labels
	slice    uint64 // in which a sample was taken last
	labels   labels.Labels
	limitKey string
}

// members are the source series of one identity: most have one or two, but an expression whose `by` is too coarse gives
// any number, and each sample is looked up.
type members struct {
	all   []member
	index map[uint64]int32 // in all, by hash; nil while they are few
}

const fewMembers = 8 // which are looked through faster than a map

// find returns the member of a hash, nil where there is none. It is valid until the next add or keep.
func (m *members) find(hash uint64) *member {
	if m.index != nil {
		if i, ok := m.index[hash]; ok {
			return &m.all[i]
		}
		return nil
	}
	for i := range m.all {
		if m.all[i].hash == hash {
			return &m.all[i]
		}
	}
	return nil
}

// add adds one that is not there yet, and returns it.
func (m *members) add(one member) *member {
	m.all = append(m.all, one)
	switch n := len(m.all); {
	case m.index != nil:
		m.index[one.hash] = int32(n - 1)
	case n > fewMembers:
		m.index = make(map[uint64]int32, 2*n)
		for i := range m.all {
			m.index[m.all[i].hash] = int32(i)
		}
	}
	return &m.all[len(m.all)-1]
}

// keep forgets all but two.
func (m *members) keep(newest, older uint64) {
	m.all = slices.DeleteFunc(m.all, func(one member) bool { return one.hash != newest && one.hash != older })
	if m.index != nil {
		m.all, m.index = slices.Clone(m.all), nil
	}
}

package fleet

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/state"
	"github.com/foresight-exporter/foresight/models"
)

// Ending is that of the names of files in which partitions are kept.
const Ending = ".state"

// Path returns where a partition of a task is kept.
func Path(dir, task string, partition int) string {
	return filepath.Join(dir, fmt.Sprintf("%016x-%02d%s", xxhash.Sum64String(task), partition, Ending))
}

// signature is all of the configuration that what was learnt depends on.
func signature(t *config.Task) (string, error) {
	c := *t
	c.History, c.EvaluationInterval, c.QueryOffset, c.SeriesLimit = 0, 0, nil, 0
	c.Outputs, c.Threshold, c.Alert = nil, nil, nil
	if c.Exhaustion != nil {
		e := *c.Exhaustion
		e.Alerts = nil
		c.Exhaustion = &e
	}
	b, err := yaml.Marshal(&c)
	return string(b), err
}

// kept is the part of a series' state that has a fixed size.
type kept struct {
	Newest, Older uint64
	Overlap       int32
	LastSeen      int64
	Present       int64
	Observed      float64
	Assessment    models.Assessment
	Peer          models.Peer
	PeerScore     float64
}

// Save keeps a partition, replacing its file in dir as a whole, and reports whether it did: one that has not changed
// since is left alone. One without series has no file. It does not wait for the disk while it holds up learning.
func (f *Fleet) Save(dir string, partition int) (saved bool, err error) {
	path := Path(dir, f.Task.Name, partition)
	p := &f.parts[partition]
	origin := f.origin.Load() // read first: what is in the partition then is at least as new
	if origin == never {
		return false, nil
	}
	records, changed, err := p.records()
	switch {
	case err != nil || !changed:
		return false, err
	case len(records) > 0:
		var sign string
		if sign, err = f.signature(); err != nil {
			break
		}
		err = state.Write(path, sign, binary.BigEndian.AppendUint64(nil, uint64(origin)), func(write func(state.Record) error) error {
			for _, r := range records {
				if err := write(r); err != nil {
					return err
				}
			}
			return nil
		})
	default:
		if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		p.learning.Lock()
		p.changed = true
		p.learning.Unlock()
	}
	return err == nil, err
}

// records returns the state of the series, as of one moment, and whether it has changed since the last call. Failed
// series have none.
func (p *partition) records() (all []state.Record, changed bool, err error) {
	p.learning.Lock()
	defer p.learning.Unlock()
	if !p.changed {
		return nil, false, nil
	}
	p.changed = false
	var buf []byte
	for i := range p.series {
		r, more, err := p.series[i].record(buf)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", p.series[i].Labels, err)
		}
		if buf = more; r != nil {
			all = append(all, r)
		}
	}
	return all, true, nil
}

// record appends the state of a series to buf and returns it as a record; nil of a failed one.
func (s *Series) record(buf []byte) (state.Record, []byte, error) {
	s.part.mu.Lock()
	defer s.part.mu.Unlock()
	if s.failure != "" {
		return nil, buf, nil
	}
	names, err := json.Marshal(s.Labels)
	if err != nil {
		return nil, buf, err
	}
	fixed, err := binary.Append(nil, binary.BigEndian, kept{s.join.Newest, s.join.Older, int32(s.join.Overlap), s.LastSeen, s.present, s.Observed, s.Assessment, s.peer, s.PeerScore})
	if err != nil {
		return nil, buf, err
	}
	at := len(buf)
	buf, err = s.Forecaster.AppendBinary(buf)
	return state.Record{[]byte(s.key), []byte(s.limitKey), names, fixed, buf[at:len(buf):len(buf)]}, buf, err
}

// Load takes up what was saved in dir. It returns how many series could not be used, and why whole partitions could not:
// they are learnt anew from the source.
func (f *Fleet) Load(dir string) (lost int, err error) {
	sign, err := f.signature()
	if err != nil {
		return 0, err
	}
	origin := int64(math.MaxInt64)
	var broken error
	for i := range f.parts {
		if !f.Shard.owns(uint64(i)) {
			continue
		}
		of := origin
		var series []Series
		err := state.Read(Path(dir, f.Task.Name, i), sign, func(header []byte) error {
			if len(header) != 8 {
				return errors.New("the header is not a time")
			}
			of = min(of, int64(binary.BigEndian.Uint64(header)))
			return nil
		}, func(r state.Record) error {
			if s, err := f.restored(r); err == nil {
				series = append(series, s)
			} else {
				lost++
			}
			return nil
		})
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			broken = cmp.Or(broken, err)
			continue
		}
		for _, s := range series {
			s.Number = f.numbers
			f.numbers++
			f.parts[i].add(s, f.step)
		}
		f.parts[i].changed = false
		f.size += len(series)
		origin = of
	}
	if f.size > 0 {
		f.origin.Store(origin)
	}
	return lost, broken
}

func (f *Fleet) restored(r state.Record) (s Series, err error) {
	defer func() {
		if p := recover(); p != nil { // the state of another version, by chance with the same format
			err = fmt.Errorf("restoring a series: %v", p)
		}
	}()
	if len(r) != 5 {
		return s, errors.New("not a series")
	}
	s = newSeries(string(r[0]), xxhash.Sum64(r[0]), f.models)
	s.limitKey = string(r[1])
	if err := json.Unmarshal(r[2], &s.Labels); err != nil {
		return s, err
	}
	var k kept
	if n, err := binary.Decode(r[3], binary.BigEndian, &k); err != nil || n != len(r[3]) {
		return s, errors.Join(err, errors.New("not a series"))
	}
	s.join = identity.Join{Newest: k.Newest, Older: k.Older, Overlap: int(k.Overlap)}
	s.LastSeen, s.present, s.Observed, s.Assessment = k.LastSeen, k.Present, k.Observed, k.Assessment
	s.peer, s.PeerScore = k.Peer, k.PeerScore
	s.members = []member{{hash: s.join.Newest, labels: s.Labels, limitKey: s.limitKey}}
	if err := s.Forecaster.UnmarshalBinary(r[4]); err != nil {
		return s, err
	}
	s.inform()
	return s, nil
}

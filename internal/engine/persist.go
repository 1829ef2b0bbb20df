package engine

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/cespare/xxhash/v2"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/state"
	"github.com/foresight-exporter/foresight/models"
)

// statePath is where a task's state is kept, "" where none is.
func (t *task) statePath() string {
	if t.engine.options.StoragePath == "" {
		return ""
	}
	name := fmt.Sprintf("%016x", xxhash.Sum64String(t.config.Name))
	if s := t.engine.options.Shard; s.Count > 1 { // another part of the series has another state
		name += fmt.Sprintf("-%d-of-%d", s.Index, s.Count)
	}
	return filepath.Join(t.engine.options.StoragePath, name+".state")
}

// signature is all of the configuration that what was learnt depends on.
func (t *task) signature() string {
	c := *t.config
	c.History, c.EvaluationInterval, c.QueryOffset, c.SeriesLimit = 0, 0, nil, 0
	c.Outputs, c.GroupBy, c.Threshold, c.Alert = nil, nil, nil, nil
	if c.Exhaustion != nil {
		e := *c.Exhaustion
		e.Alerts = nil
		c.Exhaustion = &e
	}
	b, err := yaml.Marshal(&c)
	if err != nil {
		t.log.Error("The task's settings can't be written", "err", err)
	}
	return string(b)
}

// keptSeries is the part of a series' state that has a fixed size.
type keptSeries struct {
	Newest, Older   uint64
	Overlap         int32
	LastSeen        int64
	Present         int64
	Observed, Limit float64
	Assessment      models.Assessment
	Peer            models.Peer
	PeerScore       float64
}

// save keeps what was learnt. A failure is logged: the task goes on without.
func (t *task) save(now time.Time) {
	path := t.statePath()
	if path == "" || t.origin == 0 {
		return
	}
	t.savedAt = now
	var learnt []byte
	err := state.Write(path, t.signature(), binary.BigEndian.AppendUint64(nil, uint64(t.origin)), func(write func(state.Record) error) error {
		for _, s := range t.series {
			r, err := record(s, learnt)
			if err != nil {
				return fmt.Errorf("%s: %w", s.Labels, err)
			}
			if r == nil {
				continue
			}
			if err := write(r); err != nil {
				return err
			}
			learnt = r[len(r)-1]
		}
		return nil
	})
	if err != nil {
		t.log.Error("What was learnt can't be saved", "path", path, "err", err)
	}
}

// record gives what is kept of a series, nil of a failed one. What was learnt is appended to buf[:0].
func record(s *fleet.Series, buf []byte) (state.Record, error) {
	s.Lock()
	defer s.Unlock()
	if s.Failure != "" {
		return nil, nil
	}
	names, err := json.Marshal(s.Labels)
	if err != nil {
		return nil, err
	}
	kept, err := binary.Append(nil, binary.BigEndian, keptSeries{s.Join.Newest, s.Join.Older, int32(s.Join.Overlap), s.LastSeen, s.Present, s.Observed, s.Limit, s.Assessment, s.Peer, s.PeerScore})
	if err != nil {
		return nil, err
	}
	learnt, err := s.Forecaster.AppendBinary(buf[:0])
	return state.Record{[]byte(s.Key), []byte(s.LimitKey), names, kept, learnt}, err
}

// restore takes up what was saved. What can't be used is logged and learnt anew from the source.
func (t *task) restore() {
	path := t.statePath()
	if path == "" {
		return
	}
	lost := 0
	err := state.Read(path, t.signature(), func(header []byte) error {
		if len(header) != 8 {
			return errors.New("the header is not a time")
		}
		t.origin = int64(binary.BigEndian.Uint64(header))
		return nil
	}, func(r state.Record) error {
		if s, err := t.restored(r); err == nil {
			t.series[s.Key] = s
		} else {
			lost++
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		t.log.Warn("The saved state is not used: the history is read anew", "err", err)
		clear(t.series)
	case lost > 0:
		t.log.Warn("A part of the saved state is not used: those series start anew", "series", lost)
	default:
		t.log.Info("The saved state is used", "series", len(t.series), "origin", time.UnixMilli(t.origin).UTC())
	}
	if len(t.series) == 0 {
		t.forget()
		return
	}
	t.savedAt = t.engine.options.Now()
}

func (t *task) restored(r state.Record) (s *fleet.Series, err error) {
	defer func() {
		if p := recover(); p != nil { // the state of another version, by chance with the same format
			err = fmt.Errorf("restoring a series: %v", p)
		}
	}()
	if len(r) != 5 {
		return nil, errors.New("not a series")
	}
	s = fleet.NewSeries(string(r[0]), t.options)
	s.LimitKey = string(r[1])
	if err := json.Unmarshal(r[2], &s.Labels); err != nil {
		return nil, err
	}
	var kept keptSeries
	if n, err := binary.Decode(r[3], binary.BigEndian, &kept); err != nil || n != len(r[3]) {
		return nil, errors.Join(err, errors.New("not a series"))
	}
	s.Join = identity.Join{Newest: kept.Newest, Older: kept.Older, Overlap: int(kept.Overlap)}
	s.LastSeen, s.Present = kept.LastSeen, kept.Present
	s.Observed, s.Limit, s.Assessment = kept.Observed, kept.Limit, kept.Assessment
	s.Peer, s.PeerScore = kept.Peer, kept.PeerScore
	s.Members = []fleet.Member{{Hash: s.Join.Newest, Labels: s.Labels, LimitKey: s.LimitKey}}
	if err := s.Forecaster.UnmarshalBinary(r[4]); err != nil {
		return nil, err
	}
	s.Inform()
	return s, nil
}

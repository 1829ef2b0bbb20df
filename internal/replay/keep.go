package replay

import (
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/models"
)

// keeper keeps what a fleet says and what its series were.
type keeper struct {
	*Played
	voices  []*voice  // by the number of the series in the fleet
	tallies [][]tally // the same, by horizon
	columns []board.Column
	rows    map[uint64]*promql.Series // of groups

	horizons []time.Duration
}

// voice is what one series has said under its present labels, by column.
type voice struct {
	labels  labels.Labels
	columns [][]promql.FPoint
}

func newKeeper(p *Played) *keeper {
	return &keeper{Played: p, rows: map[uint64]*promql.Series{}, horizons: p.Task.ModelOptions().Horizons}
}

// observe notes what the series of a fleet were at moment i.
func (k *keeper) observe(f *fleet.Fleet, i int) {
	e := k.Task.Exhaustion
	for len(k.Series) < f.Numbers() {
		one := &Series{Values: missing(k.Len)}
		if e != nil && e.Budget == nil {
			one.Limits = missing(k.Len)
		}
		k.Series, k.voices = append(k.Series, one), append(k.voices, &voice{})
		k.tallies = append(k.tallies, newTallies(k.horizons, k.Step))
	}
	t := k.at(i)
	f.Each(func(s *fleet.Series) {
		one := k.Series[s.Number]
		one.Values[i] = s.Value(t)
		if one.Limits != nil && e.Usable(s.Limit) {
			one.Limits[i] = s.Limit
		}
		switch {
		case one.Labels.IsEmpty():
			one.Labels, one.Fixed = s.Labels, s.Labels
		case !labels.Equal(one.Labels, s.Labels):
			one.Labels, one.Fixed = s.Labels, common(one.Fixed, s.Labels)
		}
		for h := range k.tallies[s.Number] {
			k.tallies[s.Number][h].judge(one.Values, i)
		}
	})
}

// common gives the labels of a that b has too.
func common(a, b labels.Labels) labels.Labels {
	var all []string
	a.Range(func(l labels.Label) {
		if b.Get(l.Name) == l.Value {
			all = append(all, l.Name, l.Value)
		}
	})
	return labels.FromStrings(all...)
}

// keep keeps the snapshot of moment i.
func (k *keeper) keep(snap *board.Snapshot, listed []*fleet.Series, i int) {
	k.columns = snap.Columns
	t := k.at(i)
	for n, s := range listed {
		v := k.voices[s.Number]
		if !labels.Equal(v.labels, s.Labels) {
			k.flush(v)
			*v = voice{s.Labels, make([][]promql.FPoint, len(snap.Columns))}
		}
		for c := range snap.Columns {
			if one := &snap.Columns[c]; !one.Hidden && !math.IsNaN(one.Values[n]) {
				v.columns[c] = append(v.columns[c], promql.FPoint{T: t, F: one.Values[n]})
			}
		}
	}
	for h, horizon := range k.horizons {
		name := model.Duration(horizon).String()
		mean, lower, upper := snap.Column(board.Forecast, name), snap.Column(board.ForecastLower, name), snap.Column(board.ForecastUpper, name)
		for n, s := range listed {
			k.tallies[s.Number][h].tell(i, models.Interval{Mean: mean[n], Lower: lower[n], Upper: upper[n]}, s.Info.Seasons)
		}
	}
	for _, row := range snap.Rows {
		key := row.Labels.Hash()
		if k.rows[key] == nil {
			k.rows[key] = &promql.Series{Metric: named(row.Labels, row.Metric)}
		}
		k.rows[key].Floats = append(k.rows[key].Floats, promql.FPoint{T: t, F: row.Value})
	}
}

// flush has the store know what a series has said under its labels.
func (k *keeper) flush(v *voice) {
	for c, values := range v.columns {
		if len(values) == 0 {
			continue
		}
		b := labels.NewBuilder(named(v.labels, k.columns[c].Metric))
		if k.columns[c].Label != "" {
			b.Set(k.columns[c].Label, k.columns[c].LabelValue)
		}
		k.exported.add(b.Labels(), values)
	}
}

// end completes the store.
func (k *keeper) end() {
	for _, v := range k.voices {
		k.flush(v)
	}
	for _, row := range k.rows {
		k.exported.add(row.Metric, row.Floats)
	}
	k.exported.sort()
}

// curvesOf gives the curves of a snapshot from its origin to a time.
func curvesOf(pool *fleet.Pool, snap *board.Snapshot, to int64) curves {
	out := make(curves, len(snap.Series))
	pool.Each(len(snap.Series), func(i int) {
		if s := &snap.Series[i]; s.Ahead != nil {
			out[i].labels = s.Labels
			out[i].points, _ = s.Ahead.Curve(nil, snap.Origin, to, snap.Step)
		}
	})
	return out
}

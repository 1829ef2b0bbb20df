package replay

import (
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/models"
)

// Accuracy is how good a task's forecasts at one horizon were, out of sample: skills are medians over its series, which
// may differ in scale. Numbers that can't be known, for lack of forecasts or of an error to compare with, are NaN.
type Accuracy struct {
	Horizon     string `json:"horizon"`
	Forecasts   int    `json:"forecasts"`   // of all series
	Skill       Number `json:"skill"`       // 1 - mean absolute error / that of seasonal naive
	SkillLinear Number `json:"skillLinear"` // 1 - mean absolute error / that of predict_linear over the horizon's length before the origin
	Coverage    Number `json:"coverage"`    // share of samples of all series inside the interval at the task's level
}

// tally adds up the errors of one series at one horizon.
type tally struct {
	ahead, window        int // steps
	step                 int64
	told                 []told // of the last moments, by moment modulo ahead
	n, inside            int
	own, naive, straight float64
}

// told is a forecast that was made at a moment.
type told struct {
	moment, season int32 // season in steps
	models.Interval
}

// minWindow is the least number of samples that predict_linear is given.
const minWindow = 12

func newTallies(horizons []time.Duration, step int64) []tally {
	out := make([]tally, len(horizons))
	for i, h := range horizons {
		ahead := int(h.Milliseconds() / step)
		out[i] = tally{ahead: ahead, window: max(ahead, minWindow), step: step}
	}
	return out
}

// tell keeps the forecast made at moment i, NaN where there is none, until the time that it is for.
func (t *tally) tell(i int, v models.Interval, seasons []time.Duration) {
	if !v.Known() {
		return
	}
	if t.told == nil {
		t.told = make([]told, t.ahead)
		for k := range t.told {
			t.told[k].moment = -1
		}
	}
	season := 1
	if len(seasons) > 0 {
		season = max(1, int(slices.Min(seasons).Milliseconds()/t.step))
	}
	t.told[i%t.ahead] = told{int32(i), int32(season), v}
}

// judge compares the forecast for moment i, which is the newest of values, with what came, where that and the rivals'
// forecasts are known.
func (t *tally) judge(values []float64, i int) {
	if len(t.told) == 0 || int(t.told[i%t.ahead].moment) != i-t.ahead {
		return
	}
	f, came := t.told[i%t.ahead], values[i]
	naive, straight := t.seasonalNaive(values, i-t.ahead, int(f.season)), t.predictLinear(values, i-t.ahead)
	if math.IsNaN(came + naive + straight) {
		return
	}
	t.n++
	t.own += math.Abs(came - f.Mean)
	t.naive += math.Abs(came - naive)
	t.straight += math.Abs(came - straight)
	if came >= f.Lower && came <= f.Upper {
		t.inside++
	}
}

// seasonalNaive is the newest value of the same phase of a season (steps) known at moment i; of 1, the newest value.
func (t *tally) seasonalNaive(values []float64, i, season int) float64 {
	at := i + t.ahead - season*((t.ahead+season-1)/season)
	if at < 0 {
		return math.NaN()
	}
	return values[at]
}

// predictLinear is what PromQL's predict_linear says at moment i.
func (t *tally) predictLinear(values []float64, i int) float64 {
	var n, sx, sy, sxx, sxy float64
	for j := max(0, i-t.window+1); j <= i; j++ {
		if v := values[j]; !math.IsNaN(v) {
			x := float64(j - i)
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+v, sxx+x*x, sxy+x*v
		}
	}
	spread := n*sxx - sx*sx
	if n < 2 || spread == 0 {
		return math.NaN()
	}
	slope := (n*sxy - sx*sy) / spread
	return (sy-slope*sx)/n + slope*float64(t.ahead)
}

func summarize(horizons []time.Duration, series [][]tally) []Accuracy {
	out := make([]Accuracy, len(horizons))
	for h, horizon := range horizons {
		var skill, linear []float64
		inside := 0
		a := Accuracy{Horizon: model.Duration(horizon).String()}
		for _, tallies := range series {
			t := tallies[h]
			a.Forecasts += t.n
			inside += t.inside
			if t.naive > 0 {
				skill = append(skill, 1-t.own/t.naive)
			}
			if t.straight > 0 {
				linear = append(linear, 1-t.own/t.straight)
			}
		}
		a.Skill, a.SkillLinear = Number(median(skill)), Number(median(linear))
		a.Coverage = Number(float64(inside) / float64(a.Forecasts))
		out[h] = a
	}
	return out
}

// median sorts v; NaN of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

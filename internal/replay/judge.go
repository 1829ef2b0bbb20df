package replay

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/plot"
)

// Alert is what one alerting rule would have done.
type Alert struct {
	Name     string            `json:"name"`
	Labels   map[string]string `json:"labels,omitempty"` // of the rule that tell it apart
	Expr     string            `json:"expr"`
	Existing bool              `json:"existing,omitempty"` // a rule that Foresight's are compared with
	Predicts Truth             `json:"predicts,omitempty"`
	Within   string            `json:"within,omitempty"`
	Left     string            `json:"notReplayed,omitempty"` // why it was not replayed; then nothing below is set

	Alarms        int     `json:"alarms"`
	AlarmsPerWeek float64 `json:"alarmsPerWeek"`
	HoursInAlarm  float64 `json:"hoursInAlarm"` // of all series together

	// Of predictions only.
	CameTrue  int    `json:"cameTrue"`  // while they fired or within the time after, and not before
	False     int    `json:"false"`     // not so
	Late      int    `json:"late"`      // what they predict held already
	Undecided int    `json:"undecided"` // the history ends before their time is over
	Precision Number `json:"precision"` // came true / (came true + false)
	Events    int    `json:"events"`    // what there was to predict
	Missed    int    `json:"missed"`    // events that no alarm came before
	LeadHours Number `json:"leadHours"` // median from an alarm to what it predicted

	Examples []Example `json:"examples,omitempty"` // the worst: false alarms, the longest first, then misses

	Strip *plot.Chart `json:"-"` // the alarms over time
}

// Example is one false alarm or one missed event.
type Example struct {
	Kind   string    `json:"kind"` // "false alarm" or "miss"
	Labels string    `json:"labels"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`

	Chart *plot.Chart `json:"-"` // the series around it
}

// maxExamples is how many examples of each kind are kept.
const maxExamples = 3

// verdict is what became of one alarm.
type verdict uint8

const (
	undecided verdict = iota
	cameTrue
	falseAlarm
	late
)

// Try replays rules over what was played. src, which may be nil, is asked for rules on metrics that are not Foresight's.
func (p *Played) Try(ctx context.Context, src Source, rules []Rule) ([]Alert, error) {
	var out []Alert
	for i := range rules {
		r := &rules[i]
		a := Alert{Name: r.Alert, Expr: r.Expr, Existing: r.Existing, Predicts: r.Truth}
		for _, name := range []string{"severity", "within", "task_threshold"} {
			if v, ok := r.Labels[name]; ok {
				if a.Labels == nil {
					a.Labels = map[string]string{}
				}
				a.Labels[name] = v
			}
		}
		alarms, err := p.alarms(ctx, src, r)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errHealth) && !r.Existing:
			continue
		case err != nil:
			a.Left = err.Error()
		default:
			p.judge(&a, r, alarms)
		}
		out = append(out, a)
	}
	return out, nil
}

// Weeks is how long the part of the history is that counts.
func (p *Played) Weeks() float64 {
	first, last := p.bounds()
	first = max(first, p.From)
	return float64(max(0, last-first)) * float64(p.Step) / float64((7 * 24 * time.Hour).Milliseconds())
}

func (p *Played) judge(a *Alert, r *Rule, alarms []alarm) {
	a.Alarms = len(alarms)
	if weeks := p.Weeks(); weeks > 0 {
		a.AlarmsPerWeek = float64(len(alarms)) / weeks
	}
	for _, alarm := range alarms {
		a.HoursInAlarm += p.hours(alarm.last - alarm.first + 1)
	}
	a.Precision, a.LeadHours = Number(math.NaN()), Number(math.NaN())
	if !r.predicts() {
		a.Predicts, a.Strip = TruthNone, p.strip(alarms, nil)
		return
	}
	a.Within = model.Duration(r.Within).String()
	within := int(r.Within.Milliseconds() / p.Step)
	holds := make([][]bool, len(p.Series))
	for i, s := range p.Series {
		holds[i] = p.holds(s, r.Truth)
	}
	var leads []float64
	var falseOnes []alarm
	verdicts := make([]verdict, len(alarms))
	for i, alarm := range alarms {
		v, came := p.verdict(alarm, holds, within)
		verdicts[i] = v
		switch v {
		case cameTrue:
			a.CameTrue++
			leads = append(leads, p.hours(came-alarm.first))
		case falseAlarm:
			a.False++
			falseOnes = append(falseOnes, alarm)
		case late:
			a.Late++
		case undecided:
			a.Undecided++
		}
	}
	if n := a.CameTrue + a.False; n > 0 {
		a.Precision = Number(float64(a.CameTrue) / float64(n))
	}
	a.LeadHours = Number(median(leads))
	misses := p.misses(a, alarms, holds, within)
	a.Examples = append(p.worst("false alarm", falseOnes, r), p.worst("miss", misses, r)...)
	a.Strip = p.strip(alarms, verdicts)
}

// verdict says what became of an alarm, and when it came true.
func (p *Played) verdict(a alarm, holds [][]bool, within int) (v verdict, came int) {
	until := a.last + within
	came = math.MaxInt
	for i, s := range p.Series {
		if !concerns(a.labels, s.Fixed) {
			continue
		}
		for at := a.first; at <= min(until, p.Len-1); at++ {
			if holds[i][at] {
				came = min(came, at)
				break
			}
		}
	}
	switch {
	case came == a.first:
		return late, came
	case came < math.MaxInt:
		return cameTrue, came
	case until >= p.Len || a.open:
		return undecided, 0
	default:
		return falseAlarm, 0
	}
}

// misses counts the events of all series and gives those that no alarm came before.
func (p *Played) misses(a *Alert, alarms []alarm, holds [][]bool, within int) []alarm {
	merge := max(1, min(within, int(mergeWithin.Milliseconds()/p.Step)))
	var out []alarm
	for i, s := range p.Series {
		for _, e := range events(holds[i], p.From, merge) {
			a.Events++
			if !slices.ContainsFunc(alarms, func(a alarm) bool {
				return a.first < e.first && e.first <= a.last+within && concerns(a.labels, s.Fixed)
			}) {
				a.Missed++
				out = append(out, alarm{labels: s.Labels, span: e})
			}
		}
	}
	return out
}

// concerns tells whether an alarm is on a series: the labels that both have agree.
func concerns(alarm, series labels.Labels) bool {
	yes := true
	series.Range(func(l labels.Label) {
		if v := alarm.Get(l.Name); v != "" && v != l.Value {
			yes = false
		}
	})
	return yes
}

func (p *Played) worst(kind string, all []alarm, r *Rule) []Example {
	slices.SortStableFunc(all, func(a, b alarm) int { return cmp.Compare(b.last-b.first, a.last-a.first) })
	var out []Example
	for _, a := range all[:min(maxExamples, len(all))] {
		e := Example{
			Kind: kind, Labels: a.labels.String(),
			Start: time.UnixMilli(p.at(a.first)).UTC(), End: time.UnixMilli(p.at(a.last)).UTC(),
		}
		if i := slices.IndexFunc(p.Series, func(s *Series) bool { return concerns(a.labels, s.Fixed) }); i >= 0 {
			e.Chart = p.example(kind, i, a.span, r)
		}
		out = append(out, e)
	}
	return out
}

func (p *Played) hours(steps int) float64 {
	return (time.Duration(steps) * time.Duration(p.Step) * time.Millisecond).Hours()
}

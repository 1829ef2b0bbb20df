package disks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
)

// Tally is how a rule did on the disks of a shape.
type Tally struct {
	False  int             // alarms after which the disk was not full within twice the time the alert speaks of
	Months float64         // of 30 days, evaluated
	Full   int             // disks that were full at the end
	Missed int             // of them, those without a true alarm
	Leads  []time.Duration // of the others, from the alarm on, at most the time the alert speaks of
}

// FalseAMonth is the false alarms of one disk in a month.
func (t *Tally) FalseAMonth() float64 { return float64(t.False) / t.Months }

// Lead is the median, 0 where there is none.
func (t *Tally) Lead() time.Duration {
	if len(t.Leads) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(t.Leads))
	return s[len(s)/2]
}

// Engine is the one that Prometheus evaluates rules with.
func Engine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: parser.NewParser(parser.Options{}),
	})
}

// Compare lets every rule watch one disk and adds to its tally.
func Compare(ctx context.Context, engine *promql.Engine, rules []Rule, d *Disk, tallies []Tally) error {
	series := expose(d)
	for i, r := range rules {
		t := &tallies[i]
		t.Months += float64(d.end()) / float64(30*perDay)
		best := time.Duration(-1)
		for _, a := range r.Alerts {
			active, err := evaluate(ctx, engine, series, a.Expr, d.end())
			if err != nil {
				return fmt.Errorf("%s: %w", r.Name, err)
			}
			for _, f := range firings(active, int(a.For/step), int(a.Keep/step)) {
				lead := time.Duration(d.Full-f.from) * step
				if d.Full < 0 || lead > 2*a.Within {
					t.False++
				}
				if d.Full >= 0 && f.to >= d.Full-int(2*a.Within/step) {
					best = max(best, min(lead, a.Within))
				}
			}
		}
		if d.Full >= 0 && d.Full < length {
			t.Full++
			if best < 0 {
				t.Missed++
			} else {
				t.Leads = append(t.Leads, best)
			}
		}
	}
	return nil
}

// evaluate tells at which steps the expression returns something.
func evaluate(ctx context.Context, engine *promql.Engine, q storage.Queryable, expr string, n int) ([]bool, error) {
	query, err := engine.NewRangeQuery(ctx, q, nil, expr, time.UnixMilli(0), time.UnixMilli(moment(n-1)), step)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	matrix, err := query.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	active := make([]bool, n)
	for _, s := range matrix {
		for _, p := range s.Floats {
			active[p.T/step.Milliseconds()] = true
		}
	}
	return active, nil
}

// firing is an alert from its first to its last moment.
type firing struct{ from, to int }

// firings are the stretches that an alert fires: from when it has been active for a number of steps until it has not
// been for another number.
func firings(active []bool, wait, keep int) []firing {
	var all []firing
	since, fires, last := -1, false, 0
	for i, a := range active {
		if a {
			last = i
			if since < 0 {
				since = i
			}
			if !fires && i-since >= wait {
				fires = true
				all = append(all, firing{from: i})
			}
		} else {
			since = -1
			fires = fires && i-last <= keep
		}
		if fires {
			all[len(all)-1].to = i
		}
	}
	return all
}

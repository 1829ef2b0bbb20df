package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
)

// Bounds on what clocks may do.
const (
	clockTolerance = time.Minute    // by which clocks may differ: less moves no evaluation by more than that
	longestWait    = 24 * time.Hour // for a clock that went back to reach again what was learnt
)

// Clock is implemented by sources that tell the time.
type Clock interface {
	// Clock returns the time by the source's clock, as of its last answer, and whether it told one.
	Clock() (now time.Time, ok bool)
	// Ping has the source answer.
	Ping(ctx context.Context) error
}

// clock is what the tasks go by: ours, or the source's where the two differ, since the samples bear its time.
type clock struct {
	now   func() time.Time
	log   *slog.Logger
	jumps prometheus.Counter

	mu         sync.Mutex
	own, since time.Time // ours and the monotonic one at the last look; zero: there was none
	differs    bool
}

func newClock(o *Options) *clock {
	c := &clock{now: o.Now, log: o.Logger, jumps: prometheus.NewCounter(prometheus.CounterOpts{
		Name: board.Prefix + "clock_jumps_total", Help: "Jumps of the clock by more than a minute, of this machine's or of the source's.",
	})}
	if o.Registerer != nil {
		o.Registerer.MustRegister(c.jumps)
	}
	return c
}

// read returns the time, and whether the source has told it too.
func (c *clock) read(ctx context.Context, src Source) (now time.Time, told bool) {
	now = c.now()
	jumped := c.look(now)
	teller, ok := src.(Clock)
	if !ok {
		return now, false
	}
	said, ok := teller.Clock()
	if ok && far(said.Sub(now)) { // as after a sleep of the machine
		if teller.Ping(ctx) != nil {
			return now, false
		}
		now = c.now()
		said, ok = teller.Clock()
	}
	if !ok {
		return now, false
	}
	if c.compare(now, said, jumped) {
		return said, true
	}
	return now, true
}

// look notes where our clock stands, and reports whether it has moved otherwise than time goes.
func (c *clock) look(own time.Time) (jumped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mono, before := time.Now(), c.own
	by := own.Round(0).Sub(before.Round(0)) - mono.Sub(c.since)
	first := c.since.IsZero()
	c.own, c.since = own, mono
	if first || !far(by) {
		return false
	}
	c.jumps.Inc()
	c.log.Warn("The clock of this machine jumped, or it slept", "by", by.Round(time.Second))
	return true
}

// compare reports whether our clock and the source's differ, and tells where that begins and ends.
func (c *clock) compare(own, said time.Time, jumped bool) (differs bool) {
	by := said.Sub(own.Round(0))
	differs = far(by)
	c.mu.Lock()
	defer c.mu.Unlock()
	if differs == c.differs {
		return differs
	}
	c.differs = differs
	if !jumped {
		c.jumps.Inc()
	}
	if differs {
		c.log.Warn("The clocks of this machine and of the source differ: the source's counts, since its samples bear its time",
			"source_ahead", by.Round(time.Second))
	} else {
		c.log.Info("The clocks of this machine and of the source agree again")
	}
	return differs
}

func far(by time.Duration) bool { return by.Abs() > clockTolerance }

// turnBack has the task go on where the clock stands before its origin: after the newest sample that was learnt. Where
// that is later than the clock too, nothing is read until it is reached again. Only where the source's clock says so as
// well, and that it would take too long, series that learnt from times that are still to come start anew.
func (t *task) turnBack(due int64, told bool) error {
	origin, _ := t.fleet.Origin()
	newest := t.fleet.Rewind()
	log := t.log.With("clock", moment(due), "origin", moment(origin))
	if newest <= due {
		log.Warn("The clock went back: going on after the newest sample that was learnt")
		return nil
	}
	log = log.With("newest", moment(newest))
	wait := time.Duration(newest-due) * time.Millisecond
	if told && wait > longestWait {
		n := t.fleet.ForgetAfter(due + fleet.StaleAfter(t.step).Milliseconds())
		t.fleet.Rewind()
		log.Warn("The clock went back, and that of the source: series that learnt from times still to come start anew", "series", n)
		return nil
	}
	return fmt.Errorf("the clock is before samples that were learnt, up to %s: nothing is read until then", moment(newest))
}

func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

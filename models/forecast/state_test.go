package forecast

import (
	"testing"
	"time"
	"unsafe"
)

func stateOptions(step time.Duration) *Options {
	return &Options{Step: step.Milliseconds(), Level: 0.95, Horizons: []time.Duration{4 * step, 24 * time.Hour}}
}

// TestStateIsSmall: all that is kept of a series of four weeks at steps of 5 minutes, with two horizons, is 11 KiB.
func TestStateIsSmall(t *testing.T) {
	o := stateOptions(5 * time.Minute)
	m := fitted(o, make1("daily", 1, 8064, 288))
	b, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 11<<10 {
		t.Errorf("the state has %d bytes", len(b))
	}
	if n := m.size(); n > 11<<10+256 {
		t.Errorf("the model has %d bytes", n)
	}
}

// size is how many bytes a model holds.
func (m *Model) size() int {
	n := int(unsafe.Sizeof(*m))
	for _, r := range []*ring{&m.fine, &m.medium, &m.hourly} {
		n += 2*cap(r.words) + 8*cap(r.open)
	}
	f := &m.fit
	return n + 8*cap(m.outliers.bits) + int(unsafe.Sizeof(horizonTracker{}))*cap(m.tracker.horizons) +
		2*cap(f.profiles) + 2*cap(f.memberErrors.codes) + 4*cap(f.conformal.scores)
}

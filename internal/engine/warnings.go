package engine

import (
	"github.com/foresight-exporter/foresight/internal/source"
)

// mostWarnings of a task are known at a time: a source that writes a number into each would fill memory.
const mostWarnings = 100

// warn counts what the source warns of, and logs each warning when it begins: it is over when an evaluation passes
// without it, and told anew the next time.
func (t *task) warn(w source.Warnings) {
	t.engine.metrics.warnings.WithLabelValues(t.config.Name).Add(float64(len(w)))
	for _, text := range w {
		if known := t.warned[text]; !known && len(t.warned) < mostWarnings && t.engine.told.allow(text, t.config.Name) {
			t.log.Warn("The source warns", "warning", text)
			t.warned[text] = true
		}
		t.warns[text] = true
	}
}

// settleWarnings forgets, at the end of an evaluation, the warnings that did not come again.
func (t *task) settleWarnings() {
	for text := range t.warned {
		if !t.warns[text] {
			delete(t.warned, text)
		}
	}
	clear(t.warns)
}

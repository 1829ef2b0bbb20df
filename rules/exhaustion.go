package rules

import (
	"fmt"
	"slices"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// exhaustionAlerts gives one alert for each entry of exhaustion.alerts, by the calibrated probability of reaching the
// limit within a time, and the one on the limit being reached, which silences them. That one asks Foresight too, since
// only it knows what reached means for limits that are matched, sustained or a budget.
func exhaustionAlerts(s *scope) ([]alert, error) {
	e := s.Exhaustion
	if e == nil || len(e.Alerts) == 0 || !s.Exports(board.GroupExhaustion) {
		return nil, nil
	}
	sorted := slices.SortedStableFunc(slices.Values(e.Alerts), func(a, b config.ExhaustionAlert) int {
		return int(min(1, max(-1, a.Within-b.Within)))
	})
	var out []alert
	var keep model.Duration
	for _, entry := range sorted {
		if err := finite("exhaustion.alerts: probability", entry.Probability); err != nil {
			return nil, err
		}
		a := s.exhaustionPredicted(entry)
		out = append(out, a)
		keep = max(keep, a.keep)
	}
	return append([]alert{s.limitReached(sorted[0].Severity, keep)}, out...), nil
}

// reach says what is run into.
func (s *scope) reach() string {
	if s.Exhaustion.Budget != nil {
		return "use up its error budget"
	}
	return "reach its limit"
}

// limitReached lasts no shorter than the predictions that it silences, so that a recovery ends them together.
func (s *scope) limitReached(severity string, keep model.Duration) alert {
	seconds := s.metric(board.TimeToExhaustion, "probability", "0.5")
	a := alert{
		kind: limitReached, keep: keep, severity: severity, labels: s.labels(true), variables: s.identity.define(),
		expr: "min without (probability) (" + selector(seconds) + ") == 0",
		page: s.identity.page(s.Name, true),
	}
	if s.Exhaustion.Budget != nil {
		a.summary = s.subject(true) + " has used up its error budget."
		a.detail = "Nothing is left of the error budget of " + s.subject(true) + "."
	} else {
		a.summary = s.subject(true) + " has reached its limit."
		a.detail = s.subject(true) + " is at its limit or beyond."
	}
	a.trial = s.trial(&a, seconds, true, 0, 7*24*3600, "probability")
	return a
}

func (s *scope) exhaustionPredicted(entry config.ExhaustionAlert) alert {
	within := entry.Within.String()
	ratio := s.metric(board.ExhaustionProbability, "within", within)
	seconds := func(p string) string {
		return s.identity.query(s.metric(board.TimeToExhaustion, "probability", p), "")
	}
	const duration = "{{ . | first | value | humanizeDuration }}"
	a := alert{
		kind: exhaustionPredicted, wait: entry.For, keep: s.keep(entry.For), severity: entry.Severity,
		labels: s.labels(true), variables: s.identity.define(),
		expr:    selector(ratio) + " >= " + number(entry.Probability),
		summary: s.subject(true) + " will probably " + s.reach() + " within " + within + ".",
		detail: "The probability of " + s.subject(true) + " to " + s.reach() + " within " + within +
			" is {{ $value | humanizePercentage }} (alert from " + percent(entry.Probability) + ")." +
			"{{ with " + seconds("0.5") + " }} If it does, then in about " + duration +
			"{{ with " + seconds("0.1") + " }}, probably not before " + duration + "{{ end }}" +
			"{{ with " + seconds("0.9") + " }}, probably not after " + duration + "{{ end }}.{{ end }}",
		page: s.identity.page(s.Name, true),
	}
	a.labels["within"] = within
	a.trial = s.trial(&a, ratio, true, (1+min(entry.Probability, 1))/2, entry.Probability/2)
	return a
}

func percent(ratio float64) string { return fmt.Sprintf("%.4g%%", 100*ratio) }

package incident

import "fmt"

// Reason returns what speaks for a suspect in a short sentence.
func (s *Suspect) Reason() string {
	e := &s.Evidence
	went := "fell"
	if e.Up {
		went = "rose"
	}
	switch {
	case s.Metric == "":
		return "nothing unusual"
	case s.Kind == Edge:
		return fmt.Sprintf("the call's client waits %.3g longer than its server works, before %.3g", e.After, e.Before)
	}
	return fmt.Sprintf("%s %s from %.3g to %.3g", s.Metric, went, e.Before, e.After)
}

// Reason returns what is known of a change in a short sentence. It never says cause.
func (c *Candidate) Reason() string {
	switch {
	case c.Metric == "":
		return c.What + ": no series tells what it did"
	case c.Onset < 0:
		return fmt.Sprintf("%s: harmless so far, %s changed by %.3g", c.What, c.Metric, c.Effect.Mean)
	}
	return fmt.Sprintf("%s before the onset: %s changed by %.3g since", c.What, c.Metric, c.Effect.Mean)
}

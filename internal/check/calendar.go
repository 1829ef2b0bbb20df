package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
)

// comingDays is how many special days are told.
const comingDays = 5

// coming tells the next special days of a task, today's among them.
func coming(days []config.Holiday, t *config.Task, now time.Time) string {
	location := t.Location
	if location == nil {
		location = time.UTC
	}
	today := now.In(location).Format(time.DateOnly)
	var parts []string
	for _, d := range days {
		at := d.Time()
		if at.Format(time.DateOnly) < today {
			continue
		}
		if len(parts) == comingDays {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", at.Format("Mon 2 Jan 2006"), d.Name, d.Calendar))
	}
	if len(parts) == 0 {
		return "no special day is to come; those before are learnt apart"
	}
	return strings.Join(parts, ", ")
}

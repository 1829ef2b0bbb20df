package check

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// row is what the table says of one task.
type row struct {
	task, series, history, limits, fitted, not, out string
}

// note is something that the table has no room for.
type note struct{ kind, text string }

// finding is what was found of one task.
type finding struct {
	row
	notes []note
}

// tell writes the table, and below it what is wrong with which task.
func tell(w io.Writer, all []finding) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TASK\tSERIES\tHISTORY\tLIMITS\tFITTED\tNOT FORECAST\tGO OUT")
	for _, f := range all {
		cells := []string{f.task, f.series, f.history, f.limits, f.fitted, f.not, f.out}
		for i := range cells {
			if cells[i] == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush() // w tells its errors itself
	for _, f := range all {
		if len(f.notes) == 0 {
			continue
		}
		fmt.Fprintf(w, "\ntask %q\n", f.task)
		for _, n := range f.notes {
			fmt.Fprintf(w, "  %-9s %s\n", n.kind, n.text)
		}
	}
}

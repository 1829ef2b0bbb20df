package disks

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Row is a shape with one tally for each rule.
type Row struct {
	Shape   Shape
	Tallies []Tally
}

// Run draws disks of every shape whose name contains only, lets all rules watch them, two at a time, and gives a row for
// each shape.
func Run(ctx context.Context, rules []Rule, seeds int, only string) ([]Row, error) {
	var rows []Row
	for _, s := range Shapes() {
		if strings.Contains(s.Name, only) {
			rows = append(rows, Row{s, make([]Tally, len(rules))})
		}
	}
	engine := Engine()
	errs := make([]error, len(rows))
	places := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for i := range rows {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			for seed := range seeds {
				d := rows[i].Shape.Draw(uint64(seed) + 1)
				if err := Compare(ctx, engine, rules, &d, rows[i].Tallies); err != nil {
					errs[i] = fmt.Errorf("%s, disk %d: %w", rows[i].Shape.Name, seed+1, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Sum adds up what one disk of every shape gives in a month.
func Sum(rows []Row, rule int) float64 {
	sum := 0.0
	for i := range rows {
		sum += rows[i].Tallies[rule].FalseAMonth()
	}
	return sum
}

// Print writes the rows as a table in Markdown.
func Print(w io.Writer, rules []Rule, rows []Row) {
	fmt.Fprint(w, "| shape |")
	for _, r := range rules {
		fmt.Fprintf(w, " %s |", r.Name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(rules)))
	for i := range rows {
		fmt.Fprintf(w, "| %s |", rows[i].Shape.Name)
		for k := range rules {
			t := &rows[i].Tallies[k]
			fmt.Fprintf(w, " %.2f", t.FalseAMonth())
			if t.Full > 0 {
				fmt.Fprintf(w, "; %d of %d missed, %.0f h", t.Missed, t.Full, t.Lead().Round(time.Hour).Hours())
			}
			fmt.Fprint(w, " |")
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "| sum |")
	for k := range rules {
		fmt.Fprintf(w, " %.2f |", Sum(rows, k))
	}
	fmt.Fprintln(w)
}

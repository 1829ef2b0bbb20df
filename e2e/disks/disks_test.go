package disks_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/e2e/disks"
)

var (
	seeds = flag.Int("seeds", 2, "simulated disks of each shape")
	only  = flag.String("shape", "", "only the shapes whose name contains this")
)

func TestComparison(t *testing.T) {
	rules, engine := disks.Rules(), disks.Engine()
	type row struct {
		shape   disks.Shape
		tallies []disks.Tally
	}
	var rows []row
	for _, s := range disks.Shapes() {
		if strings.Contains(s.Name, *only) {
			rows = append(rows, row{s, make([]disks.Tally, len(rules))})
		}
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				for seed := range *seeds {
					d := rows[i].shape.Draw(uint64(seed) + 1)
					if err := disks.Compare(t.Context(), engine, rules, &d, rows[i].tallies); err != nil {
						t.Errorf("%s: %v", rows[i].shape.Name, err)
					}
				}
			}
		})
	}
	for i := range rows {
		work <- i
	}
	close(work)
	wg.Wait()
	var b strings.Builder
	sum := make([]float64, len(rules))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.shape.Name)
		for i := range rules {
			x := &r.tallies[i]
			sum[i] += x.FalseAMonth()
			fmt.Fprintf(&b, " %.2f", x.FalseAMonth())
			if x.Full > 0 {
				fmt.Fprintf(&b, ", %d of %d, %.0f h", x.Missed, x.Full, x.Lead().Round(time.Hour).Hours())
			}
			b.WriteString(" |")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "| sum | %.2f | %.2f | %.2f | %.2f |\n", sum[0], sum[1], sum[2], sum[3])
	t.Logf("\n%s", b.String())
}

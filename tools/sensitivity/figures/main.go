// Command figures is what sensitivity builds with changed constants: it prints how well one of the models does on
// recordings, two numbers that are the less the better. main.go reads them; there is a file for each model.
package main

import (
	"encoding/gob"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 {
		return fmt.Errorf("%d arguments, want a package and a file of recordings", len(os.Args)-1)
	}
	f, err := os.Open(os.Args[2])
	if err != nil {
		return err
	}
	defer f.Close()
	var all []models.Series
	if err := gob.NewDecoder(f).Decode(&all); err != nil {
		return err
	}
	measure, ok := map[string]func(models.Series) [2]float64{"forecast": forecasts, "anomaly": anomalies, "exhaustion": exhaustion}[os.Args[1]]
	if !ok {
		return fmt.Errorf("%s: no such model", os.Args[1])
	}
	var sum, n [2]float64
	for _, s := range all {
		for i, v := range measure(s) {
			if v-v == 0 {
				sum[i] += v
				n[i]++
			}
		}
	}
	fmt.Println(sum[0]/n[0], sum[1]/n[1])
	return nil
}

// follow gives a forecaster a series, as the live engine does: the first two thirds as history, the rest moment by
// moment, each of which at is told of after it was seen.
func follow(o *models.Options, s models.Series, at func(f *models.Forecaster, i int, a models.Assessment)) {
	o.Step, o.Level = time.Duration(s.Step)*time.Millisecond, .95
	history := 2 * len(s.Values) / 3
	f := models.Fit(o, models.Series{Start: s.Start, Step: s.Step, Values: s.Values[:history]})
	for i := history; i < len(s.Values); i++ {
		a := f.Observe(s.Start+int64(i)*s.Step, s.Values[i])
		if f.Due() {
			f.Refit()
		}
		at(f, i, a)
	}
}

// perDay is how many samples a day has, one at least.
func perDay(s models.Series) int { return max(1, int(24*time.Hour.Milliseconds()/s.Step)) }

// present returns the values that are there.
func present(v []float64) (out []float64) {
	for _, x := range v {
		if !math.IsNaN(x) {
			out = append(out, x)
		}
	}
	return out
}

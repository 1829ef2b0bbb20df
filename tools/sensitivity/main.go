// Command sensitivity measures on recordings what half and double of each tuned constant of the models cost:
//
//	go run ./tools/sensitivity FOLDER > table.md
//
// A constant is tuned where its comment, or that of its block, begins with "Tuned". Each is changed in a copy of its file
// that only the compiler sees (go build -overlay), and a small program with the changed models (folder figures) is run on
// some of the recordings. Costs are what the package's two figures lose against the models as they are.
//
// constants.go finds the constants, bench.go builds and runs the changed program, table.go writes the result.
package main

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

const mostRows = 9000 // of a recording: four weeks of history and half a week to be followed, at steps of 5 minutes

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sensitivity:", err)
		os.Exit(1)
	}
}

func run() error {
	number := flag.Int("series", 40, "how many recordings to measure on, spread evenly over all that are found")
	only := flag.String("only", "", "vary those constants only whose package.name contains this")
	parallel := flag.Int("parallel", runtime.GOMAXPROCS(0), "how many variants to measure at a time")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if flag.NArg() != 1 {
		return errors.New("name one folder of recordings: CSV files with the columns timestamp and value, gzipped or not")
	}
	temporary, err := os.MkdirTemp("", "sensitivity")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	recordings := filepath.Join(temporary, "recordings")
	found, taken, err := collect(flag.Arg(0), *number, recordings)
	if err != nil {
		return err
	}
	var all []constant
	for _, p := range packages {
		constants, err := tuned(p)
		if err != nil {
			return err
		}
		all = append(all, constants...)
	}
	all = slices.DeleteFunc(all, func(c constant) bool { return !strings.Contains(c.pkg+"."+c.name, *only) })
	b := &bench{folder: temporary, recordings: recordings}
	base := map[string]figures{}
	for _, p := range packages {
		if base[p], err = b.measure(ctx, p, nil); err != nil {
			return fmt.Errorf("the models as they are, %s: %w", p, err)
		}
	}
	rows := make([]row, len(all))
	slots := make(chan struct{}, *parallel)
	var wait sync.WaitGroup
	for i := range all {
		slots <- struct{}{}
		wait.Go(func() {
			rows[i] = b.vary(ctx, &all[i], base[all[i].pkg])
			fmt.Fprintf(os.Stderr, "%d of %d: %s %s\n", i+1, len(all), all[i].pkg, rows[i])
			<-slots
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	write(os.Stdout, rows, base, found, taken)
	return nil
}

// collect writes some of the recordings below a folder on their grids to a file, and returns how many there are and how
// many were taken. Files that are no recordings, and those too short to be followed, are passed over.
func collect(folder string, number int, path string) (found, taken int, err error) {
	var files []string
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if name := strings.TrimSuffix(path, ".gz"); err == nil && !d.IsDir() && strings.HasSuffix(name, ".csv") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	var all []models.Series
	for _, f := range files {
		samples, err := source.ReadCSV(f)
		if err != nil || len(samples) < 500 {
			continue
		}
		slices.SortStableFunc(samples, func(a, b source.Sample) int { return int(min(1, max(-1, a.T-b.T))) })
		samples = samples[max(0, len(samples)-mostRows):]
		step, err := replay.FindStep(samples)
		if err != nil || step < time.Minute || (samples[len(samples)-1].T-samples[0].T)/step.Milliseconds() > 3*mostRows {
			continue
		}
		all = append(all, replay.Grid(samples, samples[len(samples)-1].T, step))
	}
	if len(all) == 0 {
		return 0, 0, fmt.Errorf("%s: no recordings of 500 rows and steps of a minute or more", folder)
	}
	found = len(all)
	if n := min(number, found); n > 0 {
		for i := range n {
			all[i] = all[i*found/n]
		}
		all = all[:n]
	}
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	return found, len(all), errors.Join(gob.NewEncoder(f).Encode(all), f.Close())
}

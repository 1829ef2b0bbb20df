package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/foresight-exporter/foresight/internal/incident"
)

// wideFiles name what an incident is read from.
type wideFiles struct {
	files                        []string
	kinds, edges, hosts, changes string
}

// read reads them all. Rows of one time are joined, columns united; an empty cell is no sample.
func (w *wideFiles) read() (*incident.Recording, *incident.Graph, []incident.Change, error) {
	g := new(incident.Graph)
	var rules []incident.Rule
	var changes []incident.Change
	err := errors.Join(
		eachRecord(w.kinds, []string{"pattern", "kind", "bad"}, func(f []string) error {
			rule, err := parseRule(f)
			rules = append(rules, rule)
			return err
		}),
		eachRecord(w.edges, []string{"client", "server", "virtual_node"}, func(f []string) error {
			view := ""
			switch f[2] {
			case "client":
				view = f[0]
			case "server":
				view = f[1]
			case "":
			default:
				return fmt.Errorf("virtual_node %q is none of client, server and nothing", f[2])
			}
			g.AddCall(f[0], f[1], view)
			return nil
		}),
		eachRecord(w.hosts, []string{"owner", "host"}, func(f []string) error {
			g.AddHost(f[0], f[1])
			return nil
		}),
		eachRecord(w.changes, []string{"time", "owner", "what", "id"}, func(f []string) error {
			t, err := parseTime(f[0])
			changes = append(changes, incident.Change{Time: t, Owner: f[1], What: f[2], ID: f[3]})
			return err
		}),
	)
	if err != nil {
		return nil, nil, nil, err
	}
	r, err := readWide(w.files, rules)
	return r, g, changes, err
}

func parseRule(f []string) (incident.Rule, error) {
	rule := incident.Rule{Pattern: f[0], Kind: incident.Kind(f[1])}
	known := []incident.Kind{incident.Resource, incident.Latency, incident.Errors, incident.Traffic, incident.Saturation, incident.Other}
	if !slices.Contains(known, rule.Kind) {
		return rule, fmt.Errorf("kind %q is none of %v", f[1], known)
	}
	switch f[2] {
	case "up":
		rule.Bad = incident.Up
	case "down":
		rule.Bad = incident.Down
	case "both":
	default:
		return rule, fmt.Errorf("bad %q is none of up, down and both", f[2])
	}
	return rule, nil
}

func parseTime(s string) (int64, error) {
	t, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(t) <= 1e12) {
		return 0, fmt.Errorf("%q is not a time in Unix seconds", s)
	}
	return int64(math.Round(t * 1000)), nil
}

// eachRecord reads a CSV file with the named columns, in any order; no path, no records.
func eachRecord(path string, columns []string, each func(fields []string) error) error {
	if path == "" {
		return nil
	}
	return readCSV(path, func(head []string, next func() ([]string, error)) error {
		index := make([]int, len(columns))
		for i, name := range columns {
			if index[i] = slices.Index(head, name); index[i] < 0 {
				return fmt.Errorf("no column %s", name)
			}
		}
		fields := make([]string, len(columns))
		for {
			record, err := next()
			if err != nil {
				return err
			}
			if record == nil {
				return nil
			}
			for i, k := range index {
				fields[i] = strings.Clone(record[k])
			}
			if err := each(fields); err != nil {
				return err
			}
		}
	})
}

// readCSV reads a CSV file, gzip too: next returns nil after the last record. Errors name file and line.
func readCSV(path string, read func(head []string, next func() ([]string, error)) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		in = z
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return fmt.Errorf("%s: the header: %w", path, err)
	}
	head = slices.Clone(head)
	err = read(head, func() ([]string, error) {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return record, err
	})
	if line, _ := c.FieldPos(0); err != nil {
		return fmt.Errorf("%s, line %d: %w", path, line, err)
	}
	return nil
}

// wideRow is a row of a wide file: cells by column of the union.
type wideRow struct {
	column int
	value  float64
}

// readWide reads wide files onto one grid, whose step is the median distance of the rows.
func readWide(paths []string, rules []incident.Rule) (*incident.Recording, error) {
	columns := map[string]int{}
	var names []string
	byTime := map[int64][]wideRow{}
	for _, path := range paths {
		err := readCSV(path, func(head []string, next func() ([]string, error)) error {
			if head[0] != "timestamp" {
				return fmt.Errorf("the first column is %q, want timestamp", head[0])
			}
			index := make([]int, len(head))
			for i, name := range head[1:] {
				k, ok := columns[name]
				if !ok {
					if !strings.Contains(name, "|") {
						return fmt.Errorf("column %q is not owner|metric", name)
					}
					k = len(names)
					columns[name] = k
					names = append(names, name)
				}
				index[i+1] = k
			}
			for {
				record, err := next()
				if err != nil || record == nil {
					return err
				}
				t, err := parseTime(record[0])
				if err != nil {
					return err
				}
				row := byTime[t]
				if row == nil {
					row = make([]wideRow, 0, len(record)-1)
				}
				for i, cell := range record[1:] {
					if cell == "" {
						continue
					}
					v, err := strconv.ParseFloat(cell, 64)
					if err != nil {
						return fmt.Errorf("column %s: %q is no number", head[i+1], cell)
					}
					if !math.IsNaN(v) && !math.IsInf(v, 0) {
						row = append(row, wideRow{index[i+1], v})
					}
				}
				byTime[t] = row
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return onGrid(names, byTime, rules)
}

// mostCells bounds the memory of a recording: 2 GiB.
const mostCells = 1 << 28

func onGrid(names []string, byTime map[int64][]wideRow, rules []incident.Rule) (*incident.Recording, error) {
	times := make([]int64, 0, len(byTime))
	for t := range byTime {
		times = append(times, t)
	}
	slices.Sort(times)
	if len(times) < 2 {
		return nil, errors.New("the files hold less than two rows of different times")
	}
	gaps := make([]int64, len(times)-1)
	for i := range gaps {
		gaps[i] = times[i+1] - times[i]
	}
	slices.Sort(gaps)
	r := &incident.Recording{Start: times[0], Step: gaps[(len(gaps)-1)/2]}
	n := (times[len(times)-1]-r.Start)/r.Step + 1
	if n*int64(max(1, len(names))) > mostCells {
		return nil, fmt.Errorf("the rows span %d steps of %d s: is a time wrong?", n, r.Step/1000)
	}
	r.Len = int(n)
	values := make([][]float64, len(names))
	for i := range values {
		values[i] = slices.Repeat([]float64{math.NaN()}, r.Len)
	}
	for _, t := range times {
		for _, cell := range byTime[t] {
			values[cell.column][(t-r.Start)/r.Step] = cell.value
		}
	}
	calls := map[string]int{}
	for i, name := range names {
		owner, metric, _ := strings.Cut(name, "|")
		client, server, edge := strings.Cut(owner, ">")
		if !edge {
			kind, bad := incident.Classify(rules, metric)
			r.Series = append(r.Series, incident.Series{Owner: owner, Metric: metric, Kind: kind, Bad: bad, Values: values[i]})
			continue
		}
		k, ok := calls[owner]
		if !ok {
			k = len(r.Calls)
			calls[owner] = k
			r.Calls = append(r.Calls, incident.Call{Client: client, Server: server})
		}
		switch metric {
		case "latency_client":
			r.Calls[k].LatencyClient = values[i]
		case "latency_server":
			r.Calls[k].LatencyServer = values[i]
		}
	}
	return r, nil
}

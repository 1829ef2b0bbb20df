package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/incident"
)

func addSuspects(a *kingpin.Application) (string, func() error) {
	c := a.Command("suspects", "Tell which owner an incident in recorded series probably began at, and what changed before it, as CSV.")
	files := c.Arg("file", "Wide CSV files (timestamp, then one column owner|metric a series; gzip too), joined by time.").Required().Strings()
	ats := c.Flag("at", "A moment to judge at, Unix seconds; repeatable.").Required().PlaceHolder("T").Float64List()
	kinds := c.Flag("kinds", "CSV pattern,kind,bad: of which kind metrics are.").PlaceHolder("FILE").String()
	edges := c.Flag("edges", "CSV client,server,virtual_node: who calls whom.").PlaceHolder("FILE").String()
	hosts := c.Flag("hosts", "CSV owner,host: who runs where.").PlaceHolder("FILE").String()
	target := c.Flag("target", "The series whose alert opened the incident.").PlaceHolder("OWNER|METRIC").String()
	changes := c.Flag("changes", "CSV time,owner,what,id: deploys and the like.").PlaceHolder("FILE").String()
	return "suspects", func() error {
		w := wideFiles{files: *files, kinds: *kinds, edges: *edges, hosts: *hosts, changes: *changes}
		r, g, known, err := w.read()
		if err != nil {
			return err
		}
		var alerting *incident.Series
		for i := range r.Series {
			if s := &r.Series[i]; *target != "" && s.Owner+"|"+s.Metric == *target {
				alerting = s
			}
		}
		if *target != "" && alerting == nil {
			return fmt.Errorf("--target=%s is no column of the files", *target)
		}
		out := bufio.NewWriter(os.Stdout)
		head := new(rows)
		for name := range strings.SplitSeq("at rank owner score kind metric onset before after expected reason", " ") {
			head.text(name)
		}
		if *changes != "" {
			head.text("id").text("lag").text("effect").text("lower").text("upper")
		}
		head.end()
		_, _ = out.Write(head.b)
		for _, at := range *ats {
			t := int64(math.Round(at * 1000))
			var b rows
			for i, s := range r.Suspects(g, t, alerting) {
				writeSuspect(&b, r, t, i+1, s, *changes != "")
			}
			if *changes != "" {
				for i, one := range r.Changes(g, t, alerting, known) {
					writeChange(&b, r, t, i+1, one)
				}
			}
			_, _ = out.Write(b.b)
		}
		return out.Flush()
	}
}

func writeSuspect(b *rows, r *incident.Recording, at int64, rank int, s incident.Suspect, wide bool) {
	b.time(at).number(float64(rank)).text(s.Owner).number(s.Score).text(string(s.Kind)).text(s.Metric)
	e := s.Evidence
	b.time(r.Time(e.Onset)).number(e.Before).number(e.After).number(e.Before).text(s.Reason())
	if wide {
		b.text("").text("").text("").text("").text("")
	}
	b.end()
}

func writeChange(b *rows, r *incident.Recording, at int64, rank int, c incident.Candidate) {
	b.time(at).number(float64(rank)).text(c.Owner).number(c.Score).text("change").text(c.Metric)
	if c.Onset >= 0 {
		b.time(r.Time(c.Onset))
	} else {
		b.text("")
	}
	e := c.Effect
	b.number(e.Before).number(e.Expected + e.Mean).number(e.Expected).text(c.Reason()).text(c.ID)
	if c.Onset >= 0 {
		b.number(float64(r.Time(c.Onset)-c.Time) / 1000)
	} else {
		b.text("")
	}
	b.number(e.Mean).number(e.Lower).number(e.Upper)
	b.end()
}

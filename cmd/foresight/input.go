package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/source"
)

// input says where an offline command's series come from: CSV files, or an expression that a source is asked for.
type input struct {
	files     *[]string
	url, expr *string
	history   model.Duration
}

func addInput(c *kingpin.CmdClause) *input {
	in := &input{history: model.Duration(28 * 24 * time.Hour)}
	in.files = c.Arg("file", "CSV files (timestamp,value; gzip too).").Strings()
	in.url = c.Flag("source.url", "A Prometheus-compatible server to ask in place of files.").PlaceHolder("URL").String()
	in.expr = c.Flag("expr", "The expression to ask it for, each series of which is one.").PlaceHolder("PROMQL").String()
	c.Flag("source.history", "How far back it is asked. Default: 28d.").PlaceHolder("28d").SetValue(&in.history)
	return in
}

// offlineSeries are n series that are loaded one by one.
type offlineSeries struct {
	n     int
	load  func(i int) (name string, s []source.Sample, err error)
	where func(i int) string // it comes from
}

// series finds the series. Those of a source are read at once, every step (0: 5 minutes), up to now.
func (in *input) series(step time.Duration) (*offlineSeries, error) {
	asked := *in.url != "" || *in.expr != ""
	switch {
	case asked && (*in.url == "" || *in.expr == ""):
		return nil, errors.New("--source.url and --expr go together")
	case asked == (len(*in.files) > 0):
		return nil, errors.New("name CSV files, or --source.url and --expr in their place")
	case asked:
		return in.ask(step)
	}
	files := *in.files
	return &offlineSeries{
		n:     len(files),
		where: func(i int) string { return files[i] },
		load: func(i int) (string, []source.Sample, error) {
			s, err := source.ReadCSV(files[i])
			return source.SeriesName(files[i]), s, err
		},
	}, nil
}

func (in *input) ask(step time.Duration) (*offlineSeries, error) {
	u, err := url.Parse(*in.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("--source.url: want an address that begins with http:// or https://")
	}
	client, err := source.New(source.Options{URL: u, HTTP: commonconfig.DefaultHTTPClientConfig})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, cancel := untilSignal()
	defer cancel()
	return readSeries(ctx, client, *in.expr, time.Now().Add(-time.Duration(in.history)), time.Now(), step)
}

func readSeries(ctx context.Context, client *source.Client, expr string, from, to time.Time, step time.Duration) (*offlineSeries, error) {
	if step == 0 {
		step = 5 * time.Minute
	}
	all := map[string][]source.Sample{}
	_, err := client.Range(ctx, "", expr, from.UnixMilli(), to.UnixMilli(), step, func(ls labels.Labels, s []source.Sample) error {
		name := ls.String()
		all[name] = append(all[name], s...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s gives no series", expr)
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return &offlineSeries{
		n:     len(names),
		where: func(i int) string { return names[i] },
		load:  func(i int) (string, []source.Sample, error) { return names[i], all[names[i]], nil },
	}, nil
}

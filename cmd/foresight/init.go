package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
	commonconfig "github.com/prometheus/common/config"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/survey"
)

// initiation are the flags of init.
type initiation struct {
	url, http, file *string
	series          *int
	force, json     *bool
}

func addInit(a *kingpin.Application) (string, func() error) {
	c := a.Command("init", "Look at a source and write a configuration with the presets that fit it.")
	i := &initiation{
		url:    c.Flag("source.url", "The Prometheus-compatible server to look at.").Required().PlaceHolder("URL").String(),
		http:   c.Flag("http.config.file", "File with the settings of the HTTP client, as promtool takes it; they become part of the configuration.").PlaceHolder("FILE").String(),
		file:   c.Flag("config.file", "Configuration file to write.").Default("foresight.yml").String(),
		series: c.Flag("max-series", "Leave out tasks with more series than this.").Default("2000").Int(),
		force:  c.Flag("force", "Overwrite the file if it is there.").Bool(),
		json:   c.Flag("json", "Write what was found as JSON.").Bool(),
	}
	return "init", i.run
}

func (i *initiation) run() error {
	if _, err := os.Lstat(*i.file); err == nil && !*i.force {
		return fmt.Errorf("%s is there already; --force overwrites it, --config.file=OTHER writes another", *i.file)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	client, h, err := i.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	n, err := survey.Questions()
	if err != nil {
		return err
	}
	ctx, cancel := untilSignal()
	defer cancel()
	bar := newProgress(os.Stderr, "questions", n)
	r, err := survey.Run(ctx, client, survey.Options{MaxSeries: *i.series, Now: h.Now, Progress: bar.step, Tell: func(msg string) {
		bar.done()
		fmt.Fprintln(os.Stderr, "foresight init:", msg)
	}})
	bar.done()
	if err != nil {
		return err
	}
	if *i.json {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		r.Tell(os.Stdout)
	}
	if !r.Taken() {
		return survey.ErrNothing
	}
	return i.write(r, h)
}

// connect gives a client for the source, and what the configuration says of it.
func (i *initiation) connect() (*source.Client, survey.Header, error) {
	h := survey.Header{URL: *i.url, Now: time.Now()}
	u, err := url.Parse(*i.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, h, errors.New("--source.url: want an address that begins with http:// or https://")
	}
	h.Shown = config.RedactURL(u)
	settings := commonconfig.DefaultHTTPClientConfig
	if *i.http != "" {
		text, err := os.ReadFile(*i.http)
		if err != nil {
			return nil, h, err
		}
		loaded, _, err := commonconfig.LoadHTTPConfigFile(*i.http)
		if err != nil {
			return nil, h, fmt.Errorf("%s: %w", *i.http, err)
		}
		if filepath.Dir(*i.http) != filepath.Dir(*i.file) {
			return nil, h, fmt.Errorf("%s has to be in the folder of %s: relative paths in it would change their meaning", *i.http, *i.file)
		}
		settings, h.HTTP = *loaded, string(text)
	}
	client, err := source.New(source.Options{URL: u, HTTP: settings})
	return client, h, err
}

// write writes the configuration, readable for its owner only: addresses and settings may hold secrets.
func (i *initiation) write(r *survey.Result, h survey.Header) error {
	text, err := r.Configuration(h)
	if err != nil {
		return err
	}
	if _, err := config.Parse(*i.file, []byte(text)); err != nil {
		return fmt.Errorf("what would be written is not valid: %w", err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !*i.force {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(*i.file, flags, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if *i.json {
		return nil
	}
	where := ""
	if *i.file != "foresight.yml" {
		where = " --config.file=" + *i.file
	}
	fmt.Printf(`
%s is written. Next:
  foresight check%s --live           # what each task finds
  foresight%s                        # forecasts on http://localhost:10780, for Prometheus to scrape with honor_labels: true
  foresight rules%s --output=rules   # alerting rules, once you have switched alerts on
`, *i.file, where, where, where)
	return nil
}

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/rules"
)

func addRules(a *kingpin.Application) (string, func() error) {
	c := a.Command("rules", "Write alerting and recording rules, their unit tests and a fragment for Alertmanager.")
	file := c.Flag("config.file", "Configuration file.").Default("foresight.yml").String()
	output := c.Flag("output", "Directory to write to.").Required().PlaceHolder("DIR").String()
	format := c.Flag("format", "A rule file (prometheus) or an object of the Prometheus operator (prometheusrule).").
		Default(string(rules.FormatPrometheus)).Enum(string(rules.FormatPrometheus), string(rules.FormatPrometheusRule))
	check := c.Flag("check", "Write nothing; compare with the files in the directory and exit with 1 where they differ.").Bool()
	return "rules", func() error {
		conf, err := config.Load(*file)
		if err != nil {
			return err
		}
		set, err := rules.Generate(conf)
		if err != nil {
			return err
		}
		files, err := set.Files(rules.Format(*format), rules.Header{Version: version.Version, From: filepath.Base(*file)})
		if err != nil {
			return err
		}
		if !*check {
			return rules.Write(*output, files)
		}
		diff, err := rules.Check(*output, files)
		if err != nil {
			return err
		}
		if diff != "" {
			fmt.Fprintf(os.Stderr, "foresight rules: %s is not what %s gives; write it anew with foresight rules --config.file=%s --output=%s --format=%s\n",
				*output, *file, *file, *output, *format)
			fmt.Print(diff)
			return exitCode(1)
		}
		return nil
	}
}

package main

import (
	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/dashboards"
)

func addDashboards(a *kingpin.Application) (string, func() error) {
	c := a.Command("dashboards", "Write the Grafana dashboards as JSON files.")
	output := c.Flag("output", "Directory to write to.").Required().PlaceHolder("DIR").String()
	pages := c.Flag("page-url", "URL under which browsers reach Foresight, for links to its pages.").Default("").String()
	return "dashboards", func() error { return dashboards.Write(*output, *pages) }
}

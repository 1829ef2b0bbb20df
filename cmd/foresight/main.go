// Command foresight is a predictive sidecar exporter for Prometheus.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

func main() { os.Exit(run(os.Args[1:])) }

// run parses the command line, carries the command out and gives the exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string) int {
	if version.Version == "" {
		version.Version = "unreleased" // not set by the linker: go run, go install
	}
	a := kingpin.New(filepath.Base(os.Args[0]), "A predictive sidecar exporter for Prometheus: forecasts, anomaly scores and time to exhaustion as metrics.")
	a.Version(version.Print("foresight"))
	a.HelpFlag.Short('h')
	a.UsageWriter(os.Stderr)

	commands := map[string]func() error{}
	for _, add := range []func(*kingpin.Application) (string, func() error){
		addServe, addDemo, addCheck, addForecast, addDetect, addExhaustion,
		addBacktest, addRules, addDashboards, addSuspects, addEffect,
	} {
		name, do := add(a)
		commands[name] = do
	}
	command, err := a.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "foresight: %v (see foresight --help)\n", err)
		return 2
	}
	var exit exitCode
	switch err := commands[command](); {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	default:
		fmt.Fprintf(os.Stderr, "foresight %s: %v\n", command, err)
		return 1
	}
}

// exitCode is an error that was reported already; the process ends with it.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

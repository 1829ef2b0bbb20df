// Command foresight is a predictive sidecar exporter for Prometheus.
//
// main.go picks a subcommand; each has a file of its own, and serve.go is the default. Those that forecast or judge
// files share input.go (samples in) and offline.go (flags, rows out); suspects and effect read wide.go's tables.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

func main() { os.Exit(run(os.Args[1:])) }

// run parses the command line, carries the command out and gives the exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string) int {
	if version.Version == "" {
		version.Version = "unreleased" // not set by the linker: go run, go install
	}
	a, commands := application(filepath.Base(os.Args[0]))
	command, err := a.Parse(forCompletion(args))
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

// application has the command line, and by the names of the subcommands what they do.
func application(name string) (*kingpin.Application, map[string]func() error) {
	a := kingpin.New(name, "A predictive sidecar exporter for Prometheus: forecasts, anomaly scores and time to exhaustion as metrics.")
	a.Version(version.Print("foresight"))
	a.HelpFlag.Short('h')
	a.UsageWriter(os.Stderr)

	commands := map[string]func() error{}
	for _, add := range []func(*kingpin.Application) (string, func() error){
		addServe, addDemo, addInit, addCheck, addForecast, addDetect, addExhaustion,
		addBacktest, addRules, addDashboards, addSuspects, addEffect, addAnonymize,
	} {
		name, do := add(a)
		commands[name] = do
	}
	return a, commands
}

// forCompletion leaves out the first word that a shell asks to complete: since serve is the default, kingpin takes whatever
// has been typed of it for an argument of serve. Without it, kingpin names all subcommands, and the shell chooses.
func forCompletion(args []string) []string {
	if len(args) == 2 && args[0] == "--completion-bash" && !strings.HasPrefix(args[1], "-") {
		return args[:1]
	}
	return args
}

// exitCode is an error that was reported already; the process ends with it.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

package main

import (
	"fmt"
	"io"
)

// named says what the two figures of a package are.
var named = map[string][2]string{
	"forecast":   {"error", "interval score"},
	"anomaly":    {"planted incidents missed", "false events a week"},
	"exhaustion": {"Brier score", "error of the median, on the logarithm"},
}

func write(w io.Writer, rows []row, base map[string]figures, found, taken int) {
	fmt.Fprintf(w, "Measured on %d of %d recordings. A cost above 0 says that the models as they are do better.\n", taken, found)
	for _, p := range packages {
		fmt.Fprintf(w, "\n## models/%s\n\nFigures: %s %.4g, %s %.4g.\n\n| constant | value | half | double | |\n|---|---|---|---|---|\n",
			p, named[p][0], base[p][0], named[p][1], base[p][1])
		for _, r := range rows {
			if r.pkg == p {
				fmt.Fprintln(w, r)
			}
		}
	}
}

func (r row) String() string {
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s |", r.name, r.value, r.half, r.double, r.what)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// figures are what the program of the folder of that name prints: both the less the better.
type figures [2]float64

// bench builds and runs the program with changed models.
type bench struct{ folder, recordings string }

// row is a constant with what its half and its double cost.
type row struct {
	*constant
	half, double string
}

func (b *bench) vary(ctx context.Context, c *constant, base figures) row {
	r := row{constant: c}
	for _, v := range []struct {
		factor float64
		out    *string
	}{{.5, &r.half}, {2, &r.double}} {
		value, other := c.times(v.factor)
		if !other {
			*v.out = "the same"
			continue
		}
		f, err := b.measure(ctx, c.pkg, &change{c, value})
		if err != nil {
			*v.out = fmt.Sprintf("%s: is refused", value)
			continue
		}
		*v.out = fmt.Sprintf("%s: %s, %s", value, cost(f[0], base[0]), cost(f[1], base[1]))
	}
	return r
}

func cost(f, base float64) string {
	if f == base {
		return "0"
	}
	return fmt.Sprintf("%+.2f %%", 100*(f/base-1))
}

type change struct {
	*constant
	value string
}

// measure runs the program on a package's figures, with a constant changed unless that is nil.
func (b *bench) measure(ctx context.Context, pkg string, c *change) (f figures, err error) {
	folder, err := os.MkdirTemp(b.folder, "variant")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "figures")
	build := []string{"build", "-ldflags", "-s -w", "-o", program}
	if c != nil {
		changed, overlay := filepath.Join(folder, "constants.go"), filepath.Join(folder, "overlay.json")
		text, err := c.with(c.value)
		if err != nil {
			return f, err
		}
		replace, err := json.Marshal(map[string]map[string]string{"Replace": {c.file: changed}})
		if err != nil {
			return f, err
		}
		for path, text := range map[string][]byte{changed: text, overlay: replace} {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				return f, err
			}
		}
		build = append(build, "-overlay", overlay)
	}
	if out, err := exec.CommandContext(ctx, "go", append(build, "./tools/sensitivity/figures")...).CombinedOutput(); err != nil {
		return f, fmt.Errorf("%w: %s", err, out)
	}
	run := exec.CommandContext(ctx, program, pkg, b.recordings)
	run.Stderr = new(bytes.Buffer)
	out, err := run.Output()
	if err != nil {
		return f, fmt.Errorf("%w: %s", err, run.Stderr)
	}
	_, err = fmt.Sscan(strings.TrimSpace(string(out)), &f[0], &f[1])
	return f, err
}

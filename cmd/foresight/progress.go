package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress draws a bar where its writer is a terminal, and nothing elsewhere.
type progress struct {
	w           io.Writer
	what        string
	n, of       int
	drawn       time.Time
	interactive bool
}

func newProgress(f *os.File, what string, of int) *progress {
	info, err := f.Stat()
	return &progress{w: f, what: what, of: of, interactive: err == nil && info.Mode()&os.ModeCharDevice != 0 && of > 1}
}

func (p *progress) step() {
	p.n++
	if p.interactive && (p.n == p.of || time.Since(p.drawn) > 100*time.Millisecond) {
		p.drawn = time.Now()
		const width = 40
		done := width * p.n / p.of
		fmt.Fprintf(p.w, "\r[%s%s] %d of %d %s", strings.Repeat("=", done), strings.Repeat(" ", width-done), p.n, p.of, p.what)
	}
}

// done wipes the bar.
func (p *progress) done() {
	if p.interactive {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

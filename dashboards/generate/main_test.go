package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommitted compares what is committed with what is generated; go generate ./dashboards writes it anew.
func TestCommitted(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := filepath.Glob("../*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(want) != len(all()) {
		t.Errorf("%d dashboards are committed, %d generated", len(got), len(want))
	}
	for _, path := range want {
		name := filepath.Base(path)
		generated, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(committed, generated) {
			t.Errorf("%s is not what the code gives: run go generate ./dashboards", name)
		}
	}
}

// TestLayout has the panels of every dashboard lie beside each other, inside the grid and without overlaps.
func TestLayout(t *testing.T) {
	for _, d := range all() {
		for i, p := range d.Panels {
			g := p.GridPos
			if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > columns {
				t.Errorf("%s: %q lies outside the grid: %+v", d.UID, p.Title, g)
			}
			for _, q := range d.Panels[:i] {
				o := q.GridPos
				if g.X < o.X+o.W && o.X < g.X+g.W && g.Y < o.Y+o.H && o.Y < g.Y+g.H {
					t.Errorf("%s: %q lies on %q", d.UID, p.Title, q.Title)
				}
			}
		}
	}
}

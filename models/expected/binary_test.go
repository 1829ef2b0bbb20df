package expected

import (
	"bytes"
	"slices"
	"testing"
)

func TestBinary(t *testing.T) {
	for _, points := range []int{0, 1, 5, 300, 9000, 20000} {
		m := New(5*minute, 28*day)
		fill(m, 5*minute, points, shapes["daily"])
		saved, err := m.AppendBinary([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		saved = saved[1:]
		r := New(5*minute, 28*day)
		fill(r, 5*minute, 50, shapes["spike"])
		if err := r.UnmarshalBinary(saved); err != nil {
			t.Fatalf("%d points: %v", points, err)
		}
		at := start + int64(points)*5*minute
		for range 400 { // and both go on alike
			m.Append(at, Value{1, 0, 2})
			r.Append(at, Value{1, 0, 2})
			at += 5 * minute
		}
		a, _ := m.AppendBinary(nil)
		b, _ := r.AppendBinary(nil)
		if !bytes.Equal(a, b) {
			t.Errorf("%d points: the restored memory differs", points)
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	m := New(5*minute, 28*day)
	fill(m, 5*minute, 9000, shapes["daily"])
	saved, _ := m.AppendBinary(nil)
	newer := slices.Clone(saved)
	newer[0]++
	other, _ := New(hour, 28*day).AppendBinary(nil)
	longer, _ := New(5*minute, 30*day).AppendBinary(nil)
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":       {nil, "past expectations: unknown version"},
		"newer":         {newer, "past expectations: unknown version"},
		"other step":    {other, "past expectations: saved for another step or history"},
		"other history": {longer, "past expectations: saved for another step or history"},
		"cut":           {saved[:len(saved)-1], "past expectations: damaged state"},
		"more":          {append(slices.Clone(saved), 0), "past expectations: damaged state"},
	} {
		r := New(5*minute, 28*day)
		fill(r, 5*minute, 50, shapes["spike"])
		if err := r.UnmarshalBinary(c.b); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if _, ok := r.Newest(); ok {
			t.Errorf("%s: the memory is not as new", name)
		}
	}
}

func FuzzUnmarshalBinary(f *testing.F) {
	for _, points := range []int{0, 3, 700} {
		m := New(hour, 7*day)
		fill(m, hour, points, shapes["bounded below"])
		b, _ := m.AppendBinary(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := New(hour, 7*day)
		if m.UnmarshalBinary(b) != nil {
			return
		}
		newest, ok := m.Newest()
		check := func(at int64, v Value) {
			if !(v.Lower <= v.Mean && v.Mean <= v.Upper) {
				t.Fatalf("at %d: %v", at, v)
			}
		}
		if ok {
			m.Each(newest-10*day, newest+day, 10*minute, check)
		}
		m.Append(newest+90*minute, Value{1, 0, 2})
		again, _ := m.AppendBinary(nil)
		r := New(hour, 7*day)
		if err := r.UnmarshalBinary(again); err != nil {
			t.Fatalf("saved again: %v", err)
		}
	})
}

package codec

import (
	"errors"
	"math"
	"slices"
	"testing"
)

type inner struct{ n int }

func (p *inner) AppendBinary(b []byte) ([]byte, error) {
	return Append(b, 7, func(c *Coder) { c.Int(&p.n, 0, 9) })
}

func (p *inner) UnmarshalBinary(b []byte) error {
	return Read(b, 7, func(c *Coder) { c.Int(&p.n, 0, 9) })
}

type outer struct {
	i     int64
	u     uint64
	b     uint8
	yes   bool
	f     float64
	g     float32
	n     int
	fixed struct{ A, B int16 }
	words []uint16
	long  []uint32
	part  inner
}

func (o *outer) code(c *Coder) {
	c.Same(42)
	c.Int64(&o.i)
	c.Uint64(&o.u)
	c.Uint8(&o.b)
	c.Bool(&o.yes)
	c.Finite(&o.f)
	c.Float32(&o.g)
	c.Int(&o.n, -3, 3)
	c.Fixed(&o.fixed)
	Words(c, &o.words, 4)
	Words(c, &o.long, 4)
	c.Part("inner", &o.part)
	c.Demand(o.i < 0)
}

func whole() outer {
	o := outer{i: -5, u: 1 << 63, b: 200, yes: true, f: math.Pi, g: float32(math.Inf(1)), n: -3, words: []uint16{1, 65535}, long: []uint32{1 << 31}, part: inner{9}}
	o.fixed.A, o.fixed.B = -1, 2
	return o
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := whole()
	b, err := Append(nil, 3, want.code)
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	if err := Read(b, 3, got.code); err != nil {
		t.Fatal(err)
	}
	if got.i != want.i || got.u != want.u || got.b != want.b || got.yes != want.yes || got.f != want.f || got.g != want.g || got.n != want.n ||
		got.fixed != want.fixed || !slices.Equal(got.words, want.words) || !slices.Equal(got.long, want.long) || got.part != want.part {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for n := range b {
		if err := Read(b[:n], 3, new(outer).code); err == nil {
			t.Errorf("the first %d of %d bytes are taken", n, len(b))
		}
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(o *outer)
		more   []byte
		want   string
	}{
		"longer":         {func(*outer) {}, []byte{0}, "the state is longer than it should be"},
		"not finite":     {func(o *outer) { o.f = math.NaN() }, nil, "the state holds what can't be, or is of other options"},
		"beyond a bound": {func(o *outer) { o.n = 4 }, nil, "the state holds what can't be, or is of other options"},
		"too many":       {func(o *outer) { o.words = make([]uint16, 5) }, nil, "the state holds what can't be, or is of other options"},
		"demanded":       {func(o *outer) { o.i = 1 }, nil, "the state holds what can't be, or is of other options"},
		"a part's":       {func(o *outer) { o.part.n = 10 }, nil, "inner: the state holds what can't be, or is of other options"},
	} {
		o := whole()
		c.damage(&o)
		b, err := Append(nil, 3, o.code)
		if err != nil {
			t.Fatal(err)
		}
		if err := Read(append(b, c.more...), 3, new(outer).code); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	b, _ := Append(nil, 3, func(*Coder) {})
	if err := Read(b, 4, func(*Coder) {}); err == nil || err.Error() != "the state is of version 3, want 4" {
		t.Errorf("another version: got %v", err)
	}
	if err := Read(nil, 4, func(*Coder) {}); !errors.Is(err, errShort) {
		t.Errorf("nothing: got %v", err)
	}
}

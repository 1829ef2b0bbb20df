package anomaly

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"
)

func TestStateRestores(t *testing.T) {
	rows := traffic(16, 1)
	rows[15*288+50] += 60
	a := New(fiveMinutes, options())
	half := 14 * 288
	for i, v := range rows[:half] {
		a.Observe(int64(i)*fiveMinutes, v, wave(i), false)
	}
	state, err := a.AppendBinary([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(state) - len("before"); got > 3<<10 {
		t.Errorf("state: got %d bytes, want at most 3 KiB", got)
	}
	b := New(fiveMinutes, options())
	if err := b.UnmarshalBinary(state[len("before"):]); err != nil {
		t.Fatal(err)
	}
	for i, v := range rows[half:] {
		at := int64(half+i) * fiveMinutes
		want, _ := a.Observe(at, v, wave(half+i), false)
		if got, _ := b.Observe(at, v, wave(half+i), false); got != want {
			t.Fatalf("row %d: got %v, want %v", half+i, got, want)
		}
	}
}

func TestStateRefused(t *testing.T) {
	s := New(fiveMinutes, options())
	s.Observe(0, 1, wave(0), false)
	good, err := s.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), good...)
	flipped[len(flipped)/2] ^= 1
	version := append([]byte(nil), good...)
	version[0]++
	for name, b := range map[string][]byte{
		"empty": nil, "short": good[:len(good)-1], "long": append(slices.Clip(good), 0), "flipped": flipped, "version": version,
	} {
		r := New(fiveMinutes, options())
		r.Observe(0, 1, wave(0), false)
		if err := r.UnmarshalBinary(b); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r.Seen {
			t.Errorf("%s: the scorer is not as new", name)
		}
	}
	if err := New(60_000, options()).UnmarshalBinary(good); err == nil {
		t.Error("another step: no error")
	}
}

// FuzzUnmarshalBinary corrects the checksum of what it is given, so that damage gets past it.
func FuzzUnmarshalBinary(f *testing.F) {
	s := New(fiveMinutes, options())
	for i, v := range traffic(3, 1) {
		s.Observe(int64(i)*fiveMinutes, v, wave(i), false)
	}
	good, err := s.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{stateVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= stateHead {
			binary.LittleEndian.PutUint32(b[stateHead-4:], crc32.ChecksumIEEE(b[stateHead:]))
		}
		s := New(fiveMinutes, options())
		if s.UnmarshalBinary(b) != nil {
			return
		}
		for i := range int64(50) {
			if got, _ := s.Observe(s.Last+i%3*fiveMinutes, float64(i%5), wave(int(i)), false); got.Value < 0 {
				t.Fatalf("score %v", got)
			}
		}
	})
}

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
	a, past := New(fiveMinutes, options()), &ring{}
	half := 14 * 288
	for i, v := range rows[:half] {
		a.Observe(int64(i)*fiveMinutes, v, unknown, past)
		past.push(v)
	}
	state, err := a.AppendBinary([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(state) - len("before"); got > 6<<10 {
		t.Errorf("state: got %d bytes, want at most 6 KiB", got)
	}
	b := New(fiveMinutes, options())
	if err := b.UnmarshalBinary(state[len("before"):]); err != nil {
		t.Fatal(err)
	}
	for i, v := range rows[half:] {
		at := int64(half+i) * fiveMinutes
		want, got := a.Observe(at, v, unknown, past), b.Observe(at, v, unknown, past)
		if got != want {
			t.Fatalf("row %d: got %v, want %v", half+i, got, want)
		}
		past.push(v)
	}
}

func TestStateRefused(t *testing.T) {
	s := New(fiveMinutes, options())
	s.Observe(0, 1, unknown, &ring{})
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
		r.Observe(0, 1, unknown, &ring{})
		if err := r.UnmarshalBinary(b); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r.learnt.Rows != 0 {
			t.Errorf("%s: the scorer is not as new", name)
		}
	}
	if err := New(60_000, options()).UnmarshalBinary(good); err == nil {
		t.Error("another step: no error")
	}
}

// FuzzUnmarshalBinary corrects the checksum of what it is given, so that damage gets past it.
func FuzzUnmarshalBinary(f *testing.F) {
	s, past := New(fiveMinutes, options()), &ring{}
	for i, v := range traffic(3, 1) {
		s.Observe(int64(i)*fiveMinutes, v, unknown, past)
		past.push(v)
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
			if got := s.Observe(s.Last+i%3*fiveMinutes, float64(i%5), unknown, past); !(got.Value >= 0 && got.Value <= highest) {
				t.Fatalf("score %v", got)
			}
		}
	})
}

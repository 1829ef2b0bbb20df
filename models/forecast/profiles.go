package forecast

// profiles are slow means of the bent coarse values by hour of day and by hour of week (or whatever the seasons are).
// After its first visits a slot learns at a fixed rate; a slot of the long season starts where the short one stands.
type profiles struct {
	period, longPeriod int
	short              []float32 // by slot modulo p
	long               []float32 // by slot modulo w
	visits             []uint16  // of a slot of the long season, or of the short where there is no long one
}

func newProfiles(p, w int) profiles {
	return profiles{period: p, longPeriod: w, short: make([]float32, p), long: make([]float32, w), visits: make([]uint16, p+w)}
}

// learn takes in the value of a slot.
func (f *profiles) learn(slot int, v float32) {
	if f.period == 0 {
		return
	}
	i := slot % f.period
	f.visits[i]++
	f.short[i] += max(profileRate, 1/float32(f.visits[i])) * (v - f.short[i])
	if f.longPeriod == 0 {
		return
	}
	if j := slot % f.longPeriod; f.visits[f.period+j] == 0 {
		f.visits[f.period+j] = 1
		f.long[j] = f.short[i]
	} else {
		f.visits[f.period+j]++
		f.long[j] += max(profileRate, 1/float32(f.visits[f.period+j])) * (v - f.long[j])
	}
}

// at returns both profiles at a slot, part of a coarse step later.
func (f *profiles) at(slot int, part float64) (short, long float64) {
	if f.period > 0 {
		short = between(f.short, slot%f.period, part)
	}
	if f.longPeriod > 0 {
		long = between(f.long, slot%f.longPeriod, part)
	} else {
		long = short
	}
	return short, long
}

// codes encodes both profiles, which are standardised values.
func (f *profiles) codes(dst []uint16) []uint16 {
	for _, s := range [2][]float32{f.short, f.long} {
		for _, v := range s {
			dst = append(dst, encodeFloat(float64(v), profileTop))
		}
	}
	return dst
}

// decode is the reverse of codes; f has the right sizes.
func (f *profiles) decode(codes []uint16) {
	for i := range f.short {
		f.short[i] = float32(decodeFloat(codes[i], profileTop))
	}
	for i := range f.long {
		f.long[i] = float32(decodeFloat(codes[f.period+i], profileTop))
	}
}

func between(s []float32, i int, part float64) float64 {
	if part == 0 {
		return float64(s[i])
	}
	j := i + 1
	if j == len(s) {
		j = 0
	}
	return float64(s[i]) + part*float64(s[j]-s[i])
}

// profileTop is the binary exponent that no standardised value reaches.
const profileTop = 11

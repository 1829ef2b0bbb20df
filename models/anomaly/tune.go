package anomaly

// K are knobs for experiments.
var K = [64]float64{1, 1, 1, 1, 1, 1, 0, 1, 0, 14, 1, 0, 400, .3, .3, 1.5, 50, 100, 3, 1.1, 1, .3, 3, .5, .1, .5, 0, .2, 48, 5, 5, 0, 3, 4, 0, 0, 1, 30, 1, 1, 24, 200, 1000, 1.7, 2.8}

// Dbg gets the internals.
var Dbg func(z, ev [8]float64, ch [2]float64, p, x, spread float64)

func (s *Scorer) Tot() [4]float32 { c := &s.learnt.Total; return [4]float32{c.Mid, c.High, c.Slope, c.Shape} }

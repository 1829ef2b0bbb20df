package anomaly

// K are knobs for experiments.
var K = [64]float64{1, 1, 1, 1, 1, 1, 1, 1, 0, 14, 1, 0, 100, .3, .3, 1.5, 50, 100, 3, 1.1, 4, .3, 3, .5}

// Dbg gets the internals.
var Dbg func(z, ev [8]float64, ch [2]float64, p, x, spread float64)

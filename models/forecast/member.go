package forecast

// member is one of the simple forecasters that a combination is made of.
type member interface {
	// name returns how the member is called where a model is described.
	name() string
	// prepare readies the member at the cutoff of e for leads of up to so many coarse steps.
	prepare(e *ensemble, steps int)
	// forecast returns what the member expects lead fine steps after the cutoff, NaN where it cannot tell.
	forecast(e *ensemble, lead int) float64
}

// pool is a choice of members.
type pool uint8

const (
	poolHours   pool = iota // steps of an hour and more
	poolMinutes             // below, on two grids
	poolShort               // too little for two grids
	poolFlat                // no season
	numPools
)

// roster holds one of each member, and the pool chosen of them.
type roster struct {
	weeklyRegression, dailyRegression, plainRegression regressionMember
	shape, shapeShift                                  shapeMember
	weekly, weeklyShift                                weeklyMember
	trend, trendBent                                   trendMember
	seasonalShift                                      seasonalShift
	seasonalNaive                                      seasonalNaive
	seasonalMedian                                     seasonalMedian
	lineNear, lineFar                                  lineMember
	increment                                          increment
	weeklyIncrement                                    weeklyIncrement
	recent                                             [4]recentMedian
	chosen                                             [maxPool]member
}

// choose returns the members of a pool, which stay those of r.
func (r *roster) choose(p pool) []member {
	r.weeklyRegression.terms = weeklyTerms
	r.dailyRegression.terms = dailyTerms
	r.plainRegression.terms = plainTerms
	r.shapeShift.shifted, r.weeklyShift.shifted, r.trendBent.onBent = true, true, true
	r.lineFar.far = true
	for i, n := range [...]int{1, 4, 12, mostRecent} {
		r.recent[i].samples = n
	}
	r.shape.none() // what others take over from them is of this pool
	r.weekly.none()
	n := 0
	add := func(members ...member) { n += copy(r.chosen[n:], members) }
	seasonal := func() { add(&r.seasonalShift, &r.seasonalNaive, &r.seasonalMedian) }
	add(&r.lineNear, &r.lineFar)
	switch p {
	case poolHours:
		add(&r.weeklyRegression, &r.dailyRegression, &r.plainRegression, &r.shapeShift, &r.weekly, &r.weeklyShift, &r.weeklyIncrement)
		seasonal()
		add(&r.recent[1], &r.recent[2])
	case poolMinutes:
		add(&r.dailyRegression, &r.weekly, &r.weeklyShift, &r.weeklyIncrement, &r.shape, &r.shapeShift, &r.increment)
		seasonal()
		add(&r.recent[0], &r.recent[3])
	case poolShort:
		seasonal()
		add(&r.recent[0], &r.recent[1], &r.recent[2], &r.recent[3])
	default:
		add(&r.dailyRegression, &r.plainRegression, &r.recent[0], &r.recent[1], &r.recent[2], &r.recent[3])
	}
	add(&r.trend, &r.trendBent)
	return r.chosen[:n]
}

// regressionsOf reports which regressions a pool has.
func regressionsOf(members []member) (uses [numRegressions]bool) {
	for _, m := range members {
		if r, ok := m.(*regressionMember); ok {
			uses[r.terms] = true
		}
	}
	return uses
}

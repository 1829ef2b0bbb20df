package forecast

// kind is one of the simple forecasters.
type kind uint8

const (
	kindWeekly     kind = iota // regression on lags around both seasons, bent scale
	kindDaily                  // regression on lags around the short season, bent scale
	kindPlain                  // the same on the plain scale
	kindShape                  // level of the last season + its median shape, bent scale
	kindShapeShift             // the same, shifted by the errors of the last hours
	kindLong                   // median of the same moment of several long seasons
	kindLongShift              // the same, shifted by the errors of the last hours
	kindTrend                  // level and drift of the last seasons + their median shape, shifted
	kindTrendBent              // the same on the bent scale
	numPaths
)

const (
	kindShift    = numPaths + iota // a season ago, shifted by the last differences
	kindNaive                      // a season ago
	kindMedian                     // median of the same moment of several seasons
	kindLineNear                   // line through the last hours, followed as long
	kindLineFar                    // line through the last day
	kindFlat1                      // median of the last flats[k] samples
	kindFlat2
	kindFlat3
	kindFlat4
	numKinds
)

var kindNames = [numKinds]string{
	"regression_weekly", "regression_daily", "regression_plain", "shape", "shape_shift", "weekly_median", "weekly_shift",
	"trend", "trend_bent", "seasonal_shift", "seasonal_naive", "seasonal_median", "line_near", "line_far",
	"median_1", "median_2", "median_3", "median_4",
}

// maxPool is the most members a combination has.
const maxPool = 17

// pools are the combinations that there are.
type pools uint8

const (
	poolHours   pools = iota // steps of an hour and more
	poolMinutes              // below, on two grids
	poolShort                // too little for two grids
	poolFlat                 // no season
	numPools
)

// kinds gives the members of a pool; the list is not to be changed.
func (p pools) kinds() []kind {
	switch p {
	case poolHours:
		return []kind{
			kindWeekly, kindDaily, kindPlain, kindShapeShift, kindLong, kindLongShift, kindTrend, kindTrendBent,
			kindShift, kindNaive, kindMedian, kindLineNear, kindLineFar, kindFlat1, kindFlat2, kindFlat3,
		}
	case poolMinutes:
		return []kind{
			kindDaily, kindLong, kindLongShift, kindShape, kindShapeShift, kindTrend, kindTrendBent, kindShift, kindNaive,
			kindMedian, kindLineNear, kindLineFar, kindFlat1, kindFlat2, kindFlat3, kindFlat4,
		}
	case poolShort:
		return []kind{
			kindTrend, kindTrendBent, kindShift, kindNaive, kindMedian, kindLineNear, kindLineFar,
			kindFlat1, kindFlat2, kindFlat3, kindFlat4,
		}
	}
	return []kind{
		kindDaily, kindPlain, kindTrend, kindTrendBent, kindLineNear, kindLineFar, kindFlat1, kindFlat2, kindFlat3, kindFlat4,
	}
}

// regressions are the kinds that have coefficients.
const numRegressions = 3

const (
	shiftDecay    = 0.99 // of a shift, a step
	logShiftDecay = -0.01005033585350145
	shiftSteps    = 6           // that a shift is the trimmed mean of
	medianPast    = 7           // seasons in kindMedian and in the shapes
	longPast      = 8           // long seasons in kindLong
	insidePast    = 5           // seasons in the shape inside an hour
	madToError    = 1.48 * 1.25 // from the median absolute deviation to the standard error of a median, times the root of n
	newest        = 12          // fine values that widen the range of forecasts
	maxPathSteps  = 176         // coarse steps ahead without allocating
)

// flatSteps gives how many samples the flat members take the median of.
func flatSteps(k int) [4]int {
	if k == 1 {
		return [4]int{2, 4, 12, 24}
	}
	return [4]int{1, 3, 12, 24}
}

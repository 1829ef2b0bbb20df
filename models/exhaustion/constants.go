package exhaustion

import (
	"math"
	"time"
)

// Sizes: what is remembered. They decide memory and processor time, and hardly any figure.
const (
	size            = 696   // buckets: 29 days of hours
	perWithin       = 24    // buckets in the smallest time that is asked for, at least
	perMedian       = 16    // samples of a bucket that its median is taken of, at most
	fineBuckets     = 72    // newest stretches of the series, a twelfth of a bucket or a step long
	perBucket       = 12    // of them in a bucket, at most
	mostPeaks       = 32    // peaks, beyond the ring: years of quarterly renewals
	mostStairs      = 16    // steps of a staircase
	retake          = 24    // buckets after which the range of the series is taken anew
	quantiles       = 15    // of the past errors, for each horizon
	lower, upper    = 2, 12 // of them, around the middle two thirds
	predictors      = 13    // of a rise
	predictorsNoisy = 6     // the first of them: no envelope
	everyNth        = 6     // bucket is an origin, or about every twelfth of the horizon
	between         = 4     // points from one horizon to the next, where the probability is steep
	day             = 24    // buckets of the trailing level of a noisy series

	dayMillis = int64(24 * time.Hour / time.Millisecond)
)

// Safety: what keeps numbers finite and claims modest where little is known.
const (
	never       = math.MinInt64 // end of a law that was not learnt
	unset       = math.MinInt64 // of a time
	staleAfter  = 48            // buckets without a sample after which there is no newest level
	unitSpan    = 1e30          // units that are stored at most
	farthest    = 1e37          // units that a limit is away at most
	enough      = 24            // buckets from the first to the newest, before which nothing is said
	fewest      = 3             // outcomes that a horizon is learnt from
	leastDrift  = 6             // buckets that a drift is taken over at least
	reachable   = 4             // histories: longest horizon that the law is drawn out to
	floorError  = 1e-4          // of the error of no rise, below which errors do not count
	leastBefore = 48            // stretches of before that a rise is held against
	leastShare  = 0.6           // of the points of a line are not missing
	leastLikely = 0.05          // to be reached within Reach, for quantiles to be given: what docs/metrics.md promises
	likely      = 0.5           // to be reached before: said of times that the past does not tell of
	steep       = 0.1           // from one horizon to the next

	negligibleSpread = 1e-9 // of the gap
)

// Tuned, the law of the past: chosen on recorded memory, writes and random limits; half and double of any one move the figures
// of docs/models-exhaustion.md by a few hundredths.
const (
	halfLife    = 336  // buckets after which an outcome counts half
	learnable   = 0.75 // of the history: longest horizon that outcomes are taken for
	trusted     = 0.4  // of the age: longest horizon that the law covers; new series say nothing of next week
	spreadRoot  = 0.75 // power by which the spread grows where the law is drawn out
	reclaim     = 4    // median moves that a cleaning is
	damping     = 0.8  // of a drift that goes on
	noRisePrior = 16   // times the weight of no rise, where the series is not accumulating
	smoothing   = 0.5  // width of the kernel for one outcome (Silverman's rule for few outcomes)
	sharpCount  = 2    // outcomes that the bell stands for, and its spread, in the calibrated part
	sharpSpread = 0.6
	heavyCount  = 5 // and in the part that allows for what was never seen
	heavySpread = 2.0
	heavyShare  = 0.45 // of that part: medians of noisy memory against calibration
)

// Tuned, the regime under way: tests in situations_test.go pin them.
const (
	straight   = 0.08    // of the gain: largest residual deviation of a line; R² is .92 then
	restless   = 1.5     // noises: residual deviation that is no bend
	clearGain  = 6.0     // noises: least gain
	certain    = 4.0     // standard errors: least slope
	jump       = 0.5     // of the gain: largest single move
	goesOn     = 0.5     // of what the line says: least rise over its last quarter
	doubt      = 3.0     // noises that this may lack
	fallen     = 0.25    // of its gain: below a line by more, the newest sample is no longer of it
	mostRecent = 3       // buckets: longest last quarter, so that an alarm ends soon after a copy
	short      = 0.01    // penalty of a line one bucket long, in relative error of the slope
	surprising = 1.5     // times the largest rise before: least that is new
	tail       = 4.0     // power of the tail of rises beyond the largest
	newRegime  = 0.01    // of all looks see a new regime begin
	firstDays  = 2       // days before anything can be unlike what was: most things come daily
	before     = 1.15    // ages of the rise ago, from where on back rises are of before
	endures    = 0.06    // power by which what is unlike the calm ends: after 3 h, 87 % goes on ten times as long
	young      = 1.0     // the same of a series that never did anything else: it goes on as long again
	newFor     = 168     // buckets of history for which a series is new: the law of its past knows too little
	overshoot  = 1.5     // residual deviations by which samples touch the limit before their line does
	vague      = 0.05    // relative error of any time, and more the further it is beyond the age of the rise
	renews     = 0.02    // of renewals fail: below 1 in 20, so that this alone gives no time
	late       = 1.0 / 3 // bucket that a reset may come late
	peakPrior  = 2       // peaks that are taken for granted: the tail of two peaks alone would have no mean
	uneven     = 0.05    // of the depth: deviation of the peaks of a saw tooth, where two are known
	trending   = 3.0     // standard errors: a trend of the peaks
	turn       = 8.0     // noises: least depth of a turn
	fallShare  = 4       // rises are so many times as long as falls in a saw tooth
	fewPeaks   = 2       // that make one
	noLonger   = 3       // peaks, below the highest of which a rise is nothing new
	wavy       = 0.6     // of half a day's differences: a day's, where the series is a daily wave
	stairs     = 5       // steps that make a staircase
	seldom     = 0.05    // of the buckets may see a step
	spaced     = 0.6     // variation of the time between two steps
)

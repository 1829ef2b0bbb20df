package forecast

// Sizes decide memory and processor time, and hardly any figure.
const (
	fineSize       = 2016
	hourlySize     = 672
	longSize       = 1680 // where the step is an hour or more
	keptErrors     = 960  // errors that intervals are read from
	keptMinutes    = 336  // and below steps of an hour
	numRanks       = 16   // levels that errors are told apart by
	maxAge         = 15   // pairs of days that errors are told apart by
	numSlots       = 24   // parts of the short season that errors are kept by
	maxPool        = 17   // members of a pool
	maxTerms       = 16   // of a regression, the constant included
	maxPath        = 16   // medium steps that are expected at once
	maxOpen        = 4    // forecasts of one horizon
	maxTrajectory  = 176  // coarse steps ahead that there is room for without allocating
	maxSparseLeads = 6    // leads that are looked at without unpacking all of the window
	eventMostHours = 24   // hours of the week; more are a weekly pattern, which members hold
	leastRefit     = 4    // samples between two refits that nothing asks for
	neighbours     = 3    // days before and after that an hour is compared with
	eventWeeks     = 3    // weeks that have to agree, at least
	insidePast     = 5    // days that the pattern within an hour is a median of
)

// Safety: what keeps numbers finite and claims modest where little is known.
const (
	leastError     = 1e-12                // that errors are measured in, of the range
	leastBend      = 1e-9                 // keeps values that are tiny beside the range from spreading the second scale without end
	packed         = 2048                 // how many parts of their range remembered values are told apart by
	farthest       = 1e15                 // the largest scaled value: values that a later fit would scale otherwise stay finite until then
	minRows        = 100                  // before a regression is solved
	fittedAfter    = 3                    // rows a term wants before the fit is used
	ridge          = 3e-4                 // of a regression, of the weight of its rows: its terms are nearly collinear
	ridgeConst     = 1e-6                 // and of its constant
	leastPower     = 1e-9                 // variance of what has a season, of the range: below is rounding
	learnedVisits  = 3                    // seasons before errors count
	leastRest      = 1e-3                 // of the error without a season: where a day leaves less, a week has nothing to add
	leastSide      = 0.02                 // an interval reaches to one side of the mean, of how far it reaches to the other
	maxWiden       = 1.2                  // logarithm of the largest factor
	minWiden       = -0.4                 // and of the smallest
	fallbackFrom   = 60                   // forecasts measured, before a negative skill counts
	madToError     = 1.48 * 1.25          // from the median absolute deviation to the standard error of a median, times the root of n
	madToDeviation = 1.48                 // from the median absolute deviation to a standard deviation, of normal errors
	logShiftDecay  = -0.01005033585350145 // logarithm of shiftDecay
)

// Tuned: chosen on recordings and on simulated shapes. Those of breaks, trends and events are pinned by shapes_test.go.
const (
	spreadPower   = 0.3   // by which the members' disagreement widens
	rankWidth     = 0.2   // of the distance of two ranks at which their errors count half, of all ranks
	rankFloor     = 0.1   // and what errors of any rank count at least
	slotPower     = 0.5   // by which an hour's usual error widens
	burstAt       = 2     // mean errors; what is above does not count there
	untried       = 1.4   // times the bucket before, where a bucket was never tried: as a random walk does
	alike         = 2     // errors that count as one, since neighbours err together
	biased        = 1.64  // standard errors: how certain a bias is before the centre takes it in
	oneSided      = 0.05  // share of errors on the other side, below which there is nothing to prove
	dailyDecay    = 0.85  // of an error's weight in the members' scores
	farFrom       = 6     // hours ahead, from where on minutes are judged by hours too
	shiftDecay    = 0.99  // of a shift, a step
	shiftSteps    = 6     // that a shift is the trimmed mean of
	medianPast    = 7     // seasons in the seasonal median and in the shapes
	longPast      = 8     // long seasons in the weekly median
	newest        = 12    // fine values that widen the range of forecasts
	eventAgree    = 2     // factor within which they do
	eventClear    = 6     // usual deviations of that hour of day that an event is larger than
	eventFloor    = 0.5   // of the mean of all hours' deviations, below which no hour's counts
	driftSeasons  = 3     // size: seasons, over which moves are seen: a quiet day is less than half of them
	oneWay        = 0.5   // size: of the mean square of moves, that of their mean where they go one way
	shifted       = 4     // times that the short season was nearer of late, for gaps to be filled from it
	farLead       = 9     // first bucket whose own errors stand for those overall
	nearLead      = 4     // last bucket whose own errors count alone
	nearPrior     = 0.1   // share of the overall error in that of a bucket
	slotPrior     = 0.3   // and of a slot
	priorWeight   = 5     // of the overall error where a bucket or slot was not seen
	lineNear      = 6     // samples that a line is fitted to, and followed for
	lineFar       = 24    // coarse steps of the longer one
	steady        = 0.9   // Kendall's tau of the seasons' means: all but one of 21 pairs agree
	silentShare   = 0.25  // of a season: nearer, a trend says what the shape says, and would count twice
	memory        = 0.996 // weight of a row after one more
	huberClip     = 3     // usual residuals, from which on a row counts less (Huber 1964)
	spreadRate    = 0.01  // of the usual residual
	profileRate   = 0.2   // of a slow profile, a visit
	margin        = 0.3   // how far beyond the values seen a forecast may go, as a share of their range
	clearSeason   = 0.5   // autocorrelation that a season found in the data has at least
	beatsDay      = 0.2   // and how much more than a day's
	alikeSeason   = 0.85  // share of the largest autocorrelation that makes a shorter season the one
	winsorAt      = 4     // medians of the absolute value
	confirmShort  = 0.9   // error with the short season, over that without, at most
	confirmLong   = 0.97  // the same of the long one
	forget        = 0.99  // of the record of a horizon, a forecast
	driftShare    = 0.6   // of samples missed that asks for a refit
	nearGain      = 0.01  // by which a miss widens
	farGain       = 0.05  // and beyond an hour
	clearlyBetter = 0.97
	breakAt       = 4  // usual errors: few quiet samples are further off
	breakFades    = 12 // coarse steps ahead, in which what is off now counts half
	followAfter   = 12 // anomalous samples on end, from which on forecasts see them
)

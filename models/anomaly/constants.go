package anomaly

import "time"

// Every number of this package that was chosen, with its role: "size" follows from a unit or from what white noise does
// and can be recomputed, "safety" keeps arithmetic and the first hours sane, "tuned" was compared on recordings. What half
// and double of the tuned ones cost is measured by tools/sensitivity; docs/models-constants.md has the table.
const (
	day          = 86_400_000     // size: milliseconds
	week         = 7 * day        // size
	hourRows     = 12             // tuned: rows that err together; of a block, of the short mean, and until an event is over
	longRows     = 144            // tuned: rows of the long mean, half a day at 5 minutes: slow drifts
	longClip     = 4              // tuned: half-widths, as which an error counts at most in the long mean
	adjacentRows = 3.5            // safety: rows apart, up to which samples are neighbours
	lostRows     = 12             // safety: rows without a sample, after which nothing recent is known
	warmUp       = 30             // safety: rows with an expectation, ...
	warmBlocks   = 4              // safety: ... and blocks, before the first score; twice as many before the law of sums learns
	settle       = 24 * time.Hour // size: default of Options.Settle

	rate         = .001 // tuned: share of the newest error in the usual one: 1,000 rows, 3.5 days at 5 minutes
	huberLimit   = 1.2  // tuned: usual errors, as which one counts at most: most errors exceed the usual one
	moveLimit    = 5    // safety: the same of movements
	halfWidth    = 2    // size: usual errors that make the unit of errors, as wide as 2/3 of a normal law
	levelMost    = 8    // tuned: times by which the usual error may grow or shrink with the level
	levelRows    = 288  // safety: rows, at which the growth with the level is believed half
	absurd       = 1e6  // safety: units, beyond which a value is taken for missing
	resolution   = .25  // tuned: of the least difference seen, the least unit of errors
	whitenClip   = 1    // tuned: units; what is beyond does not explain the next error
	still        = .01  // tuned: of the usual movement; less is none
	usualShare   = .1   // tuned: of blocks that exceed the usual largest
	memoryWeeks  = 4    // tuned: of blocks, as the forecaster remembers
	memoryLeast  = 50   // safety: blocks
	knownDays    = 3    // size: days remembered; on two of them a thing must have been to be known on the third
	spreadWeight = 2    // tuned: octaves that a doubling of the spread counts for, since spreads vary half as much as errors

	sumStart    = 2.5  // size: the law of sums of white noise, its 90 % point, ...
	sumMean     = .6   // size: ... and the mean beyond
	singleStart = 1    // size: the same of single samples
	singleMean  = .5   // size
	priorBlocks = 40   // tuned: exceedances that the law of noise is worth
	robust      = 2.5  // tuned: mean excesses, as which one counts at most
	commonest   = .013 // tuned: probability of a block; what is more frequent is no anomaly, whatever was promised

	closing     = .5  // tuned: score below which an event calms down
	worse       = 1   // tuned: by which the score must exceed that of an onset to be another
	repeat      = .12 // tuned: by which each event of the last week or so raises the bar
	youngSettle = 16  // tuned: what lasted for a sixteenth of a series' life is normal, where that is less than Options.Settle
	impossible  = 2   // size: score of a value outside of the bounds
)

// floors are what the largest of a block of white noise is for each statistic: less is never unusual.
func floors() *[statistics]float64 {
	return &[statistics]float64{statAbove: 1.5, statBelow: 1.5, statHour: .5, statLong: .15, statVolatile: .85, statFlat: 1.3}
}

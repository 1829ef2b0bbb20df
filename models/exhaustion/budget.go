package exhaustion

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const (
	budgetSize  = 720 // buckets of the window: 30 days of hours
	budgetPaths = 96
	presentMost = 72 // buckets that the present lasts at most
	blockMost   = 6  // buckets that are drawn together
)

// BudgetOptions say what may fail. They are shared and never changed after use.
type BudgetOptions struct {
	Objective float64         // share of good events that is promised, in (0, 1)
	Window    time.Duration   // rolling, over which it is promised
	Within    []time.Duration // for which probabilities are given, each at most Reach
}

// Budget tells when the errors of a rolling window have used up what the objective allows, if the present goes on. Every
// moment of the window counts the same, as in a budget of minutes. It is not safe for concurrent use.
type Budget struct {
	options *BudgetOptions
	width   int64 // of a bucket, in ms
	window  int   // buckets
	last    int64
	head    int64
	count   int
	sum     float64 // of the samples in the newest bucket
	seen    int64
	ratio   [budgetSize]float32 // bucket n at n mod budgetSize; 0 where there were no samples
}

// NewBudget returns a budget of which nothing is spent. Buckets are an hour, and longer where the window is beyond 30 d.
func NewBudget(o *BudgetOptions) *Budget {
	width := max(time.Hour.Milliseconds(), (o.Window.Milliseconds()+budgetSize-1)/budgetSize, 1)
	window := int(max(1, (o.Window.Milliseconds()+width-1)/width))
	return &Budget{options: o, width: width, window: window, last: math.MinInt64}
}

// Observe learns the share of bad events at time t (Unix milliseconds), held to 0 to 1, in constant time and without
// allocating. NaN and skipped moments had no events and spend nothing; samples not after the newest are ignored.
func (b *Budget) Observe(t int64, ratio float64) {
	if t <= b.last {
		return
	}
	b.last = t
	n := numeric.FloorDiv(t, b.width)
	if b.count == 0 || n-b.head >= budgetSize {
		b.count, b.head = 0, n-1
		clear(b.ratio[:])
	}
	if n > b.head {
		b.sum, b.seen = 0, 0
	}
	for b.head < n {
		b.head++
		b.count = min(b.count+1, budgetSize)
		b.ratio[b.slot(0)] = 0
	}
	if math.IsNaN(ratio) {
		return
	}
	b.sum += max(0, min(1, ratio))
	b.seen++
	b.ratio[b.slot(0)] = float32(b.sum / float64(b.seen))
}

// slot is where the bucket is that ended so many before the newest.
func (b *Budget) slot(ago int) int {
	return int(numeric.Modulo(b.head-int64(ago), budgetSize))
}

// Spent is the share of the budget that the window has used up; above 1 it is gone.
func (b *Budget) Spent() float64 {
	s := 0.0
	for k := range min(b.count, b.window) {
		s += float64(b.ratio[b.slot(k)])
	}
	return s / b.allowed()
}

// allowed is the budget, in buckets of nothing but errors.
func (b *Budget) allowed() float64 { return (1 - b.options.Objective) * float64(b.window) }

// Assess fills dst, reusing its slice, with the law of the time until the budget is gone, as of the newest sample. It
// draws futures: each takes the present to be the last so many hours, between one hour and three days and as likely
// short as long on a logarithmic scale, goes on with hours of it in blocks of up to six, and loses the old errors as
// they leave the window. The draws are the same every time. A day of buckets is enough.
func (b *Budget) Assess(dst *Assessment) {
	dst.unknown(len(b.options.Within))
	if b.count < enough {
		return
	}
	if b.Spent() >= 1 {
		dst.reached()
		return
	}
	dst.Known = true
	steps := int(Reach.Milliseconds() / b.width)
	var times [budgetPaths]int
	var past [budgetSize]float32 // the newest first
	for k := range b.count {
		past[k] = b.ratio[b.slot(k)]
	}
	left, reached := b.allowed()*(1-b.Spent()), 0
	random := rand.New(rand.NewPCG(1, 2))
	for i := range budgetPaths {
		share := (float64(i) + 0.5) / budgetPaths
		present := int(math.Round(math.Pow(float64(min(presentMost, b.count)), share)))
		if t := draw(random, &past, left, present, b.window, steps); t > 0 {
			times[reached] = t
			reached++
		}
	}
	slices.Sort(times[:reached])
	for i, w := range b.options.Within {
		n, _ := slices.BinarySearch(times[:reached], int(w.Milliseconds()/b.width)+1)
		dst.Probability[i] = float64(n) / budgetPaths
	}
	if float64(reached) < leastLikely*budgetPaths {
		return
	}
	for i, p := range Probabilities {
		dst.Seconds[i] = float64(times[min(reached-1, int(p*float64(reached)))]) * float64(b.width) / 1000
	}
}

// draw is how many buckets one future takes until nothing is left of the budget; 0 where it is not within so many steps.
func draw(random *rand.Rand, past *[budgetSize]float32, left float64, present, window, steps int) int {
	var drawn [Reach / time.Hour]float32
	at, block := 0, 0
	for s := range steps {
		if block == 0 {
			at, block = random.IntN(present), min(present, blockMost)
		}
		drawn[s] = past[at]
		left -= float64(drawn[s])
		if leaves := window - 1 - s; leaves >= 0 {
			left += float64(past[leaves])
		} else {
			left += float64(drawn[-leaves-1])
		}
		if left <= 0 {
			return s + 1
		}
		if at--; at < 0 {
			at = present - 1
		}
		block--
	}
	return 0
}

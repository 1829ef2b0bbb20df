package incident

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

const minute = int64(60_000)

// company is a small one at rest: front calls cart and search, cart calls db, each with processor time, latency and
// requests, and each call with what its two ends see.
func company(n int, seed uint64) (*Recording, *Graph) {
	r := rand.New(rand.NewPCG(seed, 3))
	noisy := func(level, noise float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = level * (1 + noise*r.NormFloat64())
		}
		return v
	}
	rec, g := &Recording{Step: minute, Len: n}, &Graph{}
	for _, o := range []string{"front", "cart", "search", "db"} {
		rec.Series = append(rec.Series,
			Series{Owner: o, Metric: "cpu", Kind: Resource, Bad: Up, Values: noisy(20, 0.05)},
			Series{Owner: o, Metric: "latency", Kind: Latency, Bad: Up, Values: noisy(0.1, 0.05)},
			Series{Owner: o, Metric: "requests", Kind: Traffic, Values: noisy(50, 0.05)},
			Series{Owner: o, Metric: "availability", Kind: Errors, Bad: Down, Values: noisy(99.9, 0.0002)},
		)
	}
	for _, c := range [][2]string{{"front", "cart"}, {"front", "search"}, {"cart", "db"}} {
		g.AddCall(c[0], c[1], "")
		rec.Calls = append(rec.Calls, Call{Client: c[0], Server: c[1], LatencyClient: noisy(0.11, 0.03), LatencyServer: noisy(0.1, 0.03)})
	}
	return rec, g
}

// raise multiplies what a series has from index i on.
func (r *Recording) raise(owner, metric string, i int, by float64) {
	for k := range r.Series {
		if s := &r.Series[k]; s.Owner == owner && s.Metric == metric {
			for j := i; j < len(s.Values); j++ {
				s.Values[j] *= by
			}
		}
	}
}

func TestOwnerOfAFaultIsNamed(t *testing.T) {
	for seed := range uint64(5) {
		r, g := company(300, seed)
		r.raise("db", "cpu", 296, 4)
		r.raise("db", "latency", 296, 5)
		r.raise("cart", "latency", 296, 3) // a symptom of its callee
		r.raise("front", "latency", 296, 2)
		all := r.Suspects(g, r.Time(299), nil)
		require.Equal(t, "db", all[0].Owner)
		require.GreaterOrEqual(t, all[0].Score, 1.0)
		require.Equal(t, Resource, all[0].Kind)
		require.Equal(t, "cpu", all[0].Metric)
		require.Equal(t, 296, all[0].Evidence.Onset)
		require.InDelta(t, 20, all[0].Evidence.Before, 2)
		require.InDelta(t, 80, all[0].Evidence.After, 12)
		require.Contains(t, all[0].Reason(), "cpu rose from")
		for i := range all[1:] {
			require.LessOrEqual(t, all[i+1].Score, all[i].Score)
		}
	}
}

func TestNetworkDelayOfOneOwner(t *testing.T) {
	r, g := company(300, 1)
	for i := range r.Calls {
		if r.Calls[i].Server == "search" {
			for j := 297; j < 300; j++ {
				r.Calls[i].LatencyClient[j] = 2 // the server's own view stays
			}
		}
	}
	all := r.Suspects(g, r.Time(299), nil)
	require.Equal(t, "search", all[0].Owner)
	require.Equal(t, Edge, all[0].Kind)
	require.Equal(t, "front>search|latency_client", all[0].Metric)
}

func TestSilenceWhereNothingIsUnusual(t *testing.T) {
	named := 0
	for seed := range uint64(40) {
		r, g := company(300, seed)
		if r.Suspects(g, r.Time(299), nil)[0].Score >= 1 {
			named++
		}
	}
	require.LessOrEqual(t, named, 2, "of 40 quiet moments")
}

func TestNothingLaterIsUsed(t *testing.T) {
	r, g := company(300, 2)
	r.raise("db", "cpu", 236, 4)
	before := r.Suspects(g, r.Time(240), nil)
	for i := range r.Series {
		for j := 241; j < 300; j++ {
			r.Series[i].Values[j] = math.Inf(1)
		}
	}
	require.Equal(t, before, r.Suspects(g, r.Time(240), nil))
	require.Empty(t, r.Suspects(g, r.Start-1, nil), "before the first row")
}

// A share of 99.9 that falls to 99 is ten times as bad, though it moved by a hundredth.
func TestErrorsToldAsAvailability(t *testing.T) {
	r, g := company(300, 4)
	r.raise("cart", "availability", 296, 0.99)
	all := r.Suspects(g, r.Time(299), nil)
	require.Equal(t, "cart", all[0].Owner)
	require.Equal(t, Errors, all[0].Kind)
	require.False(t, all[0].Evidence.Up)
	require.Less(t, all[0].Evidence.After, 99.5)
}

func TestChangesByWhatFollowed(t *testing.T) {
	r, g := company(300, 5)
	r.raise("cart", "latency", 262, 3)
	target := &r.Series[1] // front's latency
	r.raise("front", "latency", 263, 2)
	changes := []Change{
		{Time: r.Time(200), Owner: "search", What: "deploy 7", ID: "a"},
		{Time: r.Time(260), Owner: "cart", What: "deploy 8", ID: "b"},
		{Time: r.Time(264), Owner: "cart", What: "deploy 9", ID: "c"},
		{Time: r.Time(270), Owner: "db", What: "deploy 3", ID: "d"},
		{Time: r.Time(290), Owner: "front", What: "deploy 4", ID: "later"},
	}
	all := r.Changes(g, r.Time(275), target, changes)
	require.Len(t, all, 4, "what is later is not known")
	require.Equal(t, []string{"b", "c"}, []string{all[0].ID, all[1].ID}, "one change of cart within ten minutes")
	require.Equal(t, "cart|latency", all[0].Metric)
	require.InDelta(t, 0.2, all[0].Effect.Mean, 0.03)
	require.LessOrEqual(t, all[0].Effect.Lower, all[0].Effect.Mean)
	require.Greater(t, all[0].Effect.Lower, 0.0)
	require.NotContains(t, all[0].Reason(), "cause")
}

func TestEffectIsWhatTheTimeOfDayDoesNotExplain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	day := func(i int) float64 { return 100 + 50*math.Sin(2*math.Pi*float64(i)/288) + r.NormFloat64() }
	inside := 0
	for k := range 40 {
		values := make([]float64, 8*288+24)
		for i := range values {
			values[i] = day(i + 7*k)
		}
		e := Measure(values, 5*minute, 8*288, len(values))
		require.True(t, e.Known)
		require.Less(t, math.Abs(e.Mean), 3.0, "the wave itself is no effect")
		if e.Lower <= 0 && 0 <= e.Upper {
			inside++
		}
		for i := 8 * 288; i < len(values); i++ {
			values[i] += 12
		}
		e = Measure(values, 5*minute, 8*288, len(values))
		require.InDelta(t, 12, e.Mean, 3)
		require.GreaterOrEqual(t, e.Score, 1.0)
	}
	require.GreaterOrEqual(t, inside, 34, "of 40 intervals that hold nothing")
}

func TestTooLittleIsNotMeasured(t *testing.T) {
	e := Measure([]float64{1, 2, 3}, minute, 2, 3)
	require.False(t, e.Known)
	require.Zero(t, e.Score)
	require.False(t, Measure(nil, minute, 0, 0).Known)
}

func TestClassify(t *testing.T) {
	rules := []Rule{{"Node*", Saturation, Up}, {"*latency*p99", Latency, Up}, {"cpu", Resource, Up}}
	for name, want := range map[string]Kind{
		"NodeCpu": Saturation, "http_latency_s_p99": Latency, "cpu": Resource, "cpus": Other, "latency_p9": Other, "": Other,
	} {
		kind, _ := Classify(rules, name)
		require.Equal(t, want, kind, name)
	}
}

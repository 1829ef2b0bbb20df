package disks

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	seeds = flag.Int("seeds", 1, "simulated disks of each shape")
	only  = flag.String("shape", "", "only the shapes whose name contains this")
)

// later is by how much a median lead may be later than that of a straight line over six hours.
const later = 2 * time.Hour

// enoughDisks is from how many of a shape on its median lead is held against that of the rivals.
const enoughDisks = 10

func TestForesightRaisesFewerFalseAlarmsAndMissesNoMore(t *testing.T) {
	rules, err := Rules()
	require.NoError(t, err)
	rows, err := Run(t.Context(), rules, *seeds, *only)
	require.NoError(t, err)
	var table strings.Builder
	Print(&table, rules, rows)
	t.Logf("%d disks of each shape: false alarms a disk and month; exhaustions missed, median lead\n%s", *seeds, table.String())

	const ours = 0
	for _, r := range rows {
		mine := &r.Tallies[ours]
		require.LessOrEqual(t, mine.FalseAMonth(), 1.0, r.Shape.Name)
		if mine.Full > 0 {
			require.GreaterOrEqual(t, mine.Lead(), day, r.Shape.Name)
		}
		for k, rival := range rules[1:] {
			theirs := &r.Tallies[1+k]
			require.LessOrEqual(t, mine.Missed, theirs.Missed, "%s: missed, against %s", r.Shape.Name, rival.Name)
			if mine.Full >= enoughDisks && theirs.False == 0 && r.Shape.Name != "new disk" {
				least := theirs.Lead()
				if rival.Name == "predict_linear over 6 h" {
					least -= later
				}
				require.GreaterOrEqual(t, mine.Lead().Round(time.Hour), least.Round(time.Hour), "%s: lead, against %s", r.Shape.Name, rival.Name)
			}
		}
	}
	if *only != "" {
		return
	}
	mine := Sum(rows, ours)
	for k, r := range rules[1:] {
		theirs := Sum(rows, 1+k)
		if strings.HasPrefix(r.Name, "predict_linear") {
			require.Less(t, mine, theirs, r.Name)
		} else {
			require.LessOrEqual(t, 10*mine, theirs, r.Name)
		}
	}
}

func TestDisksAreWhatTheirShapesSay(t *testing.T) {
	for _, s := range Shapes() {
		full := 0
		for seed := range uint64(20) {
			d := s.Draw(seed + 1)
			require.Equal(t, d, s.Draw(seed+1), "a seed gives the same disk")
			if d.Full >= 0 && d.Full < length {
				full++
			}
		}
		switch s.Name {
		case "steady fill", "weekly fill", "rotation with growth", "resize", "leak outgrowing restarts", "new disk", "sudden fill", "stopped cleaning":
			require.Equal(t, 20, full, s.Name)
		default:
			require.Zero(t, full, s.Name)
		}
	}
}

func TestFirings(t *testing.T) {
	var active []bool
	for _, c := range ".##.####..###." {
		active = append(active, c == '#')
	}
	require.Equal(t, []firing{{6, 7}, {12, 12}}, firings(active, 2, 0))
	require.Equal(t, []firing{{1, 2}, {4, 7}, {10, 12}}, firings(active, 0, 0))
	require.Equal(t, []firing{{1, 8}, {10, 13}}, firings(active, 0, 1), "one step of quiet is bridged")
	require.Equal(t, []firing{{6, 13}}, firings(active, 2, 2))
	require.Empty(t, firings(active, 4, 9))
}

// An alarm is true if the disk is full within twice the time the alert speaks of, and its lead at most that time.
func TestTally(t *testing.T) {
	disk := func(full int) *Disk {
		d := Disk{Full: full}
		for i := range length + beyond {
			d.Used, d.Size = append(d.Used, min(float64(i)/float64(full), 1)), append(d.Size, 1)
		}
		return &d
	}
	above := func(used string, within time.Duration) []Rule {
		return []Rule{{"above", []Alert{{"kubelet_volume_stats_used_bytes >= " + used, step, 0, within}}}}
	}
	compare := func(full int, r []Rule) Tally {
		tallies := make([]Tally, 1)
		require.NoError(t, Compare(t.Context(), Engine(), r, disk(full), tallies))
		return tallies[0]
	}
	full := 10 * perDay
	got := compare(full, above("0.9", 4*day)) // a day before
	require.Equal(t, []time.Duration{day - step}, got.Leads)
	require.Equal(t, [3]int{0, 1, 0}, [3]int{got.False, got.Full, got.Missed})
	got = compare(full, above("0.5", 4*day)) // five days before
	require.Equal(t, []time.Duration{4 * day}, got.Leads)
	require.Zero(t, got.False)
	got = compare(full, above("0.1", 4*day)) // nine days before: false, but it still speaks when the disk is full
	require.Equal(t, 1, got.False)
	require.Zero(t, got.Missed)
	got = compare(full, above("2", day))
	require.Equal(t, [3]int{0, 1, 1}, [3]int{got.False, got.Full, got.Missed})
	require.InDelta(t, 1.0/3, got.Months, 1e-3)
}

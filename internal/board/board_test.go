package board

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func names(b *Board) (out []string) {
	for _, s := range b.Snapshots() {
		out = append(out, s.Task)
	}
	return out
}

func TestBoard(t *testing.T) {
	var b Board
	require.Empty(t, b.Snapshots())
	require.Nil(t, b.Task("a"))
	b.Retain(func(string) bool { return true })

	for _, task := range []string{"b", "c", "a", "b"} {
		b.Publish(&Snapshot{Task: task, Origin: int64(len(names(&b)))})
	}
	require.Equal(t, []string{"a", "b", "c"}, names(&b))
	require.Equal(t, int64(3), b.Task("b").Origin, "the newest")
	require.Nil(t, b.Task("bb"))

	before := b.Snapshots()
	b.Retain(func(task string) bool { return task != "b" })
	require.Equal(t, []string{"a", "c"}, names(&b))
	require.Nil(t, b.Task("b"))
	require.Equal(t, "b", before[1].Task, "a reader keeps what it has")
}

func TestPublishersAndReadersAtOnce(t *testing.T) {
	var b Board
	var all sync.WaitGroup
	for task := range 8 {
		all.Go(func() {
			for i := range int64(100) {
				b.Publish(&Snapshot{Task: strconv.Itoa(task), Origin: i})
				require.Equal(t, i, b.Task(strconv.Itoa(task)).Origin)
			}
		})
	}
	all.Wait()
	require.Len(t, b.Snapshots(), 8)
}

func TestColumn(t *testing.T) {
	s := &Snapshot{Columns: []Column{
		{Metric: Expected, Values: []float64{1}},
		{Metric: Forecast, Label: "horizon", LabelValue: "6h", Values: []float64{2}},
		{Metric: Forecast, Label: "horizon", LabelValue: "1d", Values: []float64{3}},
		{Metric: Limit, Values: []float64{4}, Hidden: true},
	}}
	require.Equal(t, []float64{1}, s.Column(Expected, ""))
	require.Equal(t, []float64{3}, s.Column(Forecast, "1d"))
	require.Equal(t, []float64{4}, s.Column(Limit, ""))
	require.Nil(t, s.Column(Forecast, "2d"))
	require.Nil(t, s.Column(Observed, ""))
}

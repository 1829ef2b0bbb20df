package board

import (
	"context"
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
	var others [8]int // origins that another than the task's publisher must have put there
	for task := range others {
		all.Go(func() {
			for i := range int64(100) {
				b.Publish(&Snapshot{Task: strconv.Itoa(task), Origin: i})
				if b.Task(strconv.Itoa(task)).Origin != i {
					others[task]++
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, [8]int{}, others)
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

func TestSubscription(t *testing.T) {
	var b Board
	b.Publish(&Snapshot{Task: "a", Origin: 1})
	s := b.Subscribe()
	next := func() (string, int64) {
		got, err := s.Next(t.Context())
		require.NoError(t, err)
		return got.Task, got.Origin
	}
	told := make(chan *Snapshot)
	go func() {
		got, _ := s.Next(t.Context())
		told <- got
	}()
	b.Publish(&Snapshot{Task: "a", Origin: 2})
	require.Equal(t, int64(2), (<-told).Origin, "what was published before is not told")

	b.Publish(&Snapshot{Task: "a", Origin: 3})
	b.Publish(&Snapshot{Task: "b", Origin: 4})
	b.Publish(&Snapshot{Task: "a", Origin: 5})
	task, origin := next()
	require.Equal(t, "b", task)
	require.Equal(t, int64(4), origin)
	_, origin = next()
	require.Equal(t, int64(5), origin, "of each task the newest")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Next(ended)
	require.ErrorIs(t, err, context.Canceled)
	s.Close()
	b.Publish(&Snapshot{Task: "a", Origin: 6})
	_, err = s.Next(ended)
	require.ErrorIs(t, err, context.Canceled, "after its end nothing is told")
}

package fleet

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool bounds the processor time of all fleets that share it: no more than one piece of work for each core at a time.
type Pool struct{ slots chan struct{} }

// NewPool returns a pool of as many places as there are cores.
func NewPool() *Pool { return &Pool{slots: make(chan struct{}, runtime.GOMAXPROCS(0))} }

// Each calls work for 0 to n-1, concurrently, and returns when all are done.
func (p *Pool) Each(n int, work func(i int)) {
	if n == 0 {
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	turn := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			p.slots <- struct{}{}
			work(i)
			<-p.slots
		}
	}
	for range min(n, cap(p.slots)) - 1 {
		wg.Go(turn)
	}
	turn()
	wg.Wait()
}

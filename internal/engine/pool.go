package engine

import (
	"runtime"
	"sync"
)

// pool bounds the processor time of all tasks together: no more than one piece of work for each core at a time.
type pool struct{ slots chan struct{} }

func newPool() *pool { return &pool{slots: make(chan struct{}, runtime.GOMAXPROCS(0))} }

// chunk is how many series are worked on in one piece.
const chunk = 64

// each calls work for 0 to n-1, in pieces and concurrently, and returns when all are done.
func (p *pool) each(n int, work func(i int)) {
	var wg sync.WaitGroup
	for from := 0; from < n; from += chunk {
		p.slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-p.slots }()
			for i := from; i < min(from+chunk, n); i++ {
				work(i)
			}
		})
	}
	wg.Wait()
}

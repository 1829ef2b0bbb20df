package collector

import (
	"slices"
	"sync"
)

// mostUnsent is how many bytes of rendered answers may wait for clients to read them.
const mostUnsent = 256 << 20

// unsent are the answers that are being sent. Together they stay within a bound on their bytes, for which the oldest are
// ended: clients that don't read lose their answers, and those that come after them are answered. The zero value is ready
// for use.
type unsent struct {
	mu    sync.Mutex
	all   []*sending
	bytes int
}

type sending struct {
	bytes int
	end   func()
}

// enter notes an answer that is about to be sent; end makes its sending fail, and may be called until leave is.
func (u *unsent) enter(bytes int, end func()) (leave func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	one := &sending{bytes, end}
	for u.bytes+bytes > mostUnsent && len(u.all) > 0 {
		u.all[0].end()
		u.bytes -= u.all[0].bytes
		u.all = u.all[1:]
	}
	u.all = append(u.all, one)
	u.bytes += bytes
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if i := slices.Index(u.all, one); i >= 0 {
			u.all = slices.Delete(u.all, i, i+1)
			u.bytes -= one.bytes
		}
	}
}
